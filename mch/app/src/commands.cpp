#include "commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "mch/base/text.h"

namespace mch::app {
namespace {

constexpr std::size_t kBackupsKept = 10;
constexpr std::int64_t kMigrateBudgetMs = 30 * 60 * 1000;

db::Migrator MakeMigrator(ProcessRuntime& runtime, const Declarations& declarations) {
    db::Migrator migrator(runtime.database(), runtime.clock());
    for (const db::Migration& migration : declarations.migrations) migrator.Add(migration);
    return migrator;
}

// Copies the store before its schema changes; the newest ten copies stay.
Result<std::string> BackUp(ProcessRuntime& runtime) {
    const std::string folder = runtime.var_folder() + "/backup";
    MCH_CHECK(MakeFolder(folder));
    std::string stamp = FormatIso(runtime.clock().Now());
    std::replace(stamp.begin(), stamp.end(), ':', '-');
    const std::string path = fmt::format("{}/before-migrate-{}.db", folder, stamp);
    MCH_CHECK(runtime.database().Backup(path));
    std::vector<std::string> copies;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename();
        if (name.starts_with("before-migrate-") && name.ends_with(".db"))
            copies.push_back(entry.path());
    }
    std::sort(copies.begin(), copies.end());
    for (std::size_t i = 0; i + kBackupsKept < copies.size(); ++i)
        std::filesystem::remove(copies[i]);
    return path;
}

Result<int> Migrate(const CommandContext& context, const std::vector<std::string>& args) {
    const bool backup_done = args.size() == 1 && args[0] == "--backup-done";
    if (!args.empty() && !backup_done) return Invalid("command.usage", "migrate [--backup-done]");
    ProcessRuntime& runtime = context.runtime;
    for (const char* name :
         {"", "/db", "/keys", "/blobs", "/run", "/run/live", "/log", "/audit", "/spool"})
        MCH_CHECK(MakeFolder(runtime.var_folder() + name));
    // Changing a large table takes longer than any statement of the running platform may.
    MCH_CHECK(runtime.OpenStores(kMigrateBudgetMs));
    db::Migrator migrator = MakeMigrator(runtime, context.declarations);
    MCH_CHECK(migrator.Check());
    MCH_TRY(const auto pending, migrator.Pending());
    const bool first = pending.size() == context.declarations.migrations.size();
    if (!pending.empty() && !first && !backup_done) {
        const auto copy = BackUp(runtime);
        if (!copy) {
            return Error(
                copy.error().kind(), copy.error().code(),
                copy.error().detail() + " Back up the database, then call migrate --backup-done.");
        }
        fmt::print("backup: {}\n", *copy);
    }
    MCH_TRY(const int applied, migrator.Apply(kMigrateBudgetMs));
    MCH_CHECK(runtime.LoadKeys(context.declarations.keys, ProcessRuntime::MissingKeys::kMake));
    MCH_CHECK(runtime.StartIds("migrate"));
    MCH_CHECK(runtime.database().Write(Deadline(runtime.clock(), kMigrateBudgetMs),
                                       [&](db::Transaction& tx) -> Result<void> {
                                           for (const auto& seed : context.declarations.seeds)
                                               MCH_CHECK(seed(tx));
                                           return {};
                                       }));
    fmt::print("{}: {} migration(s) applied\n", runtime.database().Describe(), applied);
    return 0;
}

Result<int> PrintRoutes(const CommandContext& context) {
    for (const http::Route& route : context.declarations.routes.routes())
        fmt::print("{}\t{}\t{}\t{}\n", route.method, route.pattern, route.permission,
                   route.audit_action);
    return 0;
}

}  // namespace

Result<void> CheckSchema(ProcessRuntime& runtime, const Declarations& declarations) {
    db::Migrator migrator = MakeMigrator(runtime, declarations);
    MCH_CHECK(migrator.Check());
    MCH_TRY(const auto pending, migrator.Pending());
    if (pending.empty()) return {};
    return Internal(
        "app.migrations_pending",
        fmt::format("{} migration(s) are not applied, the first is {} {} of module {}: "
                    "run `migrate` first",
                    pending.size(), pending[0]->number, pending[0]->name, pending[0]->module));
}

void AddCommands(const CommandContext& context) {
    std::vector<Command>& commands = context.declarations.commands;
    const std::string program(context.info.program);
    commands.push_back(
        {.name = "routes",
         .usage = program + " routes",
         .summary = "Print method, pattern, permission and audit action of each route",
         .needs_database = false,
         .run = [context](const std::vector<std::string>&) { return PrintRoutes(context); }});
    commands.push_back({.name = "conf reference",
                        .usage = program + " conf reference",
                        .summary = "Print the reference of all directives (Markdown)",
                        .needs_database = false,
                        .run = [context](const std::vector<std::string>&) -> Result<int> {
                            fmt::print("{}", context.declarations.directives.ToMarkdown());
                            return 0;
                        }});
    if (!context.info.open_database) return;
    commands.push_back({.name = "openapi",
                        .usage = program + " openapi",
                        .summary = "Print the OpenAPI document",
                        .needs_database = false,
                        .run = [context](const std::vector<std::string>&) -> Result<int> {
                            fmt::print("{}\n", context.declarations.routes.ToOpenApi(
                                                   context.info.program, context.info.version));
                            return 0;
                        }});
    commands.push_back({.name = "migrate",
                        .usage = program + " migrate [--backup-done]",
                        .summary = "Bring the store to this release's schema; copies it first",
                        .needs_database = false,  // it opens the store itself, before it is current
                        .run = [context](const std::vector<std::string>& args) {
                            return Migrate(context, args);
                        }});
}

const Command* FindCommand(const std::vector<Command>& commands,
                           const std::vector<std::string>& args, std::vector<std::string>* rest) {
    const Command* best = nullptr;
    std::size_t best_words = 0;
    for (const Command& command : commands) {
        const auto words = text::Split(command.name, ' ');
        if (words.size() > args.size() || words.size() <= best_words) continue;
        if (!std::equal(words.begin(), words.end(), args.begin())) continue;
        best = &command;
        best_words = words.size();
    }
    rest->assign(args.begin() + static_cast<std::ptrdiff_t>(best_words), args.end());
    return best;
}

}  // namespace mch::app
