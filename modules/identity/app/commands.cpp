#include "modules/identity/app/commands.h"

#include <cstdio>
#include <utility>

#include "modules/identity/app/accounts.h"
#include "modules/identity/app/seed.h"

namespace anlan::identity {

namespace {

using Arguments = std::vector<std::string>;

mch::Error Usage(const char* text) { return mch::Invalid("command.usage", text); }

void Print(const IssuedPassword& issued) {
    std::printf("%s\t%s\n", issued.account.c_str(), issued.password.c_str());
}

mch::Result<int> SetUpCommand(Parts& parts, const std::string& json, const Arguments& args) {
    if (args.size() != 1 || (args[0] != "--starter" && args[0] != "--empty")) {
        return Usage("anlan setup --starter|--empty");
    }
    const Starter starter = args[0] == "--starter" ? Starter::kWithPeople : Starter::kEmpty;
    MCH_TRY(const auto issued, SetUp(parts, json, starter));
    for (const IssuedPassword& password : issued) Print(password);
    return 0;
}

mch::Result<UserRow> Named(Parts& parts, const Caller& caller, const std::string& name) {
    MCH_TRY(auto user, parts.runtime.database().Read(caller.deadline, [&](Reader& reader) {
        return FindUserByAccount(reader, NormaliseAccount(name));
    }));
    if (!user) return mch::NotFound("identity.user.not_found", name);
    return *user;
}

mch::Result<int> ResetCommand(Parts& parts, const Arguments& args) {
    if (args.size() != 1) return Usage("anlan user reset NAME");
    const Caller caller = OperatorCaller(parts.runtime, "user reset");
    MCH_TRY(const UserRow user, Named(parts, caller, args[0]));
    Accounts accounts(parts);
    MCH_TRY(const auto issued, accounts.ResetPassword(caller, user.id));
    MCH_CHECK(parts.first_passwords().Set(issued.account, issued.password));
    Print(issued);
    return 0;
}

// Ends the lock of an account or of a source address: the way in when somebody has locked all
// administrators out.
mch::Result<int> UnlockCommand(Parts& parts, const Arguments& args) {
    if (args.size() != 1) return Usage("anlan user unlock NAME|ADDRESS");
    const Caller caller = OperatorCaller(parts.runtime, "user unlock");
    const mch::TimeMs now = parts.runtime.clock().Now();
    MCH_TRY(const auto account, AccountSubject(parts.runtime, NormaliseAccount(args[0])));
    MCH_TRY(const auto source, SourceSubject(parts.runtime, args[0]));
    MCH_CHECK(
        parts.runtime.database().Write(caller.deadline, [&](Transaction& tx) -> mch::Result<void> {
            MCH_CHECK(StoreLockout(tx, account, Lockout{}, now));
            MCH_CHECK(StoreLockout(tx, source, Lockout{}, now));
            audit::Record record;
            record.action = "user.unlock";
            record.object_type = "user";
            record.note = args[0];
            return parts.audit->Append(tx, caller.actor, std::move(record));
        }));
    return 0;
}

mch::Result<int> ListCommand(Parts& parts, const Arguments& args) {
    if (!args.empty()) return Usage("anlan user list");
    constexpr int kPage = 500;
    const Caller caller = OperatorCaller(parts.runtime, "user list");
    mch::Id after = 0;
    while (true) {
        std::map<mch::Id, std::vector<Grant>> grants;
        MCH_TRY(const auto users,
                parts.runtime.database().Read(
                    caller.deadline, [&](Reader& reader) -> mch::Result<std::vector<UserRow>> {
                        MCH_TRY(auto rows, ListUsers(reader, ScopePredicate(caller.principal, "u"),
                                                     "", after, kPage));
                        std::vector<mch::Id> ids;
                        for (const UserRow& row : rows) ids.push_back(row.id);
                        MCH_TRY(grants, GrantsOfUsers(reader, ids));
                        return rows;
                    }));
        for (const UserRow& user : users) {
            std::string roles;
            for (const Grant& grant : grants[user.id]) {
                if (roles.find(grant.role) != std::string::npos) continue;
                roles += roles.empty() ? grant.role : "," + grant.role;
            }
            std::printf("%s\t%s\t%s\t%s\n", user.account.c_str(), user.name.c_str(),
                        user.status.c_str(), roles.c_str());
        }
        if (users.size() < kPage) return 0;
        after = users.back().id;
    }
}

}  // namespace

void AddCommands(mch::app::ModuleContext& context, std::shared_ptr<Parts> parts,
                 std::string starter_json) {
    const auto add = [&](std::string name, std::string usage, std::string summary,
                         std::function<mch::Result<int>(const Arguments&)> run) {
        mch::app::Command command;
        command.name = std::move(name);
        command.usage = std::move(usage);
        command.summary = std::move(summary);
        command.run = std::move(run);
        context.commands.push_back(std::move(command));
    };
    add("setup", "anlan setup --starter|--empty",
        "Creates the administrator and, with --starter, the first organisations and users",
        [parts, json = std::move(starter_json)](const Arguments& args) {
            return SetUpCommand(*parts, json, args);
        });
    add("user reset", "anlan user reset NAME", "Issues a password for one use",
        [parts](const Arguments& args) { return ResetCommand(*parts, args); });
    add("user unlock", "anlan user unlock NAME|ADDRESS",
        "Ends the lock of an account or an address after failed logins",
        [parts](const Arguments& args) { return UnlockCommand(*parts, args); });
    add("user list", "anlan user list", "Lists accounts with name, status and roles",
        [parts](const Arguments& args) { return ListCommand(*parts, args); });
}

}  // namespace anlan::identity
