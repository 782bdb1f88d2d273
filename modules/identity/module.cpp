#include "modules/identity/module.h"

#include <utility>

#include "mch/app/embedded_files.h"
#include "mch/base/embedded.h"
#include "modules/identity/app/commands.h"
#include "modules/identity/app/directory.h"
#include "modules/identity/app/personal_data.h"
#include "modules/identity/app/seed.h"
#include "modules/identity/http/routes.h"

extern const mch::EmbeddedFiles kEmbedded_module_identity;

namespace anlan::identity {

namespace {

constexpr std::int64_t kHour = 3600'000;
constexpr std::int64_t kKeepSessionsMs = 30 * 24 * kHour;

void AddDirectives(mch::conf::Registry& directives) {
    mch::conf::DirectiveSpec title;
    title.name = "title";
    title.contexts = mch::conf::kAnlan;
    title.description = "Title of the installation on every page; the catalogue's by default.";
    directives.Add(std::move(title));
    const auto number = [&](std::string name, std::string description) {
        mch::conf::DirectiveSpec spec;
        spec.name = std::move(name);
        spec.contexts = mch::conf::kAnlan;
        spec.kind = mch::conf::ArgKind::kInteger;
        spec.min = 1;
        spec.max = 1000;
        spec.default_value = "5";
        spec.description = std::move(description);
        directives.Add(std::move(spec));
    };
    number("login_failures",
           "Failed logins of one account within 15 minutes that lock it for 30 minutes, doubling.");
    number(
        "login_source_failures",
        "Accounts that one address may fail to open within 15 minutes before it is locked; raise "
        "it when a whole office comes from one address.");
}

std::string File(std::string_view name) {
    return std::string(mch::app::EmbeddedText(kEmbedded_module_identity, name));
}

}  // namespace

void Register(mch::app::ModuleContext& context) {
    mch::app::Runtime& runtime = context.runtime;
    mch::app::AddEmbedded(context, "identity", kEmbedded_module_identity);
    AddDirectives(context.directives);
    context.keys.push_back("personal");

    auto personal_data =
        std::make_shared<KeyedPersonalData>([&runtime] { return runtime.Key("personal"); });
    auto words = ReadWords(File("data/common_passwords.json"));
    MCH_ASSERT(words.has_value());
    auto parts = std::make_shared<Parts>(Parts{
        runtime, context.Get<audit::AuditLog>(), personal_data, std::make_shared<PasswordHasher>(),
        std::make_shared<const BlockList>(std::move(*words))});
    context.Provide<PersonalData>(personal_data);
    context.Provide<Directory>(std::make_shared<StoredDirectory>(personal_data));
    // Owns the parts as well: the authenticator outlives Register().
    auto sessions =
        std::shared_ptr<Sessions>(new Sessions(*parts), [parts](Sessions* owned) { delete owned; });
    context.authenticator = sessions;
    AddSessionRoutes(context, parts, sessions);
    AddAdministrationRoutes(context, parts);
    AddCommands(context, parts, File("data/starter.json"));
    context.seeds.push_back([](mch::db::Transaction& tx) -> mch::Result<void> {
        MCH_CHECK(SeedRoles(tx, File("data/roles.json")));
        return SeedMenus(tx, File("data/menus.json"));
    });
    context.jobs.push_back(
        {"identity.delete_old_sessions", kHour,
         [&runtime](const mch::Deadline& deadline) -> mch::Result<void> {
             const mch::TimeMs before = runtime.clock().Now() - kKeepSessionsMs;
             MCH_CHECK(runtime.database().Write(deadline, [&](mch::db::Transaction& tx) {
                 return DeleteOldSessions(tx, before);
             }));
             return {};
         }});
}

}  // namespace anlan::identity
