// Shows whether this compiler destroys a temporary of a co_await expression twice. g++ 12.2 does
// (docs/adr/0001-no-coroutines.md). Exit status 0: the bug is there and the ban stands; 3: it is
// gone and the ban may be lifted.
#include <coroutine>
#include <cstdio>
#include <exception>

namespace {

int constructed = 0;
int destroyed = 0;

struct Counted {
    Counted() { ++constructed; }
    Counted(const Counted&) { ++constructed; }
    Counted(Counted&&) noexcept { ++constructed; }
    ~Counted() { ++destroyed; }
};

struct Command {
    int id;
    Counted counted;
};

struct Awaiter {
    bool await_ready() const { return true; }
    void await_suspend(std::coroutine_handle<>) const {}
    int await_resume() const { return 1; }
};

struct Task {
    struct promise_type {
        Task get_return_object() { return {}; }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

Awaiter Create(const Command&) { return {}; }

Task Run() { co_await Create({.id = 1, .counted = {}}); }

}  // namespace

int main() {
    Run();
    std::printf("constructed %d, destroyed %d\n", constructed, destroyed);
    return constructed == destroyed ? 3 : 0;
}
