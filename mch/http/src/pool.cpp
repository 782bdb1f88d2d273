#include "pool.h"

#include <pthread.h>
#include <signal.h>

namespace mch::http {

WorkPool::WorkPool(std::string name, int threads, std::size_t queue, metrics::PoolSlot* slot)
    : name_(std::move(name)), thread_count_(threads), capacity_(queue), slot_(slot) {}

void WorkPool::Start() {
    // Signals of the process belong to the thread that waits for them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (int i = 0; i < thread_count_; ++i) {
        threads_.emplace_back([this] { Work(); });
        pthread_setname_np(threads_.back().native_handle(), name_.substr(0, 15).c_str());
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

bool WorkPool::Submit(Task task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopped_ || waiting_.size() >= capacity_) {
            slot_->refused.fetch_add(1, std::memory_order_relaxed);
            return false;
        }
        waiting_.push_back(std::move(task));
    }
    slot_->queued.fetch_add(1, std::memory_order_relaxed);
    ready_.notify_one();
    return true;
}

void WorkPool::Work() {
    for (;;) {
        Task task;
        {
            std::unique_lock lock(mutex_);
            ready_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
            if (stopped_) return;
            task = std::move(waiting_.front());
            waiting_.pop_front();
        }
        slot_->queued.fetch_sub(1, std::memory_order_relaxed);
        slot_->running.fetch_add(1, std::memory_order_relaxed);
        task();
        slot_->running.fetch_sub(1, std::memory_order_relaxed);
        slot_->finished.fetch_add(1, std::memory_order_relaxed);
    }
}

void WorkPool::Stop() {
    std::deque<Task> dropped;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        dropped.swap(waiting_);
    }
    slot_->queued.fetch_sub(static_cast<std::int64_t>(dropped.size()), std::memory_order_relaxed);
    ready_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

}  // namespace mch::http
