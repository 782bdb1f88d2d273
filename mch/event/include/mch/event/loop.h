// The event loop of one thread: descriptors (epoll, edge triggered), timers, and work posted from
// other threads. All calls belong to the loop's thread except Post() and Stop().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "mch/base/result.h"

namespace mch::event {

// Gets the readiness of one descriptor. Edge triggered: read or write until EAGAIN.
class Watcher {
  public:
    virtual ~Watcher() = default;
    // EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLERR, EPOLLHUP. An owner must not be destroyed inside this
    // call or any other callback of the loop: use Loop::DestroyLater.
    virtual void OnEvents(std::uint32_t events) = 0;
};

class Loop;

// A one-shot timer owned by its user. Destruction cancels it.
class Timer {
  public:
    explicit Timer(std::function<void()> action) : action_(std::move(action)) {}
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    bool Armed() const { return loop_ != nullptr; }

  private:
    friend class Loop;
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    std::function<void()> action_;
    Loop* loop_ = nullptr;       // set while armed
    std::int64_t due_ = 0;       // when it shall run
    std::int64_t heap_due_ = 0;  // its place in the heap: never later than due_
    std::size_t heap_index_ = kNone;
};

class Loop {
  public:
    // Error: event.epoll when the system refuses descriptors.
    static Result<std::unique_ptr<Loop>> Create();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Watches `fd` edge triggered for `events` until it is closed or removed.
    Result<void> Add(int fd, Watcher* watcher, std::uint32_t events);
    // Without EPOLLET, for listening sockets shared by several processes.
    Result<void> AddListener(int fd, Watcher* watcher);
    void Remove(int fd);

    // (Re)arms `timer` to run `delay_ms` from now. Moving a timer to a later time costs nothing:
    // the heap is only touched when it fires too early, so a connection may arm on every request.
    void Arm(Timer& timer, std::int64_t delay_ms);
    void Cancel(Timer& timer);

    // Monotonic milliseconds, read once per wake-up.
    std::int64_t NowMs() const { return now_; }

    // Destroys `object` after the current batch of events, so that no event of it is left.
    template <typename T>
    void DestroyLater(std::unique_ptr<T> object) {
        graveyard_.push_back(std::shared_ptr<void>(std::move(object)));
    }

    // Runs on the loop's thread, in order. Thread safe. What is posted after Run() returned stays
    // until the next Run() or the destructor, which drops it.
    void Post(std::function<void()> action);

    // Serves until Stop(). `after_each` runs after each batch of events.
    void Run(const std::function<void()>& after_each = {});
    // Async-signal-safe and thread safe.
    void Stop();

  private:
    Loop(int epoll, int wake) : epoll_(epoll), wake_(wake) {}
    void Wake();
    void RunPosted();
    void RunTimers();
    int NextTimeout() const;
    void SiftUp(std::size_t index);
    void SiftDown(std::size_t index);
    void Place(std::size_t index, Timer* timer);
    void HeapInsert(Timer* timer);
    void HeapErase(std::size_t index);
    static std::int64_t ReadClock();

    friend class Timer;
    const int epoll_;
    const int wake_;  // eventfd
    std::int64_t now_ = ReadClock();
    std::atomic<bool> stopped_{false};
    std::vector<Timer*> heap_;
    std::vector<std::shared_ptr<void>> graveyard_;
    std::mutex mutex_;
    std::vector<std::function<void()>> posted_;  // guarded by mutex_
};

}  // namespace mch::event
