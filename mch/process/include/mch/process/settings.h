// What the main context says about processes: how many, as whom, and where their files are.
#pragma once

#include <cstdint>
#include <string>

#include "mch/base/result.h"
#include "mch/conf/configuration.h"
#include "mch/log/log.h"

namespace mch::process {

struct Settings {
    int workers = 1;
    std::string user;   // "" = stay who we are
    std::string group;  // "" = the user's own
    bool daemon = false;
    std::string pid_file;
    std::string control_socket;
    std::string error_log;  // absolute path or "stderr"
    log::Level log_level = log::Level::kNotice;
    std::int64_t open_files = 0;           // RLIMIT_NOFILE of children; 0 = as inherited
    std::int64_t shutdown_timeout_ms = 0;  // of workers that drain; 0 = no limit
};

// worker_processes, user, daemon, pid, control_socket, error_log, worker_rlimit_nofile,
// worker_shutdown_timeout and events { worker_connections; }. `program` names the default files.
void DeclareDirectives(conf::Registry& registry, std::string_view program);

// Relative paths are under `prefix` (which ends in "/" or is empty).
Settings ReadSettings(const conf::Directive& root, const std::string& prefix,
                      std::string_view program);

}  // namespace mch::process
