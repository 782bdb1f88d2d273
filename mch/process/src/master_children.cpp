#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "channel.h"
#include "master.h"
#include "mch/log/log.h"

namespace mch::process {
namespace {

// A process that lived this long is started again at once; one that did not waits longer each time.
constexpr std::int64_t kHealthyMs = 2000;
constexpr std::int64_t kFirstBackoffMs = 200;
constexpr std::int64_t kLongestBackoffMs = 10'000;
// For a process that has served: it was killed rather than broken, and is missed.
constexpr std::int64_t kLongestServedBackoffMs = 500;
constexpr std::int64_t kServiceGraceMs = 10'000;
constexpr std::int64_t kTableMs = 1000;

std::int64_t BackoffMs(int quick_deaths, bool served) {
    if (quick_deaths == 0) return 0;
    return std::min(served ? kLongestServedBackoffMs : kLongestBackoffMs,
                    kFirstBackoffMs << std::min(quick_deaths - 1, 10));
}

}  // namespace

std::unique_ptr<Slot> Master::MakeSlot(Slot::Kind kind, const std::string& name, int index,
                                       std::shared_ptr<Generation> generation) {
    auto slot = std::make_unique<Slot>();
    slot->kind = kind;
    slot->name = name;
    slot->index = index;
    slot->generation = std::move(generation);
    // The lowest free number; row 0 is the master's.
    slot->number = 1;
    while (std::any_of(slots_.begin(), slots_.end(),
                       [&](const auto& other) { return other->number == slot->number; })) {
        ++slot->number;
    }
    return slot;
}

void Master::Spawn(Slot& slot) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
        MCH_LOG(kAlert, "no channel for a process", {{"error", std::strerror(errno)}});
        slot.restart_due = options_.clock->Monotonic() + kFirstBackoffMs;
        return;
    }
    std::fflush(nullptr);
    const pid_t master = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::close(ends[0]);
        if (!DieWithParent(master)) ::_exit(1);
        RunChild(slot, ends[1]);
    }
    ::close(ends[1]);
    if (pid < 0) {
        ::close(ends[0]);
        MCH_LOG(kAlert, "fork failed", {{"error", std::strerror(errno)}});
        slot.restart_due = options_.clock->Monotonic() + kFirstBackoffMs;
        return;
    }
    slot.pid = pid;
    slot.channel = ends[0];
    slot.state = ProcessState::kStarting;
    slot.failure.clear();
    slot.started = options_.clock->Monotonic();
    slot.started_at = options_.clock->Now();
    slot.restart_due = -1;
    slot.kill_due = -1;
    UpdateTable();
    MCH_LOG(kInfo, "process started", {{"process", slot.name}, {"child", std::to_string(pid)}});
}

void Master::RunChild(Slot& slot, int channel) {
    const pid_t master = ::getppid();
    const Generation& generation = *slot.generation;
    const int worker = slot.kind == Slot::Kind::kWorker ? slot.index : -1;
    // Nothing of the master stays open here but the error log.
    ::close(signal_fd_);
    pid_file_.Forget();
    control_.Close();
    if (started_pipe_ >= 0) ::close(started_pipe_);
    for (const auto& other : slots_) {
        if (other->channel >= 0) ::close(other->channel);
    }
    ChildStart start{slot.name, slot.index, slot.number, channel, {}, shared_};
    if (worker >= 0) start.sockets = generation.sockets.ForWorker(worker);
    // Sockets of an older or newer generation share descriptors with ours where the address is the
    // same, so only those that are not ours may be closed.
    const auto ours = [&](int fd) {
        return std::any_of(start.sockets.begin(), start.sockets.end(),
                           [&](const auto& socket) { return socket.second == fd; });
    };
    for (const auto* set : {&current_, &next_}) {
        if (*set) (*set)->sockets.CloseOthers(ours);
    }
    if (generation.settings.open_files > 0) {
        const auto wanted = static_cast<rlim_t>(generation.settings.open_files);
        rlimit limit{};
        ::getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = wanted;
        limit.rlim_max = std::max(limit.rlim_max, wanted);
        if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) {
            MCH_LOG(kWarn, "worker_rlimit_nofile refused", {{"error", std::strerror(errno)}});
        }
    }
    SetTitle(fmt::format("{}: {}", options_.program, slot.name));
    shared_->connections[static_cast<std::size_t>(slot.number)] = 0;
    int status = kFatalExit;
    if (auto become = Become(generation.account); !become) {
        ReportFailure(start, become.error());
    } else if (!DieWithParent(master)) {  // a change of user has cleared it
        status = 1;
    } else {
        Confine();
        status = slot.kind == Slot::Kind::kWorker ? options_.worker(generation, start)
                                                  : options_.service(generation, start);
    }
    std::fflush(nullptr);
    // No destructors: this copy of the master's objects is not ours to tidy up.
    ::_exit(status);
}

