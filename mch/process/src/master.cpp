#include "master.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>

#include "channel.h"
#include "mch/base/json.h"
#include "mch/log/log.h"

namespace mch::process {
namespace {

// What "stop" leaves a process for its running handlers before it is killed.
constexpr std::int64_t kTerminateGraceMs = 5000;
constexpr std::size_t kMaxPendingAudit = 64;

std::string Bad(std::string_view error) {
    json::Writer out;
    out.BeginObject().Field("ok", false).Field("error", error).EndObject();
    return out.Take();
}

void MakeFolderOf(const std::string& file) {
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(file).parent_path(), ignored);
}

}  // namespace

Master::Master(const MasterOptions& options) : options_(options), shared_(SharedState::Map()) {}

void Master::ApplyLog() {
    const Settings& settings = current_->settings;
    const std::string path = options_.error_log.empty() ? settings.error_log : options_.error_log;
    if (path != "stderr") MakeFolderOf(path);
    if (auto opened = log::Open(path, settings.log_level); !opened) {
        MCH_LOG(kError, "error log not opened", {{"error", opened.error().detail()}});
        return;
    }
    // Workers open it again by name after USR1, and they are not root.
    if (path != "stderr" && !current_->account.name.empty() &&
        ::chown(path.c_str(), current_->account.uid, current_->account.gid) != 0) {
        MCH_LOG(kWarn, "error log keeps its owner", {{"path", path}});
    }
}

Result<void> Master::Prepare() {
    MCH_TRY(auto loaded, options_.load());
    loaded->number = 1;
    current_ = std::move(loaded);
    MakeFolderOf(current_->settings.pid_file);
    MakeFolderOf(current_->settings.control_socket);
    MCH_TRY(current_->sockets,
            ListenSet::Open(current_->addresses, current_->settings.workers, {}));
    return {};
}

