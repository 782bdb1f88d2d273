// Runs the jobs of the modules in the scheduler process.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "mch/app/module.h"
#include "mch/process/shared_state.h"

namespace mch::app {

// One thread per job. A job runs only while this process holds its lease in the store, so that of
// several schedulers (nodes, a reload) one works; the lease is renewed at half its time, not at
// every run, so that an idle installation writes little. After a failure the pause doubles up to a
// minute.
class Scheduler {
  public:
    // `state` may be null. The jobs are copied; the runtime must outlive the scheduler.
    Scheduler(Runtime& runtime, std::string holder, const std::vector<Job>& jobs,
              process::SharedState* state);
    // Stops and waits for running jobs (each bounded by its deadline).
    ~Scheduler();

    // Wakes the jobs to end; returns at once.
    void Stop();
    // Blocks until Stop().
    void Wait();

    static constexpr std::int64_t kLeaseMs = 30'000;
    // Longest time of one run: below what is left of a lease when a run starts.
    static constexpr std::int64_t kRunMs = 14'000;

  private:
    void RunJob(const Job& job, const std::stop_token& stop);
    bool Pause(std::int64_t ms, const std::stop_token& stop);

    Runtime& runtime_;
    const std::string holder_;
    const std::vector<Job> jobs_;
    process::SharedState* state_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::vector<std::jthread> threads_;
    bool stopped_ = false;  // guarded by mutex_
};

}  // namespace mch::app