void Master::Reap() {
    int status = 0;
    pid_t pid = 0;
    while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0) {
        for (const auto& slot : slots_) {
            if (slot->pid == pid) {
                OnExit(*slot, status);
                break;
            }
        }
    }
    // Slots that nothing will fill again.
    std::erase_if(slots_, [](const auto& slot) { return slot->leaving && slot->pid == 0; });
    UpdateTable();
}

void Master::OnExit(Slot& slot, int status) {
    OnMessages(slot);  // its last words
    if (slot.channel >= 0) ::close(slot.channel);
    const bool was_ready = slot.state != ProcessState::kStarting;
    const std::int64_t lived = options_.clock->Monotonic() - slot.started;
    slot.channel = -1;
    slot.pid = 0;
    slot.state = ProcessState::kDown;
    slot.kill_due = -1;
    shared_->connections[static_cast<std::size_t>(slot.number)] = 0;
    const std::string how = WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                                                : fmt::format("status {}", WEXITSTATUS(status));
    if (slot.leaving) {
        MCH_LOG(kInfo, "process ended", {{"process", slot.name}, {"how", how}});
        // The successor of a service that had to stop first.
        if (slot.kind == Slot::Kind::kService && phase_ == Phase::kServing &&
            slot.generation != current_) {
            const auto& wanted = current_->services;
            if (std::find(wanted.begin(), wanted.end(), slot.name) != wanted.end()) {
                slot.leaving = false;
                slot.generation = current_;
                Spawn(slot);
            }
        }
        return;
    }
    MCH_LOG(kAlert, "process died", {{"process", slot.name}, {"how", how}, {"said", slot.failure}});
    const bool fatal = WIFEXITED(status) && WEXITSTATUS(status) == kFatalExit && !was_ready;
    if (fatal && phase_ == Phase::kStarting) {
        exit_status_ = 1;
        slot.leaving = true;
        Terminate();
        return;
    }
    if (slot.generation == next_) {
        slot.leaving = true;
        AbortReload(slot.failure.empty() ? fmt::format("{} ended with {}", slot.name, how)
                                         : slot.failure);
        return;
    }
    ++slot.restarts;
    slot.quick_deaths = lived >= kHealthyMs ? 0 : slot.quick_deaths + 1;
    slot.restart_due = options_.clock->Monotonic() + BackoffMs(slot.quick_deaths, was_ready);
}

void Master::OnMessages(Slot& slot) {
    while (slot.channel >= 0) {
        const auto message = ReceiveMessage(slot.channel);
        if (!message) return;
        if (message->empty()) {  // closed: the exit follows
            ::close(slot.channel);
            slot.channel = -1;
        } else if (*message == "ready") {
            OnReady(slot);
        } else if (message->starts_with("failed ")) {
            slot.failure = message->substr(7);
            // Whoever started us looks at the terminal, not yet at the log.
            if (phase_ == Phase::kStarting && slot.failure != shown_failure_) {
                shown_failure_ = slot.failure;
                fmt::print(stderr, "{}: [emerg] {}\n", options_.program, slot.failure);
            }
        }
    }
}

