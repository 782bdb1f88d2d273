// Everything that the modules declare, gathered once per process before the configuration is read.
#pragma once

#include <memory>
#include <vector>

#include "mch/app/application.h"
#include "mch/app/module.h"

namespace mch::app {

struct Declarations {
    conf::Registry directives;
    Catalogue messages;
    http::Router routes;
    std::vector<db::Migration> migrations;
    std::vector<Job> jobs;
    std::vector<Command> commands;
    std::vector<std::function<Result<void>(db::Transaction&)>> seeds;
    std::shared_ptr<http::Authenticator> authenticator;
    std::function<Result<void>(std::string_view json)> on_control_command;
    std::vector<std::string> keys;
};

// Declares the container's own directives, messages and migrations, then calls the modules in
// order.
Result<void> Declare(const ApplicationInfo& info, const std::vector<RegisterFunction>& modules,
                     Runtime& runtime, Declarations& declarations);

}  // namespace mch::app
