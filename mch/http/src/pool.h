// A bounded pool of threads for blocking handlers.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "mch/metrics/metrics.h"

namespace mch::http {

class WorkPool {
  public:
    using Task = std::function<void()>;

    WorkPool(std::string name, int threads, std::size_t queue, metrics::PoolSlot* slot);
    ~WorkPool() { Stop(); }
    WorkPool(const WorkPool&) = delete;
    WorkPool& operator=(const WorkPool&) = delete;

    void Start();
    // False when every waiting place is taken. Tasks must not throw.
    bool Submit(Task task);
    // Drops what waits, finishes what runs, joins the threads.
    void Stop();

  private:
    void Work();

    const std::string name_;
    const int thread_count_;
    const std::size_t capacity_;
    metrics::PoolSlot* const slot_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<Task> waiting_;  // guarded by mutex_
    bool stopped_ = false;      // guarded by mutex_
    std::vector<std::thread> threads_;
};

}  // namespace mch::http
