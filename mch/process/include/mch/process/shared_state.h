// Memory that the master maps before the first fork and all processes of the installation share:
// metrics, the table of processes, the table of jobs. Fixed slots, no pointers, no free lists.
//
// It is a cache of what is happening now; nothing that must not be lost lives here.
#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/clock.h"
#include "mch/metrics/metrics.h"

namespace mch::process {

// A lock in shared memory that survives the death of its owner.
class RobustMutex {
  public:
    // Once, by the process that maps the memory.
    void Initialise();
    // Runs `body` holding the lock. When the last owner died inside, `rebuild` runs first: it must
    // bring what the lock guards back to a valid state without reading it.
    template <typename Body, typename Rebuild>
    void With(Body&& body, Rebuild&& rebuild) {
        if (Lock()) {
            rebuild();
            ::pthread_mutex_consistent(&mutex_);
        }
        body();
        ::pthread_mutex_unlock(&mutex_);
    }

  private:
    bool Lock();  // true: the last owner died

    pthread_mutex_t mutex_;
};

// Text of fixed size, always ended by NUL.
template <std::size_t N>
struct FixedText {
    std::array<char, N> bytes;
    void Set(std::string_view text) {
        const std::size_t size = text.size() < N - 1 ? text.size() : N - 1;
        bytes.fill(0);
        for (std::size_t i = 0; i < size; ++i) bytes[i] = text[i];
    }
    std::string ToString() const { return {bytes.data()}; }
};

enum class ProcessState : std::uint32_t { kDown, kStarting, kRunning, kStopping };
std::string_view NameOf(ProcessState state);

struct ProcessRow {
    FixedText<32> name;  // "master", "worker 0", "scheduler"
    ProcessState state = ProcessState::kDown;
    std::int64_t slot = 0;  // index into SharedState::connections
    std::int64_t pid = 0;
    TimeMs started_at = 0;
    std::int64_t generation = 0;  // counts reloads
    std::int64_t restarts = 0;    // after crashes, since the master started
};

struct JobRow {
    FixedText<64> name;
    TimeMs started_at = 0;  // of the last run
    std::int64_t took_ms = 0;
    TimeMs succeeded_at = 0;
    std::int64_t runs = 0;
    std::int64_t failures_in_row = 0;
    FixedText<160> error;  // code and detail of the last failure
};

class SharedState {
  public:
    static constexpr std::size_t kProcesses = 320;
    static constexpr std::size_t kJobs = 64;

    // Maps and initialises the memory; aborts when the system has none. It stays until the last
    // process of the installation ends.
    static SharedState* Map();

    // Of the master: the whole truth about its processes, also after the table was rebuilt.
    void SetProcesses(const std::vector<ProcessRow>& rows);
    std::vector<ProcessRow> Processes();
    // Inserts or replaces the row of that name; of the scheduler.
    void SetJob(const JobRow& row);
    std::vector<JobRow> Jobs();
    // How often a table was rebuilt after its owner died.
    std::int64_t Rebuilds() const { return rebuilds_.load(); }

    // Runs inside the lock of the tables.
    void WithLockForTest(const std::function<void()>& body);

    metrics::Zone metrics;
    // Open connections of the process with that ProcessRow::slot.
    std::array<std::atomic<std::int64_t>, kProcesses> connections;

  private:
    template <typename Body>
    void Locked(Body&& body);

    RobustMutex mutex_;
    std::atomic<std::int64_t> rebuilds_;
    std::size_t process_count_;                     // guarded by mutex_
    std::array<ProcessRow, kProcesses> processes_;  // guarded by mutex_
    std::size_t job_count_;                         // guarded by mutex_
    std::array<JobRow, kJobs> jobs_;                // guarded by mutex_
};

}  // namespace mch::process
