#include "modules/identity/app/accounts.h"

#include <algorithm>
#include <utility>

#include "mch/base/text.h"

namespace anlan::identity {

namespace {

constexpr std::int64_t kCommandBudgetMs = 30'000;
constexpr std::string_view kPhoneColumn = "identity_user.phone";

// a-z first, then letters, digits, dot, dash, underscore; 3 to 32.
bool IsAccount(std::string_view account) {
    if (account.size() < 3 || account.size() > 32 || account[0] < 'a' || account[0] > 'z') {
        return false;
    }
    return std::all_of(account.begin(), account.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    });
}

std::string Describe(const std::vector<Grant>& grants) {
    std::string text;
    for (const Grant& grant : grants) {
        if (!text.empty()) text += "; ";
        text += Describe(grant);
    }
    return text;
}

audit::Record RecordOf(std::string_view action, const UserRow& user) {
    audit::Record record;
    record.action = action;
    record.object_type = "user";
    record.object_id = user.id;
    record.org_id = user.org_id;
    record.region_id = user.region_id;
    record.note = user.account;
    return record;
}

template <typename T>
std::string ToText(const T& value) {
    if constexpr (std::is_same_v<T, mch::Id>) {
        return mch::FormatId(value);
    } else {
        return value;
    }
}

// Sets the field and notes the change.
template <typename T>
void Apply(audit::Record& record, std::string_view field, T& stored,
           const std::optional<T>& wanted) {
    if (!wanted || *wanted == stored) return;
    record.changes.push_back({std::string(field), ToText(stored), ToText(*wanted)});
    stored = *wanted;
}

}  // namespace

Caller CallerOf(const mch::http::Context& context) {
    return {context.principal, audit::RequestActor(context), context.deadline(), false};
}

Caller OperatorCaller(mch::app::Runtime& runtime, std::string_view command) {
    Caller caller{
        {}, audit::CommandActor(command), mch::Deadline(runtime.clock(), kCommandBudgetMs), true};
    caller.principal.scopes.push_back({mch::http::ScopeKind::kAll, 0, 0, {}});
    return caller;
}

mch::Result<void> Accounts::SetPhone(UserRow& user, std::string_view phone) {
    if (!phone.empty() && !IsPhone(phone)) {
        return mch::InvalidField("phone", "field.format", {{"expected", "phone"}});
    }
    MCH_TRY(user.phone_sealed, parts_.personal_data->Seal(kPhoneColumn, phone));
    MCH_TRY(user.phone_index, parts_.personal_data->Index(kPhoneColumn, phone));
    return {};
}

mch::Result<void> Accounts::CheckGiving(Reader& reader, const Caller& caller, const UserRow& user,
                                        std::vector<Grant>& grants) {
    MCH_TRY(const auto roles, ListRoles(reader));
    for (Grant& grant : grants) {
        const Role* role = FindRole(roles, grant.role);
        if (role == nullptr || !grant.scope_kind.empty()) continue;
        grant.scope_kind = role->scope_kind;
        if (grant.region_id == 0) grant.region_id = user.region_id;
        if (grant.org_id == 0) grant.org_id = user.org_id;
        // Only what the kind reads, so that two equal grants are equal rows.
        if (grant.scope_kind == "all" || grant.scope_kind == "self") {
            grant.region_id = grant.org_id = 0;
        } else if (grant.scope_kind.starts_with("organisation")) {
            grant.region_id = 0;
        } else {
            grant.org_id = 0;
        }
    }
    MCH_CHECK(CheckGrants(roles, grants));
    if (caller.operator_at_machine) return {};
    MCH_CHECK(CheckGrantor(caller.principal, roles, grants));
    for (const Grant& grant : grants) {
        const auto kind = ParseScopeKind(grant.scope_kind);
        const bool everything =
            std::any_of(caller.principal.scopes.begin(), caller.principal.scopes.end(),
                        [](const auto& own) { return own.kind == mch::http::ScopeKind::kAll; });
        if (everything || kind == mch::http::ScopeKind::kSelf) continue;
        if (kind == mch::http::ScopeKind::kAll) return mch::Forbidden("identity.grant.beyond_own");
        MCH_TRY(const bool inside, InScope(reader, caller.principal,
                                           {grant.region_id, grant.org_id, grant.sector, 0}));
        if (!inside) return mch::Forbidden("identity.grant.beyond_own");
    }
    return {};
}

mch::Result<UserRow> Accounts::Target(Transaction& tx, const Caller& caller, mch::Id id) {
    MCH_TRY(auto user, FindUser(tx, id));
    if (!user) return mch::NotFound("identity.user.not_found");
    if (caller.operator_at_machine) return std::move(*user);
    MCH_TRY(const bool inside,
            InScope(tx, caller.principal,
                    {user->region_id, user->org_id, user->sector, user->created_by}));
    if (!inside) return mch::NotFound("identity.user.not_found");
    // Nobody takes over an account that may do more than its administrator (an auditor's).
    MCH_TRY(const auto roles, ListRoles(tx));
    MCH_TRY(const auto grants, GrantsOf(tx, id));
    MCH_CHECK(CheckGrantor(caller.principal, roles, grants));
    return std::move(*user);
}

