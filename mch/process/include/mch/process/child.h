// The child's side of the master: signals, commands, and the live bus, watched by one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "mch/base/result.h"
#include "mch/http/server.h"
#include "mch/process/shared_state.h"

namespace mch::process {

// Exit status of a child that must not simply be started again with the same configuration (a
// pending migration, a bad pattern). The master gives up when it happens at its own start.
inline constexpr int kFatalExit = 2;

// What the master gives a new child.
struct ChildStart {
    std::string name;  // "worker 0", "scheduler"
    int index = 0;     // of a worker
    int slot = 0;      // SharedState::connections
    int channel = -1;  // to the master; closed by ChildWatch
    std::vector<std::pair<http::ListenAddress, int>> sockets;
    SharedState* shared = nullptr;
};

struct ChildCallbacks {
    // All are called on the watching thread and must return soon.
    std::function<void()> quit;                        // SIGQUIT: finish what runs
    std::function<void()> terminate;                   // SIGTERM, SIGINT, or the master died
    std::function<void()> reopen;                      // SIGUSR1, after the error log was reopened
    std::function<void(std::string_view json)> audit;  // a command of the control socket
    int extra_fd = -1;                                 // watched too, for example the live bus
    std::function<void()> extra_readable;
    // Asked once a second for the status of the control socket; may be empty.
    std::function<std::int64_t()> connections = {};
};

// Watches from construction to destruction. When the master dies and the process has not ended five
// seconds after `terminate`, it is ended: its sockets must not outlive the master.
class ChildWatch {
  public:
    ChildWatch(const ChildStart& start, ChildCallbacks callbacks);
    ~ChildWatch();
    ChildWatch(const ChildWatch&) = delete;
    ChildWatch& operator=(const ChildWatch&) = delete;

    // Tells the master that this process serves.
    void Ready();

  private:
    void Watch();
    void HandleSignal(int signal);
    bool HandleMessage();  // false: the master is gone

    void PublishConnections();

    ChildCallbacks callbacks_;
    std::atomic<std::int64_t>* connections_;
    int channel_;
    int signal_fd_;
    int stop_fd_;
    std::thread thread_;
};

// Tells the master why this process cannot start; the caller then exits with kFatalExit.
void ReportFailure(const ChildStart& start, const Error& error);

}  // namespace mch::process
