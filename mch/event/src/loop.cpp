#include "mch/event/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace mch::event {

Timer::~Timer() {
    if (loop_ != nullptr) loop_->Cancel(*this);
}

std::int64_t Loop::ReadClock() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

Result<std::unique_ptr<Loop>> Loop::Create() {
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) return Internal("event.epoll", std::strerror(errno));
    const int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake < 0) {
        const int saved = errno;
        close(epoll);
        return Internal("event.epoll", std::strerror(saved));
    }
    std::unique_ptr<Loop> loop(new Loop(epoll, wake));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = nullptr;  // the wake-up descriptor has no watcher
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event) != 0) {
        return Internal("event.epoll", std::strerror(errno));
    }
    return loop;
}

Loop::~Loop() {
    for (Timer* timer : heap_) {
        timer->loop_ = nullptr;
        timer->heap_index_ = Timer::kNone;
    }
    close(wake_);
    close(epoll_);
}

Result<void> Loop::Add(int fd, Watcher* watcher, std::uint32_t events) {
    epoll_event event{};
    event.events = events | EPOLLET;
    event.data.ptr = watcher;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
        return Internal("event.epoll", std::strerror(errno));
    }
    return {};
}

Result<void> Loop::AddListener(int fd, Watcher* watcher) {
    epoll_event event{};
    // One waiting process is woken for a connection, not all of them.
    event.events = EPOLLIN | EPOLLEXCLUSIVE;
    event.data.ptr = watcher;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
        return Internal("event.epoll", std::strerror(errno));
    }
    return {};
}

void Loop::Remove(int fd) { epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr); }

void Loop::Arm(Timer& timer, std::int64_t delay_ms) {
    timer.due_ = now_ + std::max<std::int64_t>(delay_ms, 0);
    timer.loop_ = this;
    if (timer.heap_index_ != Timer::kNone) {
        if (timer.heap_due_ <= timer.due_) return;
        timer.heap_due_ = timer.due_;
        SiftUp(timer.heap_index_);
        return;
    }
    HeapInsert(&timer);
}

void Loop::Cancel(Timer& timer) {
    if (timer.heap_index_ != Timer::kNone) HeapErase(timer.heap_index_);
    timer.loop_ = nullptr;
}

void Loop::Place(std::size_t index, Timer* timer) {
    heap_[index] = timer;
    timer->heap_index_ = index;
}

void Loop::SiftUp(std::size_t index) {
    Timer* timer = heap_[index];
    while (index > 0) {
        const std::size_t parent = (index - 1) / 2;
        if (heap_[parent]->heap_due_ <= timer->heap_due_) break;
        Place(index, heap_[parent]);
        index = parent;
    }
    Place(index, timer);
}

void Loop::SiftDown(std::size_t index) {
    Timer* timer = heap_[index];
    for (;;) {
        std::size_t child = 2 * index + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && heap_[child + 1]->heap_due_ < heap_[child]->heap_due_) {
            ++child;
        }
        if (timer->heap_due_ <= heap_[child]->heap_due_) break;
        Place(index, heap_[child]);
        index = child;
    }
    Place(index, timer);
}

void Loop::HeapInsert(Timer* timer) {
    timer->heap_due_ = timer->due_;
    heap_.push_back(timer);
    SiftUp(heap_.size() - 1);
}

void Loop::HeapErase(std::size_t index) {
    heap_[index]->heap_index_ = Timer::kNone;
    Timer* last = heap_.back();
    heap_.pop_back();
    if (index == heap_.size()) return;
    Place(index, last);
    SiftUp(index);
    SiftDown(last->heap_index_);
}

void Loop::Post(std::function<void()> action) {
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        first = posted_.empty();
        posted_.push_back(std::move(action));
    }
    if (first) Wake();
}

void Loop::Wake() {
    const std::uint64_t one = 1;
    // EAGAIN means that the counter is full, so the loop will wake anyway.
    [[maybe_unused]] const ssize_t n = write(wake_, &one, sizeof one);
}

void Loop::Stop() {
    const int saved = errno;
    stopped_.store(true, std::memory_order_relaxed);
    Wake();
    errno = saved;
}

void Loop::RunPosted() {
    std::uint64_t count = 0;
    while (read(wake_, &count, sizeof count) < 0 && errno == EINTR) {
    }
    std::vector<std::function<void()>> actions;
    {
        const std::lock_guard lock(mutex_);
        actions.swap(posted_);
    }
    for (auto& action : actions) action();
}

void Loop::RunTimers() {
    while (!heap_.empty() && heap_[0]->heap_due_ <= now_) {
        Timer* timer = heap_[0];
        HeapErase(0);
        if (timer->due_ > now_) {
            HeapInsert(timer);  // it was moved to later since it was placed
            continue;
        }
        timer->loop_ = nullptr;
        timer->action_();
    }
}

int Loop::NextTimeout() const {
    if (heap_.empty()) return -1;
    const std::int64_t left = heap_[0]->heap_due_ - now_;
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void Loop::Run(const std::function<void()>& after_each) {
    std::array<epoll_event, 256> events;
    while (!stopped_.load(std::memory_order_relaxed)) {
        const int count =
            epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), NextTimeout());
        now_ = ReadClock();
        bool posted = false;
        for (int i = 0; i < count; ++i) {
            auto* watcher = static_cast<Watcher*>(events[static_cast<std::size_t>(i)].data.ptr);
            if (watcher == nullptr) {
                posted = true;
            } else {
                watcher->OnEvents(events[static_cast<std::size_t>(i)].events);
            }
        }
        if (posted) RunPosted();
        RunTimers();
        if (after_each) after_each();
        graveyard_.clear();
    }
    stopped_.store(false, std::memory_order_relaxed);
}

}  // namespace mch::event
