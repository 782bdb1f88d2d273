// Rows of the identity tables.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mch/db/database.h"
#include "modules/identity/api/directory.h"
#include "modules/identity/api/scope.h"
#include "modules/identity/app/grants.h"
#include "modules/identity/domain/policy.h"

namespace anlan::identity {

using mch::db::Reader;
using mch::db::Transaction;

struct OrganisationRow {
    mch::Id id = 0;
    mch::Id parent_id = 0;
    std::string path;
    std::string code;
    std::string name;
    std::string kind;
    std::string uscc;
    mch::Id region_id = 0;
    std::string sector;
    std::string status = "enabled";
    std::int64_t version = 1;
    mch::TimeMs created_at = 0;
    mch::Id created_by = 0;
};

struct UserRow {
    mch::Id id = 0;
    std::string account;
    std::string name;
    std::string phone_sealed;
    std::string phone_index;
    mch::Id org_id = 0;
    std::string org_name;  // read only
    mch::Id region_id = 0;
    std::string sector;
    std::string language;
    std::string theme = "system";
    std::string status = "enabled";
    std::string password_hash;
    mch::TimeMs password_changed_at = 0;
    bool must_change_password = true;
    mch::TimeMs initial_expires_at = 0;  // 0: the password is the user's own
    mch::TimeMs last_login_at = 0;
    std::string last_login_address;
    std::int64_t version = 1;
    mch::TimeMs created_at = 0;
    mch::Id created_by = 0;
    mch::TimeMs updated_at = 0;
    mch::Id updated_by = 0;
};

struct SessionRow {
    mch::Id id = 0;
    std::string token_hash;
    mch::Id user_id = 0;
    mch::TimeMs created_at = 0;
    mch::TimeMs last_seen_at = 0;
    mch::TimeMs expires_at = 0;
    std::string address;
    std::string user_agent;
    mch::TimeMs previous_login_at = 0;
    std::string previous_login_address;
    mch::TimeMs ended_at = 0;
};

struct TokenRow {
    mch::Id id = 0;
    std::string token_hash;
    mch::Id user_id = 0;
    std::string name;
    std::string permissions;  // separated by spaces; "" = all of the user
    mch::TimeMs created_at = 0;
    mch::TimeMs expires_at = 0;
    mch::TimeMs last_used_at = 0;
    mch::TimeMs revoked_at = 0;
};

struct MenuRow {
    std::string code;
    std::string parent_code;
    std::string name_zh;
    std::string name_en;
    std::string icon;
    std::string path;
    std::string permission;
    bool mobile = false;
    std::int64_t sort = 0;
};

// store/organisations.cpp
mch::Result<std::optional<OrganisationRow>> FindOrganisation(Reader& reader, mch::Id id);
mch::Result<std::optional<OrganisationRow>> FindOrganisationByCode(Reader& reader,
                                                                   std::string_view code);
mch::Result<std::vector<OrganisationRow>> FindOrganisationsByName(Reader& reader,
                                                                  std::string_view name);
mch::Result<std::vector<OrganisationRow>> FindOrganisationsById(Reader& reader,
                                                                const std::vector<mch::Id>& ids);
mch::Result<std::vector<OrganisationRow>> ListOrganisations(Reader& reader,
                                                            const SqlCondition& scope,
                                                            std::string_view text, mch::Id after_id,
                                                            int limit);
mch::Result<void> InsertOrganisation(Transaction& tx, const OrganisationRow& row);
mch::Result<std::string> PathOfRegion(Reader& reader, mch::Id region_id);  // "" when unknown
mch::Result<std::string> NameOfRegion(Reader& reader, mch::Id region_id);
// 0 when there is none.
mch::Result<mch::Id> FindRegionByCode(Reader& reader, std::string_view code);
mch::Result<mch::Id> FindRegionByName(Reader& reader, std::string_view name, mch::Id under);
mch::Result<mch::Id> FindRootRegion(Reader& reader);

// store/users.cpp
mch::Result<std::optional<UserRow>> FindUser(Reader& reader, mch::Id id);
mch::Result<std::optional<UserRow>> FindUserByAccount(Reader& reader, std::string_view account);
mch::Result<std::vector<UserRow>> FindUsersById(Reader& reader, const std::vector<mch::Id>& ids);
mch::Result<std::vector<UserRow>> ListUsers(Reader& reader, const SqlCondition& scope,
                                            std::string_view text, mch::Id after_id, int limit);
mch::Result<void> InsertUser(Transaction& tx, const UserRow& row);
// Everything but id, account and creation, where the version is `seen`; false when it is not.
mch::Result<bool> UpdateUser(Transaction& tx, const UserRow& row, std::int64_t seen);
// The password columns only, without touching the version that an editor sees.
mch::Result<void> UpdatePassword(Transaction& tx, const UserRow& row);
mch::Result<void> UpdateLastLogin(Transaction& tx, mch::Id user_id, mch::TimeMs at,
                                  std::string_view address);
// Hashes of earlier passwords, newest first.
mch::Result<std::vector<std::string>> PasswordHistory(Reader& reader, mch::Id user_id, int count);
mch::Result<void> AddPasswordHistory(Transaction& tx, mch::Id id, mch::Id user_id,
                                     std::string_view hash, mch::TimeMs at);

// store/roles.cpp
mch::Result<std::vector<Role>> ListRoles(Reader& reader);
mch::Result<void> StoreRole(Transaction& tx, const Role& role, std::int64_t sort);
mch::Result<std::vector<MenuRow>> ListMenus(Reader& reader);
mch::Result<void> StoreMenu(Transaction& tx, const MenuRow& row);
mch::Result<std::vector<Grant>> GrantsOf(Reader& reader, mch::Id user_id);
mch::Result<std::map<mch::Id, std::vector<Grant>>> GrantsOfUsers(Reader& reader,
                                                                 const std::vector<mch::Id>& ids);
mch::Result<std::vector<std::string>> PermissionsOf(Reader& reader, mch::Id user_id);
mch::Result<void> ReplaceGrants(Transaction& tx, mch::Id user_id, const std::vector<Grant>& grants,
                                const std::vector<mch::Id>& row_ids, mch::TimeMs now, mch::Id by);
// Locks the rows, so that two administrators cannot remove each other at once.
mch::Result<std::vector<mch::Id>> LockEnabledHolders(Transaction& tx, std::string_view role);
struct HeldGrant {
    mch::Id user_id = 0;
    Grant grant;
};
mch::Result<std::vector<HeldGrant>> GrantsByRole(Reader& reader, std::string_view role);
mch::Result<std::vector<HeldGrant>> GrantsByPermission(Reader& reader, std::string_view permission);

// store/sessions.cpp
mch::Result<std::optional<SessionRow>> FindSession(Reader& reader, std::string_view token_hash);
mch::Result<void> InsertSession(Transaction& tx, const SessionRow& row);
mch::Result<void> TouchSession(Transaction& tx, mch::Id id, mch::TimeMs at);
mch::Result<void> EndSession(Transaction& tx, mch::Id id, mch::TimeMs at);
// All open sessions of the user.
mch::Result<void> EndSessions(Transaction& tx, mch::Id user_id, mch::TimeMs at);
// Ended or expired before `at`.
mch::Result<std::int64_t> DeleteOldSessions(Transaction& tx, mch::TimeMs before);
mch::Result<std::optional<TokenRow>> FindToken(Reader& reader, std::string_view token_hash);
mch::Result<std::vector<TokenRow>> ListTokens(Reader& reader, mch::Id user_id);
mch::Result<void> InsertToken(Transaction& tx, const TokenRow& row);
mch::Result<void> TouchToken(Transaction& tx, mch::Id id, mch::TimeMs at);
// False when the user has no such open token.
mch::Result<bool> RevokeToken(Transaction& tx, mch::Id user_id, mch::Id id, mch::TimeMs at);
mch::Result<void> RevokeTokens(Transaction& tx, mch::Id user_id, mch::TimeMs at);
mch::Result<Lockout> FindLockout(Reader& reader, std::string_view subject);
// Locks the row until the transaction ends.
mch::Result<Lockout> LockLockout(Transaction& tx, std::string_view subject, mch::TimeMs now);
mch::Result<void> StoreLockout(Transaction& tx, std::string_view subject, const Lockout& lockout,
                               mch::TimeMs now);

}  // namespace anlan::identity