bool Master::Daemonize(int* exit_status) {
    std::array<int, 2> ends{};
    MCH_ASSERT(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const pid_t pid = ::fork();
    MCH_ASSERT(pid >= 0);
    if (pid > 0) {
        ::close(ends[1]);
        char answer = 0;
        // The end of the pipe without a byte: the master could not start and has said why.
        *exit_status = ::read(ends[0], &answer, 1) == 1 ? 0 : 1;
        return true;
    }
    ::close(ends[0]);
    started_pipe_ = ends[1];
    ::setsid();
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(null, STDIN_FILENO);
    return false;
}

void Master::ReportStarted(bool good) {
    if (started_pipe_ < 0) return;
    if (good) {
        const char byte = '1';
        [[maybe_unused]] const auto written = ::write(started_pipe_, &byte, 1);
        const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        ::dup2(null, STDOUT_FILENO);
        ::dup2(null, STDERR_FILENO);
        ::close(null);
    }
    ::close(started_pipe_);
    started_pipe_ = -1;
}

int Master::Run() {
    const auto fail = [&](const Error& error) {
        const std::string& text = error.detail().empty() ? error.code() : error.detail();
        fmt::print(stderr, "{}: [emerg] {}\n", options_.program, text);
        return 1;
    };
    if (auto prepared = Prepare(); !prepared) return fail(prepared.error());
    if (int status = 0; current_->settings.daemon && Daemonize(&status)) return status;
    if (auto locked = pid_file_.Acquire(current_->settings.pid_file); !locked)
        return fail(locked.error());
    if (auto opened = control_.Open(current_->settings.control_socket); !opened)
        return fail(opened.error());
    ApplyLog();
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    ::sigemptyset(&signals);
    for (const int signal :
         {SIGHUP, SIGQUIT, SIGTERM, SIGINT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD}) {
        ::sigaddset(&signals, signal);
    }
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    signal_fd_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    SetTitle(options_.program + ": master");
    started_at_ = options_.clock->Now();
    MCH_LOG(kNotice, "starting", {{"program", options_.program}, {"version", options_.version}});

    for (int i = 0; i < current_->settings.workers; ++i) {
        slots_.push_back(MakeSlot(Slot::Kind::kWorker, fmt::format("worker {}", i), i, current_));
        Spawn(*slots_.back());
    }
    for (const auto& name : current_->services) {
        slots_.push_back(MakeSlot(Slot::Kind::kService, name, 0, current_));
        Spawn(*slots_.back());
    }
    while (phase_ == Phase::kStarting || phase_ == Phase::kServing || !AllGone()) {
        std::vector<pollfd> fds{{signal_fd_, POLLIN, 0}};
        control_.AddTo(fds);
        const std::size_t first_channel = fds.size();
        for (const auto& slot : slots_) fds.push_back({slot->channel, POLLIN, 0});
        ::poll(fds.data(), fds.size(), NextTimeout());
        for (std::size_t i = 0; i < slots_.size() && first_channel + i < fds.size(); ++i) {
            if (fds[first_channel + i].revents != 0) OnMessages(*slots_[i]);
        }
        if (fds[0].revents != 0) HandleSignals();
        fds.resize(first_channel);
        control_.Handle(fds, [this](int client, const Peer& peer, const std::string& command) {
            return Execute(client, peer, command);
        });
        RunTimers();
    }
    current_->sockets.RemoveFiles({});
    control_.RemoveFile();
    pid_file_.Remove();
    MCH_LOG(kNotice, "stopped");
    return exit_status_;
}

void Master::HandleSignals() {
    signalfd_siginfo info{};
    while (::read(signal_fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
        switch (static_cast<int>(info.ssi_signo)) {
            case SIGCHLD:
                Reap();
                break;
            case SIGHUP:
                MCH_LOG(kNotice, "signal HUP: reload");
                StartReload(-1);
                break;
            case SIGQUIT:
                Quit();
                break;
            case SIGTERM:
            case SIGINT:
                Terminate();
                break;
            case SIGUSR1:
                ReopenLogs();
                break;
            default:
                break;
        }
    }
}

void Master::Quit() {
    if (phase_ == Phase::kQuitting || phase_ == Phase::kTerminating) return;
    MCH_LOG(kNotice, "ending gracefully");
    phase_ = Phase::kQuitting;
    if (next_) AbortReload("the server is ending");
    for (const auto& slot : slots_) {
        slot->leaving = true;
        Signal(*slot, SIGQUIT, slot->generation->settings.shutdown_timeout_ms);
    }
    // Nobody may connect to us any more; the workers have their own copies and close them too.
    current_->sockets.RemoveFiles({});
    current_->sockets = {};
}

void Master::Terminate() {
    if (phase_ == Phase::kTerminating) return;
    MCH_LOG(kNotice, "ending at once");
    phase_ = Phase::kTerminating;
    if (next_) AbortReload("the server is ending");
    for (const auto& slot : slots_) {
        slot->leaving = true;
        Signal(*slot, SIGTERM, kTerminateGraceMs);
    }
}

void Master::ReopenLogs() {
    if (auto reopened = log::Reopen(); !reopened) {
        MCH_LOG(kError, "log not reopened", {{"error", reopened.error().detail()}});
    }
    ApplyLog();
    for (const auto& slot : slots_) {
        if (slot->pid > 0) ::kill(slot->pid, SIGUSR1);
    }
    MCH_LOG(kNotice, "logs reopened");
}

std::string Master::Status() {
    UpdateTable();
    json::Writer out;
    out.BeginObject()
        .Field("ok", true)
        .Field("program", options_.program)
        .Field("version", options_.version);
    out.Field("started_at", started_at_).Field("generation", current_->number);
    out.Field("reloading", next_ != nullptr);
    out.Key("listeners").BeginArray();
    for (const auto& address : current_->sockets.Addresses()) out.String(address);
    out.EndArray().Key("processes").BeginArray();
    for (const auto& row : shared_->Processes()) {
        out.BeginObject()
            .Field("name", row.name.ToString())
            .Field("pid", row.pid)
            .Field("state", NameOf(row.state))
            .Field("started_at", row.started_at)
            .Field("generation", row.generation)
            .Field("restarts", row.restarts)
            .Field("connections", shared_->connections[static_cast<std::size_t>(row.slot)].load(
                                      std::memory_order_relaxed))
            .EndObject();
    }
    out.EndArray().EndObject();
    return out.Take();
}

std::string Master::Execute(int client, const Peer& peer, const std::string& command) {
    MCH_LOG(kNotice, "control command",
            {{"command", command},
             {"uid", std::to_string(peer.uid)},
             {"pid", std::to_string(peer.pid)}});
    if (command == "status") return Status();  // reading is not audited
    std::string answer = "{\"ok\":true}";
    if (command == "reload") {
        Audit(peer, command, true);
        StartReload(client);
        return {};
    }
    if (command == "quit") {
        Audit(peer, command, true);
        Quit();
    } else if (command == "stop") {
        Audit(peer, command, true);
        Terminate();
    } else if (command == "reopen") {
        ReopenLogs();
        Audit(peer, command, true);
    } else if (command.starts_with("log_level ")) {
        const auto level = log::ParseLevel(std::string_view(command).substr(10));
        if (level) {
            log::SetLevel(*level);
            for (const auto& slot : slots_) {
                if (slot->channel >= 0) SendMessage(slot->channel, "level " + command.substr(10));
            }
        } else {
            answer = Bad(level.error().detail());
        }
        Audit(peer, command, level.has_value());
    } else {
        answer = Bad(
            "unknown command; the commands are: status reload quit stop reopen log_level LEVEL");
        Audit(peer, command, false);
    }
    return answer;
}

void Master::Audit(const Peer& peer, const std::string& command, bool good) {
    json::Writer out;
    out.BeginObject()
        .Field("command", command)
        .Field("uid", static_cast<std::int64_t>(peer.uid))
        .Field("pid", static_cast<std::int64_t>(peer.pid))
        .Field("at", options_.clock->Now())
        .Field("ok", good)
        .EndObject();
    audit_.push_back("audit " + out.Take());
    if (audit_.size() > kMaxPendingAudit) {
        MCH_LOG(kError, "control command not audited", {{"record", audit_.front()}});
        audit_.pop_front();
    }
    FlushAudit();
}

// Service processes alone write to the audit table; without one (`mch`) the log is all there is.
void Master::FlushAudit() {
    if (current_->services.empty()) {
        audit_.clear();
        return;
    }
    for (const auto& slot : slots_) {
        if (slot->kind != Slot::Kind::kService || slot->state != ProcessState::kRunning) continue;
        while (!audit_.empty() && SendMessage(slot->channel, audit_.front())) audit_.pop_front();
        return;
    }
}

int RunMaster(const MasterOptions& options) { return Master(options).Run(); }

}  // namespace mch::process
