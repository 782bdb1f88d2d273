// Commands that every program has.
#pragma once

#include "declarations.h"
#include "process_runtime.h"

namespace mch::app {

struct CommandContext {
    const ApplicationInfo& info;
    ProcessRuntime& runtime;
    Declarations& declarations;
};

// migrate, openapi, routes, conf reference. `context` must outlive the commands.
void AddCommands(const CommandContext& context);

// The command whose words begin `args` (the longest such), or nullptr; `rest` gets what follows.
const Command* FindCommand(const std::vector<Command>& commands,
                           const std::vector<std::string>& args, std::vector<std::string>* rest);

// Errors: app.migrations_pending with what to do, and those of Migrator::Check.
Result<void> CheckSchema(ProcessRuntime& runtime, const Declarations& declarations);

}  // namespace mch::app
