#include "scheduler.h"

#include <algorithm>
#include <exception>

#include "mch/db/slot_lease.h"
#include "mch/log/log.h"

namespace mch::app {
namespace {

constexpr std::int64_t kLongestPauseMs = 60'000;

// Third of the three catch walls: what a job's third-party code throws becomes a failed run.
Result<void> RunGuarded(const Job& job, const Deadline& deadline) {
    try {
        return job.run(deadline);
    } catch (const std::exception& exception) {
        return Internal("job.exception", exception.what());
    } catch (...) {
        return Internal("job.exception", "unknown");
    }
}

}  // namespace

Scheduler::Scheduler(Runtime& runtime, std::string holder, const std::vector<Job>& jobs,
                     process::SharedState* state)
    : runtime_(runtime), holder_(std::move(holder)), jobs_(jobs), state_(state) {
    for (const Job& job : jobs_)
        threads_.emplace_back([this, &job](const std::stop_token& stop) { RunJob(job, stop); });
}

Scheduler::~Scheduler() { Stop(); }

void Scheduler::Stop() {
    for (std::jthread& thread : threads_) thread.request_stop();
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    wake_.notify_all();
}

void Scheduler::Wait() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopped_; });
}

bool Scheduler::Pause(std::int64_t ms, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, std::chrono::milliseconds(ms), [this] { return stopped_; });
    return !stop.stop_requested() && !stopped_;
}

void Scheduler::RunJob(const Job& job, const std::stop_token& stop) {
    const Clock& clock = runtime_.clock();
    std::int64_t lease_until = 0;  // monotonic
    process::JobRow row;
    row.name.Set(job.name);
    std::int64_t pause = job.interval_ms;
    while (Pause(pause, stop)) {
        pause = job.interval_ms;
        const std::int64_t start = clock.Monotonic();
        Result<void> done;
        if (lease_until - start < kLeaseMs / 2) {
            std::int64_t fence = 0;
            const auto mine = db::TakeLease(runtime_.database(), clock, "job:" + job.name, holder_,
                                            kLeaseMs, &fence);
            // Counted from before the call, so our view ends before the store's.
            if (mine && *mine) lease_until = start + kLeaseMs;
            if (mine && !*mine) continue;  // another scheduler runs it
            if (!mine) done = mine.error();
        }
        if (done) {
            row.started_at = clock.Now();
            done = RunGuarded(job, Deadline(clock, kRunMs));
            row.took_ms = clock.Monotonic() - start;
            ++row.runs;
        }
        if (done) {
            row.succeeded_at = clock.Now();
            row.failures_in_row = 0;
            row.error.Set("");
        } else {
            ++row.failures_in_row;
            row.error.Set(done.error().ToString());
            MCH_LOG(kError, "job failed", {{"job", job.name}, {"error", done.error().ToString()}});
            const std::int64_t doubled = job.interval_ms
                                         << std::min<std::int64_t>(row.failures_in_row, 16);
            pause = std::max(job.interval_ms, std::min(doubled, kLongestPauseMs));
        }
        if (state_ != nullptr) state_->SetJob(row);
    }
}

}  // namespace mch::app