mch::Result<void> Accounts::KeepOneAdministrator(Transaction& tx, mch::Id id) {
    MCH_TRY(const auto holders, LockEnabledHolders(tx, kAdminRole));
    const bool is_one = std::find(holders.begin(), holders.end(), id) != holders.end();
    const bool another =
        std::any_of(holders.begin(), holders.end(), [&](mch::Id holder) { return holder != id; });
    if (is_one && !another) return mch::Conflict("identity.user.last_admin");
    return {};
}

mch::Result<IssuedPassword> Accounts::CreateUser(const Caller& caller, UserInput input) {
    UserRow user;
    user.id = parts_.runtime.ids().Next();
    user.account = NormaliseAccount(input.account);
    if (!IsAccount(user.account)) {
        return mch::InvalidField("account", "identity.user.account_format");
    }
    user.name = input.name;
    user.org_id = input.org_id;
    user.region_id = input.region_id;
    user.sector = input.sector;
    user.language = input.language;
    MCH_CHECK(SetPhone(user, input.phone));
    const std::string password = RandomPassword();
    user.password_hash = parts_.hasher->Hash(password);
    const mch::TimeMs now = parts_.runtime.clock().Now();
    user.password_changed_at = now;
    user.initial_expires_at = now + kInitialPasswordMs;
    user.created_at = now;
    user.created_by = caller.principal.user_id;
    std::vector<mch::Id> row_ids;
    for (std::size_t i = 0; i < input.grants.size(); ++i) {
        row_ids.push_back(parts_.runtime.ids().Next());
    }
    MCH_CHECK(
        parts_.runtime.database().Write(caller.deadline, [&](Transaction& tx) -> mch::Result<void> {
            MCH_TRY(const auto same, FindUserByAccount(tx, user.account));
            if (same) return mch::InvalidField("account", "identity.user.account_taken");
            if (user.org_id != 0) {
                MCH_TRY(const auto org, FindOrganisation(tx, user.org_id));
                if (!org) return mch::InvalidField("org_id", "identity.org.not_found");
            }
            if (user.region_id != 0) {
                MCH_TRY(const auto path, PathOfRegion(tx, user.region_id));
                if (path.empty()) return mch::InvalidField("region_id", "region.not_found");
            }
            std::vector<Grant> grants = input.grants;
            MCH_CHECK(CheckGiving(tx, caller, user, grants));
            MCH_CHECK(InsertUser(tx, user));
            MCH_CHECK(ReplaceGrants(tx, user.id, grants, row_ids, now, caller.principal.user_id));
            audit::Record record = RecordOf("user.create", user);
            record.changes = {{"account", "", user.account},
                              {"name", "", user.name},
                              {"org_id", "", mch::FormatId(user.org_id)},
                              {"region_id", "", mch::FormatId(user.region_id)},
                              {"roles", "", Describe(grants)}};
            return parts_.audit->Append(tx, caller.actor, std::move(record));
        }));
    return IssuedPassword{user.id, user.account, password, user.initial_expires_at};
}

mch::Result<void> Accounts::Update(const Caller& caller, mch::Id id, const UserUpdate& update) {
    const mch::TimeMs now = parts_.runtime.clock().Now();
    std::vector<mch::Id> row_ids;
    for (std::size_t i = 0; update.grants && i < update.grants->size(); ++i) {
        row_ids.push_back(parts_.runtime.ids().Next());
    }
    return parts_.runtime.database().Write(
        caller.deadline, [&](Transaction& tx) -> mch::Result<void> {
            MCH_TRY(UserRow user, Target(tx, caller, id));
            audit::Record record = RecordOf("user.update", user);
            Apply(record, "name", user.name, update.name);
            Apply(record, "org_id", user.org_id, update.org_id);
            Apply(record, "region_id", user.region_id, update.region_id);
            Apply(record, "sector", user.sector, update.sector);
            Apply(record, "language", user.language, update.language);
            if (update.phone) {
                const std::string before = user.phone_index;
                MCH_CHECK(SetPhone(user, *update.phone));
                if (before != user.phone_index) {
                    record.changes.push_back({"phone", "", MaskPhone(*update.phone)});
                }
            }
            if (update.grants) {
                if (id == caller.principal.user_id)
                    return mch::Forbidden("identity.user.own_roles");
                std::vector<Grant> grants = *update.grants;
                MCH_CHECK(CheckGiving(tx, caller, user, grants));
                MCH_TRY(const auto before, GrantsOf(tx, id));
                const bool stays = std::any_of(grants.begin(), grants.end(),
                                               [](const Grant& g) { return g.role == kAdminRole; });
                if (!stays) MCH_CHECK(KeepOneAdministrator(tx, id));
                MCH_CHECK(ReplaceGrants(tx, id, grants, row_ids, now, caller.principal.user_id));
                record.changes.push_back({"roles", Describe(before), Describe(grants)});
            }
            user.updated_at = now;
            user.updated_by = caller.principal.user_id;
            MCH_TRY(const bool updated, UpdateUser(tx, user, update.version));
            if (!updated) {
                return mch::Error(mch::ErrorKind::kPrecondition, "request.version_changed")
                    .WithExtraJson("{\"current_version\":" + std::to_string(user.version) + "}");
            }
            return parts_.audit->Append(tx, caller.actor, std::move(record));
        });
}

