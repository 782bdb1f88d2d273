// The master process: single-threaded, small, opens no database. It binds the sockets, forks
// workers and service processes, starts them again when they die, and obeys signals and the control
// socket.
//
// A reload forks workers with the new configuration and lets the old ones go only when all new ones
// serve; whatever fails on the way (a bad file, a taken port, a worker that cannot start) leaves
// the old ones untouched. A service process stops before its successor starts.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mch/base/clock.h"
#include "mch/base/result.h"
#include "mch/conf/configuration.h"
#include "mch/process/child.h"
#include "mch/process/listeners.h"
#include "mch/process/privileges.h"
#include "mch/process/settings.h"

namespace mch::process {

// One good configuration and what follows from it.
struct Generation {
    std::int64_t number = 0;
    conf::Directive root;
    Settings settings;
    Account account;
    std::vector<http::ListenAddress> addresses;
    std::vector<std::string> services;  // names, for example "scheduler"
    ListenSet sockets;
};

struct MasterOptions {
    std::string program;
    std::string version;
    const Clock* clock = nullptr;
    // Reads and checks the configuration; `number` and `sockets` stay empty.
    std::function<Result<std::unique_ptr<Generation>>()> load;
    // Mains of the children, run after the fork with dropped privileges; the exit status.
    std::function<int(const Generation&, const ChildStart&)> worker;
    std::function<int(const Generation&, const ChildStart&)> service;
    // The log named by -e, which wins over error_log; "" = none.
    std::string error_log;
};

// Runs until QUIT, TERM or INT; the exit status of the program. With `daemon on` it returns 0 in
// the first process as soon as all processes serve.
int RunMaster(const MasterOptions& options);

}  // namespace mch::process
