#include "mch/process/child.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "channel.h"
#include "mch/base/clock.h"
#include "mch/log/log.h"

namespace mch::process {
namespace {

constexpr int kOrphanGraceMs = 5000;
constexpr int kPublishEveryMs = 1000;

}  // namespace

ChildWatch::ChildWatch(const ChildStart& start, ChildCallbacks callbacks)
    : callbacks_(std::move(callbacks)),
      connections_(&start.shared->connections[static_cast<std::size_t>(start.slot)]),
      channel_(start.channel) {
    // The master has blocked these before the fork; every thread of ours inherits that.
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal : {SIGQUIT, SIGTERM, SIGINT, SIGUSR1, SIGHUP})
        ::sigaddset(&signals, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal_fd_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    stop_fd_ = ::eventfd(0, EFD_CLOEXEC);
    MCH_ASSERT(signal_fd_ >= 0 && stop_fd_ >= 0);
    thread_ = std::thread([this] { Watch(); });
}

ChildWatch::~ChildWatch() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(stop_fd_, &one, sizeof one);
    thread_.join();
    ::close(stop_fd_);
    ::close(signal_fd_);
    ::close(channel_);
}

void ChildWatch::Ready() { SendMessage(channel_, "ready"); }

void ChildWatch::HandleSignal(int signal) {
    switch (signal) {
        case SIGQUIT:
            callbacks_.quit();
            break;
        case SIGTERM:
        case SIGINT:
            callbacks_.terminate();
            break;
        case SIGUSR1:
            if (auto reopened = log::Reopen(); !reopened) {
                MCH_LOG(kError, "log not reopened", {{"error", reopened.error().ToString()}});
            }
            if (callbacks_.reopen) callbacks_.reopen();
            break;
        default:  // SIGHUP of a terminal is the master's business
            break;
    }
}

bool ChildWatch::HandleMessage() {
    while (true) {
        const auto message = ReceiveMessage(channel_);
        if (!message) return true;
        if (message->empty()) return false;
        if (message->starts_with("level ")) {
            if (auto level = log::ParseLevel(message->substr(6))) log::SetLevel(*level);
        } else if (message->starts_with("audit ") && callbacks_.audit) {
            callbacks_.audit(std::string_view(*message).substr(6));
        }
    }
}

void ChildWatch::PublishConnections() {
    if (callbacks_.connections)
        connections_->store(callbacks_.connections(), std::memory_order_relaxed);
}

void ChildWatch::Watch() {
    std::array<pollfd, 4> fds = {{{stop_fd_, POLLIN, 0},
                                  {signal_fd_, POLLIN, 0},
                                  {channel_, POLLIN, 0},
                                  {callbacks_.extra_fd, POLLIN, 0}}};
    const SystemClock clock;
    int timeout = callbacks_.connections ? kPublishEveryMs : -1;
    std::int64_t orphan_until = 0;  // monotonic; 0 = the master lives
    while (true) {
        ::poll(fds.data(), fds.size(), timeout);
        PublishConnections();
        if (orphan_until != 0 && clock.Monotonic() >= orphan_until) {
            MCH_LOG(kAlert, "master is gone and this process does not end, leaving at once");
            ::_exit(1);
        }
        if (fds[0].revents != 0) return;
        if (fds[1].revents != 0) {
            signalfd_siginfo info{};
            while (::read(signal_fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
                HandleSignal(static_cast<int>(info.ssi_signo));
            }
        }
        if (fds[2].revents != 0 && !HandleMessage()) {
            MCH_LOG(kAlert, "master is gone, ending");
            callbacks_.terminate();
            fds[2].fd = -1;
            orphan_until = clock.Monotonic() + kOrphanGraceMs;
            timeout = kPublishEveryMs;
        }
        if (fds[3].revents != 0 && callbacks_.extra_readable) callbacks_.extra_readable();
    }
}

void ReportFailure(const ChildStart& start, const Error& error) {
    MCH_LOG(kEmerg, "process cannot start", {{"process", start.name}, {"error", error.ToString()}});
    SendMessage(start.channel,
                "failed " + (error.detail().empty() ? error.code() : error.detail()));
}

}  // namespace mch::process