void Master::OnReady(Slot& slot) {
    if (slot.state == ProcessState::kStarting) slot.state = ProcessState::kRunning;
    UpdateTable();
    const auto serves = [](const auto& other) { return other->state == ProcessState::kRunning; };
    if (phase_ == Phase::kStarting && std::all_of(slots_.begin(), slots_.end(), serves)) {
        phase_ = Phase::kServing;
        for (const auto& address : current_->sockets.Addresses()) {
            MCH_LOG(kNotice, "listening", {{"address", address}});
        }
        MCH_LOG(kNotice, "all processes serve");
        ReportStarted(true);
        if (reload_again_) StartReload(-1);
    }
    if (next_ && std::all_of(slots_.begin(), slots_.end(), [&](const auto& other) {
            return other->generation != next_ || serves(other);
        })) {
        CommitReload();
    }
    if (slot.kind == Slot::Kind::kService) FlushAudit();
}

void Master::Signal(Slot& slot, int signal, std::int64_t kill_after_ms) {
    if (slot.pid == 0) return;
    slot.state = ProcessState::kStopping;
    // A service finishes its job, not a client: it always has a limit.
    if (kill_after_ms == 0 && slot.kind == Slot::Kind::kService) kill_after_ms = kServiceGraceMs;
    slot.kill_due = kill_after_ms == 0 ? -1 : options_.clock->Monotonic() + kill_after_ms;
    ::kill(slot.pid, signal);
}

void Master::RunTimers() {
    const std::int64_t now = options_.clock->Monotonic();
    for (const auto& slot : slots_) {
        if (slot->restart_due >= 0 && now >= slot->restart_due && !slot->leaving) Spawn(*slot);
        if (slot->kill_due >= 0 && now >= slot->kill_due && slot->pid > 0) {
            MCH_LOG(kWarn, "process does not end, killing it", {{"process", slot->name}});
            ::kill(slot->pid, SIGKILL);
            slot->kill_due = -1;
        }
    }
    std::erase_if(slots_, [](const auto& slot) { return slot->leaving && slot->pid == 0; });
    if (reload_due_ >= 0 && now >= reload_due_)
        AbortReload("the new workers did not start in time");
    if (now >= table_due_) UpdateTable();
}

int Master::NextTimeout() const {
    std::int64_t next = table_due_;
    if (reload_due_ >= 0) next = std::min(next, reload_due_);
    for (const auto& slot : slots_) {
        if (slot->restart_due >= 0) next = std::min(next, slot->restart_due);
        if (slot->kill_due >= 0) next = std::min(next, slot->kill_due);
    }
    return static_cast<int>(std::max<std::int64_t>(0, next - options_.clock->Monotonic()));
}

void Master::UpdateTable() {
    std::vector<ProcessRow> rows;
    ProcessRow master;
    master.name.Set("master");
    master.state = phase_ == Phase::kServing    ? ProcessState::kRunning
                   : phase_ == Phase::kStarting ? ProcessState::kStarting
                                                : ProcessState::kStopping;
    master.pid = ::getpid();
    master.started_at = started_at_;
    master.generation = current_->number;
    rows.push_back(master);
    for (const auto& slot : slots_) {
        if (static_cast<std::size_t>(slot->number) >= SharedState::kProcesses) continue;
        ProcessRow row;
        row.name.Set(slot->name);
        row.state = slot->state;
        row.slot = slot->number;
        row.pid = slot->pid;
        row.started_at = slot->started_at;
        row.generation = slot->generation->number;
        row.restarts = slot->restarts;
        rows.push_back(row);
    }
    shared_->SetProcesses(rows);
    table_due_ = options_.clock->Monotonic() + kTableMs;
}

bool Master::AllGone() const {
    return std::all_of(slots_.begin(), slots_.end(),
                       [](const auto& slot) { return slot->pid == 0; });
}

}  // namespace mch::process