mch::Result<void> Accounts::SetStatus(const Caller& caller, mch::Id id, UserStatus status) {
    const mch::TimeMs now = parts_.runtime.clock().Now();
    const bool disable = status == UserStatus::kDisabled;
    return parts_.runtime.database().Write(
        caller.deadline, [&](Transaction& tx) -> mch::Result<void> {
            MCH_TRY(UserRow user, Target(tx, caller, id));
            if (id == caller.principal.user_id) return mch::Forbidden("identity.user.own_status");
            if (disable) {
                MCH_CHECK(KeepOneAdministrator(tx, id));
                MCH_CHECK(EndSessions(tx, id, now));
                MCH_CHECK(RevokeTokens(tx, id, now));
            }
            audit::Record record = RecordOf(disable ? "user.disable" : "user.enable", user);
            const std::string wanted = disable ? "disabled" : "enabled";
            record.changes = {{"status", user.status, wanted}};
            user.status = wanted;
            user.updated_at = now;
            user.updated_by = caller.principal.user_id;
            MCH_CHECK(UpdateUser(tx, user, user.version));
            return parts_.audit->Append(tx, caller.actor, std::move(record));
        });
}

mch::Result<void> Accounts::Unlock(const Caller& caller, mch::Id id) {
    const mch::TimeMs now = parts_.runtime.clock().Now();
    return parts_.runtime.database().Write(
        caller.deadline, [&](Transaction& tx) -> mch::Result<void> {
            MCH_TRY(const UserRow user, Target(tx, caller, id));
            MCH_TRY(const auto subject, AccountSubject(parts_.runtime, user.account));
            MCH_CHECK(StoreLockout(tx, subject, Lockout{}, now));
            return parts_.audit->Append(tx, caller.actor, RecordOf("user.unlock", user));
        });
}

mch::Result<IssuedPassword> Accounts::ResetPassword(const Caller& caller, mch::Id id) {
    if (id == caller.principal.user_id) return mch::Forbidden("identity.user.own_reset");
    const std::string password = RandomPassword();
    const std::string hash = parts_.hasher->Hash(password);
    const mch::TimeMs now = parts_.runtime.clock().Now();
    const mch::Id history_id = parts_.runtime.ids().Next();
    return parts_.runtime.database().Write(
        caller.deadline, [&](Transaction& tx) -> mch::Result<IssuedPassword> {
            MCH_TRY(UserRow user, Target(tx, caller, id));
            // The user's own last password stays in the history.
            if (user.initial_expires_at == 0) {
                MCH_CHECK(AddPasswordHistory(tx, history_id, id, user.password_hash, now));
            }
            user.password_hash = hash;
            user.password_changed_at = now;
            user.must_change_password = true;
            user.initial_expires_at = now + kInitialPasswordMs;
            MCH_CHECK(UpdatePassword(tx, user));
            MCH_CHECK(EndSessions(tx, id, now));
            MCH_CHECK(RevokeTokens(tx, id, now));
            MCH_TRY(const auto subject, AccountSubject(parts_.runtime, user.account));
            MCH_CHECK(StoreLockout(tx, subject, Lockout{}, now));
            MCH_CHECK(
                parts_.audit->Append(tx, caller.actor, RecordOf("user.password_reset", user)));
            return IssuedPassword{id, user.account, password, user.initial_expires_at};
        });
}

mch::Result<mch::Id> Accounts::CreateOrganisation(const Caller& caller, OrganisationRow input) {
    input.id = parts_.runtime.ids().Next();
    input.created_at = parts_.runtime.clock().Now();
    input.created_by = caller.principal.user_id;
    return parts_.runtime.database().Write(
        caller.deadline, [&](Transaction& tx) -> mch::Result<mch::Id> {
            OrganisationRow org = input;
            org.path = "/";
            if (org.parent_id != 0) {
                MCH_TRY(const auto parent, FindOrganisation(tx, org.parent_id));
                if (!parent) return mch::InvalidField("parent_id", "identity.org.not_found");
                org.path = parent->path;
            }
            org.path += mch::FormatId(org.id) + "/";
            MCH_TRY(const auto same, FindOrganisationByCode(tx, org.code));
            if (same) return mch::InvalidField("code", "identity.org.code_taken");
            MCH_CHECK(InsertOrganisation(tx, org));
            audit::Record record;
            record.action = "org.create";
            record.object_type = "org";
            record.object_id = org.id;
            record.org_id = org.id;
            record.region_id = org.region_id;
            record.changes = {
                {"code", "", org.code}, {"name", "", org.name}, {"kind", "", org.kind}};
            MCH_CHECK(parts_.audit->Append(tx, caller.actor, std::move(record)));
            return org.id;
        });
}

}  // namespace anlan::identity
