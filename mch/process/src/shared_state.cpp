#include "mch/process/shared_state.h"

#include <sys/mman.h>

#include <cerrno>

#include "mch/base/result.h"

namespace mch::process {

void RobustMutex::Initialise() {
    pthread_mutexattr_t attributes;
    ::pthread_mutexattr_init(&attributes);
    ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    MCH_ASSERT(::pthread_mutex_init(&mutex_, &attributes) == 0);
    ::pthread_mutexattr_destroy(&attributes);
}

bool RobustMutex::Lock() {
    const int result = ::pthread_mutex_lock(&mutex_);
    MCH_ASSERT(result == 0 || result == EOWNERDEAD);
    return result == EOWNERDEAD;
}

std::string_view NameOf(ProcessState state) {
    switch (state) {
        case ProcessState::kDown:
            return "down";
        case ProcessState::kStarting:
            return "starting";
        case ProcessState::kRunning:
            return "running";
        case ProcessState::kStopping:
            return "stopping";
    }
    return "down";
}

SharedState* SharedState::Map() {
    void* memory = ::mmap(nullptr, sizeof(SharedState), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    MCH_ASSERT(memory != MAP_FAILED);
    // All members are valid when zero except the lock.
    auto* state = static_cast<SharedState*>(memory);
    state->mutex_.Initialise();
    return state;
}

template <typename Body>
void SharedState::Locked(Body&& body) {
    mutex_.With(body, [this] {
        // Whoever died may have left a row half written: start empty. The master writes its table
        // again within a second, a job its row at its next run.
        process_count_ = 0;
        job_count_ = 0;
        ++rebuilds_;
    });
}

void SharedState::SetProcesses(const std::vector<ProcessRow>& rows) {
    Locked([&] {
        process_count_ = 0;
        for (const auto& row : rows) {
            if (process_count_ == kProcesses) break;
            processes_[process_count_++] = row;
        }
    });
}

std::vector<ProcessRow> SharedState::Processes() {
    std::vector<ProcessRow> rows;
    Locked([&] {
        rows.assign(processes_.begin(),
                    processes_.begin() + static_cast<std::ptrdiff_t>(process_count_));
    });
    return rows;
}

void SharedState::SetJob(const JobRow& row) {
    Locked([&] {
        for (std::size_t i = 0; i < job_count_; ++i) {
            if (jobs_[i].name.bytes == row.name.bytes) {
                jobs_[i] = row;
                return;
            }
        }
        if (job_count_ < kJobs) jobs_[job_count_++] = row;
    });
}

std::vector<JobRow> SharedState::Jobs() {
    std::vector<JobRow> rows;
    Locked([&] {
        rows.assign(jobs_.begin(), jobs_.begin() + static_cast<std::ptrdiff_t>(job_count_));
    });
    return rows;
}

void SharedState::WithLockForTest(const std::function<void()>& body) { Locked(body); }

}  // namespace mch::process
