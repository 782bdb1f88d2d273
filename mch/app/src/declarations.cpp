#include "declarations.h"

#include "mch/base/embedded.h"
#include "mch/base/text.h"
#include "mch/db/slot_lease.h"
#include "mch/http/server.h"
#include "mch/process/settings.h"

extern const mch::EmbeddedFiles kEmbedded_mch_app;

namespace mch::app {
namespace {

std::string CheckZone(const std::vector<std::string>& args) {
    const std::string& zone = args[0];
    const bool shape = zone.size() == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':';
    const auto hours = shape ? text::ParseInt(zone.substr(1, 2)) : std::nullopt;
    const auto minutes = shape ? text::ParseInt(zone.substr(4, 2)) : std::nullopt;
    if (hours && minutes && *hours >= 0 && *hours <= 14 && *minutes >= 0 && *minutes < 60)
        return {};
    return "\"zone_offset\" must look like +08:00, not \"" + zone + "\"";
}

void DeclareDatabaseDirectives(conf::Registry& registry) {
    using conf::ArgKind;
    registry.Add({.name = "database",
                  .min_args = 0,
                  .max_args = 0,
                  .description = "The business store and its pools.",
                  .block = conf::kDatabase});
    registry.Add({.name = "url",
                  .contexts = conf::kDatabase,
                  .description = "sqlite:PATH, or mysql://user:password@host:port/name."});
    registry.Add(
        {.name = "url_file",
         .contexts = conf::kDatabase,
         .description = "File whose first line is the url, to keep its password out of here."});
    registry.Add({.name = "readers",
                  .contexts = conf::kDatabase,
                  .kind = ArgKind::kInteger,
                  .default_value = "4",
                  .description = "Reader connections of each process.",
                  .min = 1,
                  .max = 64});
    registry.Add({.name = "writers",
                  .contexts = conf::kDatabase,
                  .kind = ArgKind::kInteger,
                  .default_value = "2",
                  .description = "Writer connections of each process; SQLite always has one.",
                  .min = 1,
                  .max = 64});
    registry.Add({.name = "statement_timeout",
                  .contexts = conf::kDatabase,
                  .kind = ArgKind::kDuration,
                  .default_value = "5s",
                  .description = "Longest time of one statement.",
                  .min = 100});
    registry.Add({.name = "lock_timeout",
                  .contexts = conf::kDatabase,
                  .kind = ArgKind::kDuration,
                  .default_value = "5s",
                  .description = "Longest wait for a connection or a lock.",
                  .min = 100});
}

void DeclarePlatformDirectives(conf::Registry& registry) {
    registry.Add({.name = "anlan",
                  .min_args = 0,
                  .max_args = 0,
                  .description = "The platform and its modules.",
                  .block = conf::kAnlan});
    registry.Add({.name = "var",
                  .contexts = conf::kAnlan,
                  .default_value = "var",
                  .description = "Folder of everything that the installation writes."});
    registry.Add({.name = "share",
                  .contexts = conf::kAnlan,
                  .default_value = "share",
                  .description = "Folder of installed data files."});
    registry.Add({.name = "blobs",
                  .contexts = conf::kAnlan,
                  .default_value = "var/blobs",
                  .description = "Folder of stored files."});
    registry.Add({.name = "zone_offset",
                  .contexts = conf::kAnlan,
                  .default_value = "+08:00",
                  .description = "Offset from UTC of the civil dates of the installation.",
                  .check = CheckZone});
}

Result<void> AddOwnFiles(Declarations& declarations) {
    std::vector<std::pair<std::string, std::string>> sql;
    for (const auto& [path, content] : kEmbedded_mch_app) {
        constexpr std::string_view kMessages = "messages/";
        constexpr std::string_view kSql = "sql/";
        if (path.starts_with(kSql)) sql.emplace_back(path.substr(kSql.size()), content);
        if (!path.starts_with(kMessages)) continue;
        const std::size_t stem = path.size() - kMessages.size() - std::string_view(".json").size();
        MCH_CHECK(declarations.messages.Add(path.substr(kMessages.size(), stem), content));
    }
    declarations.migrations = db::CoreMigrations();
    for (db::Migration& migration : db::MigrationsFromFiles("app", sql))
        declarations.migrations.push_back(std::move(migration));
    return {};
}

}  // namespace

Result<void> Declare(const ApplicationInfo& info, const std::vector<RegisterFunction>& modules,
                     Runtime& runtime, Declarations& declarations) {
    process::DeclareDirectives(declarations.directives, info.program);
    http::DeclareDirectives(declarations.directives);
    MCH_CHECK(http::AddMessages(declarations.messages));
    if (info.open_database) {
        DeclareDatabaseDirectives(declarations.directives);
        DeclarePlatformDirectives(declarations.directives);
    }
    MCH_CHECK(AddOwnFiles(declarations));
    ModuleContext context{.runtime = runtime,
                          .directives = declarations.directives,
                          .messages = declarations.messages,
                          .routes = declarations.routes,
                          .migrations = declarations.migrations,
                          .jobs = declarations.jobs,
                          .commands = declarations.commands,
                          .seeds = declarations.seeds,
                          .authenticator = declarations.authenticator,
                          .on_control_command = declarations.on_control_command,
                          .keys = declarations.keys};
    for (const RegisterFunction module : modules) module(context);
    return {};
}

}  // namespace mch::app
