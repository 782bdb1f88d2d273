#include "mch/event/loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

namespace mch::event {
namespace {

std::unique_ptr<Loop> MakeLoop() {
    auto loop = Loop::Create();
    EXPECT_TRUE(loop);
    return std::move(*loop);
}

TEST(Loop, RunsTimersInOrderOfTheirTime) {
    auto loop = MakeLoop();
    std::string order;
    std::vector<std::unique_ptr<Timer>> timers;
    for (const int delay : {9, 3, 7, 1, 5}) {
        timers.push_back(std::make_unique<Timer>([&order, delay, &loop] {
            order += std::to_string(delay);
            if (delay == 9) loop->Stop();
        }));
        loop->Arm(*timers.back(), delay);
    }
    loop->Run();
    EXPECT_EQ(order, "13579");
}

TEST(Loop, MovesATimerToLaterAndToEarlier) {
    auto loop = MakeLoop();
    std::string order;
    Timer later([&] { order += "L"; });
    Timer earlier([&] { order += "E"; });
    Timer end([&] { loop->Stop(); });
    loop->Arm(later, 1);
    loop->Arm(earlier, 50'000);
    loop->Arm(end, 12);
    loop->Arm(later, 8);
    loop->Arm(earlier, 2);
    loop->Run();
    EXPECT_EQ(order, "EL");
}

TEST(Loop, CancelledAndDestroyedTimersDoNotRun) {
    auto loop = MakeLoop();
    int runs = 0;
    Timer cancelled([&] { ++runs; });
    loop->Arm(cancelled, 0);
    loop->Cancel(cancelled);
    EXPECT_FALSE(cancelled.Armed());
    {
        Timer destroyed([&] { ++runs; });
        loop->Arm(destroyed, 0);
    }
    Timer end([&] { loop->Stop(); });
    loop->Arm(end, 2);
    loop->Run();
    EXPECT_EQ(runs, 0);
}

TEST(Loop, ATimerMayArmItselfAgain) {
    auto loop = MakeLoop();
    int runs = 0;
    Timer* self = nullptr;
    Timer timer([&] {
        if (++runs == 3) {
            loop->Stop();
        } else {
            loop->Arm(*self, 0);
        }
    });
    self = &timer;
    loop->Arm(timer, 0);
    loop->Run();
    EXPECT_EQ(runs, 3);
}

TEST(Loop, RunsPostedWorkOfOtherThreadsInOrder) {
    auto loop = MakeLoop();
    std::vector<int> seen;
    std::thread poster([&] {
        for (int i = 0; i < 100; ++i) loop->Post([&seen, i] { seen.push_back(i); });
        loop->Post([&] { loop->Stop(); });
    });
    loop->Run();
    poster.join();
    ASSERT_EQ(seen.size(), 100u);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
}

TEST(Loop, ReportsReadinessAndDestroysAfterTheBatch) {
    struct Reader : Watcher {
        Reader(Loop& l, int f, std::string& o) : loop(l), fd(f), out(o) {}
        ~Reader() override { out += "|gone"; }
        void OnEvents(std::uint32_t events) override {
            ASSERT_TRUE(events & EPOLLIN);
            std::array<char, 16> buffer;
            ssize_t n = 0;
            while ((n = read(fd, buffer.data(), buffer.size())) > 0) {
                out.append(buffer.data(), static_cast<std::size_t>(n));
            }
            loop.Remove(fd);
            loop.DestroyLater(std::unique_ptr<Reader>(this));
            out += "|alive";
            loop.Stop();
        }
        Loop& loop;
        int fd;
        std::string& out;
    };
    auto loop = MakeLoop();
    std::array<int, 2> fds;
    ASSERT_EQ(pipe2(fds.data(), O_NONBLOCK), 0);
    std::string out;
    ASSERT_TRUE(loop->Add(fds[0], new Reader(*loop, fds[0], out), EPOLLIN));
    ASSERT_EQ(write(fds[1], "hello", 5), 5);
    loop->Run();
    EXPECT_EQ(out, "hello|alive|gone");
    close(fds[0]);
    close(fds[1]);
}

}  // namespace
}  // namespace mch::event
