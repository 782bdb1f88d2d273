// State of the master. See mch/process/master.h for what it does.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "control_server.h"
#include "mch/process/master.h"
#include "mch/process/pid_file.h"

namespace mch::process {

// A place for one process: the same slot is filled again when the process dies.
struct Slot {
    enum class Kind { kWorker, kService };
    Kind kind = Kind::kWorker;
    std::string name;
    int index = 0;
    int number = 0;  // in SharedState::connections
    std::shared_ptr<Generation> generation;
    ProcessState state = ProcessState::kDown;
    pid_t pid = 0;
    int channel = -1;
    bool ready_once = false;
    bool leaving = false;      // not started again
    std::string failure;       // what the child said before it ended
    std::int64_t started = 0;  // monotonic
    TimeMs started_at = 0;
    std::int64_t restarts = 0;
    int quick_deaths = 0;           // in a row, for the backoff
    std::int64_t restart_due = -1;  // monotonic; -1 = none
    std::int64_t kill_due = -1;
};

class Master {
  public:
    explicit Master(const MasterOptions& options);
    int Run();

  private:
    enum class Phase { kStarting, kServing, kQuitting, kTerminating };

    // Start.
    Result<void> Prepare();
    bool Daemonize(int* exit_status);  // true in the first process, which then ends
    void ReportStarted(bool good);

    // Children (master_children.cpp).
    std::unique_ptr<Slot> MakeSlot(Slot::Kind kind, const std::string& name, int index,
                                   std::shared_ptr<Generation> generation);
    void Spawn(Slot& slot);
    [[noreturn]] void RunChild(Slot& slot, int channel);
    void Reap();
    void OnExit(Slot& slot, int status);
    void OnMessages(Slot& slot);
    void OnReady(Slot& slot);
    void Signal(Slot& slot, int signal, std::int64_t kill_after_ms);
    void RunTimers();
    int NextTimeout() const;
    void UpdateTable();
    bool AllGone() const;

    // Reload (master_reload.cpp).
    void StartReload(int client);
    void CommitReload();
    void AbortReload(const std::string& why);
    void AnswerReload(bool good, const std::string& error);

    // Commands.
    void HandleSignals();
    void Quit();
    void Terminate();
    void ReopenLogs();
    std::string Execute(int client, const Peer& peer, const std::string& command);
    std::string Status();
    void Audit(const Peer& peer, const std::string& command, bool good);
    void FlushAudit();
    void ApplyLog();

    const MasterOptions& options_;
    SharedState* const shared_;
    PidFile pid_file_;
    ControlServer control_;
    int signal_fd_ = -1;
    int started_pipe_ = -1;  // to the first process of a daemon
    Phase phase_ = Phase::kStarting;
    int exit_status_ = 0;
    TimeMs started_at_ = 0;

    std::shared_ptr<Generation> current_;
    std::shared_ptr<Generation> next_;  // of a reload under way
    std::int64_t reload_due_ = -1;      // when new workers must serve
    std::vector<int> reload_clients_;
    bool reload_again_ = false;  // asked for while one was under way
    std::vector<std::unique_ptr<Slot>> slots_;
    std::deque<std::string> audit_;  // commands that the scheduler has not got yet
    std::int64_t table_due_ = 0;
    std::string shown_failure_;  // of a child at our own start
};

}  // namespace mch::process
