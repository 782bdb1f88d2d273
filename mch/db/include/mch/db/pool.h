// A bounded pool of connections whose waiters obey a deadline. For the adapters in storage/.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "mch/base/clock.h"
#include "mch/base/result.h"

namespace mch::db {

// The answer when nothing became free in time: db.timeout when the caller's deadline passed,
// db.busy when the store's own limit for waiting was shorter.
inline Error WaitedTooLong(const Deadline& deadline, std::string detail) {
    if (deadline.Passed()) return Error(ErrorKind::kTimeout, "db.timeout", std::move(detail));
    return Error(ErrorKind::kUnavailable, "db.busy", std::move(detail));
}

template <typename Connection>
class Pool {
  public:
    // A borrowed connection; it goes back when the lease ends.
    class Lease {
      public:
        Lease(Pool* pool, std::unique_ptr<Connection> connection)
            : pool_(pool), connection_(std::move(connection)) {}
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (connection_) pool_->GiveBack(std::move(connection_));
        }
        Connection& operator*() { return *connection_; }
        Connection* operator->() { return connection_.get(); }

      private:
        Pool* pool_;
        std::unique_ptr<Connection> connection_;
    };

    // Before the first Take only.
    void Add(std::unique_ptr<Connection> connection) { free_.push_back(std::move(connection)); }

    // Waits at most `limit_ms` and never past the deadline. The most recently used connection is
    // taken first: its cache is warm.
    Result<Lease> Take(const Deadline& deadline, std::int64_t limit_ms) {
        std::unique_lock lock(mutex_);
        if (free_.empty()) {
            const auto wait = std::chrono::milliseconds(std::min(deadline.RemainingMs(), limit_ms));
            if (!freed_.wait_for(lock, wait, [this] { return !free_.empty(); })) {
                return WaitedTooLong(deadline, "all connections of this process are in use");
            }
        }
        std::unique_ptr<Connection> connection = std::move(free_.back());
        free_.pop_back();
        return Lease(this, std::move(connection));
    }

    // Forgets the connections without closing them: in a forked child, where closing would reach
    // into the parent's.
    void Abandon() {
        for (auto& connection : free_) (void)connection.release();
        free_.clear();
    }

  private:
    void GiveBack(std::unique_ptr<Connection> connection) {
        {
            const std::lock_guard lock(mutex_);
            free_.push_back(std::move(connection));
        }
        freed_.notify_one();
    }

    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Connection>> free_;  // guarded by mutex_
};

}  // namespace mch::db
