#include <algorithm>

#include "modules/identity/store/rows.h"
#include "modules/identity/store/sql.h"

namespace anlan::identity {

namespace {

constexpr std::string_view kListRoles =
    "SELECT code, name_zh, name_en, scope_kind, exclusive\n"
    "FROM identity_role\n"
    "ORDER BY sort";
constexpr std::string_view kListPermissions =
    "SELECT role_code, permission\n"
    "FROM identity_role_permission\n"
    "ORDER BY role_code, permission";
constexpr std::string_view kDropPermissions =
    "DELETE FROM identity_role_permission\n"
    "WHERE role_code = ?";
constexpr std::string_view kAddPermission =
    "INSERT INTO identity_role_permission (role_code, permission)\n"
    "VALUES (?, ?)";
constexpr std::string_view kListMenus =
    "SELECT code, parent_code, name_zh, name_en, icon, path, permission, mobile, sort\n"
    "FROM identity_menu\n"
    "ORDER BY sort";
#define ANLAN_GRANT_COLUMNS \
    "SELECT g.user_id, g.role_code, g.scope_kind, g.region_id, g.org_id, g.sector\n"
constexpr std::string_view kGrantsOfUsers = ANLAN_GRANT_COLUMNS
    "FROM identity_user_role g\n"
    "WHERE g.user_id IN ";
constexpr std::string_view kGrantsOrder = "\nORDER BY g.user_id, g.id";
constexpr std::string_view kGrantsByRole = ANLAN_GRANT_COLUMNS
    "FROM identity_user_role g\n"
    "JOIN identity_user u ON u.id = g.user_id AND u.status = 'enabled'\n"
    "WHERE g.role_code = ?\n"
    "ORDER BY g.user_id, g.id";
constexpr std::string_view kGrantsByPermission = ANLAN_GRANT_COLUMNS
    "FROM identity_role_permission p\n"
    "JOIN identity_user_role g ON g.role_code = p.role_code\n"
    "JOIN identity_user u ON u.id = g.user_id AND u.status = 'enabled'\n"
    "WHERE p.permission = ?\n"
    "ORDER BY g.user_id, g.id";
#undef ANLAN_GRANT_COLUMNS
constexpr std::string_view kPermissionsOf =
    "SELECT DISTINCT p.permission\n"
    "FROM identity_user_role g\n"
    "JOIN identity_role_permission p ON p.role_code = g.role_code\n"
    "WHERE g.user_id = ?\n"
    "ORDER BY p.permission";
constexpr std::string_view kDropGrants =
    "DELETE FROM identity_user_role\n"
    "WHERE user_id = ?";
constexpr std::string_view kAddGrant =
    "INSERT INTO identity_user_role (id, user_id, role_code, scope_kind, region_id, org_id,\n"
    "  sector, created_at, created_by)\n"
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kLockHolders =
    "SELECT g.user_id\n"
    "FROM identity_user_role g\n"
    "JOIN identity_user u ON u.id = g.user_id\n"
    "WHERE g.role_code = ? AND u.status = 'enabled'\n"
    "ORDER BY g.user_id";

Grant GrantFromRow(const mch::db::Row& row) {
    return {row.Text(1), row.Text(2), row.Int(3), row.Int(4), row.Text(5)};
}

mch::Result<std::vector<HeldGrant>> Held(Reader& reader, std::string_view sql,
                                         std::string_view key) {
    MCH_TRY(const auto rows, reader.Query(sql, {key}));
    std::vector<HeldGrant> grants;
    grants.reserve(rows.size());
    for (const auto& row : rows) grants.push_back({row.Int(0), GrantFromRow(row)});
    return grants;
}

}  // namespace

mch::Result<std::vector<Role>> ListRoles(Reader& reader) {
    MCH_TRY(const auto rows, reader.Query(kListRoles));
    MCH_TRY(const auto permissions, reader.Query(kListPermissions));
    std::vector<Role> roles;
    for (const auto& row : rows) {
        roles.push_back({row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Int(4) != 0, {}});
    }
    for (const auto& row : permissions) {
        const auto it = std::find_if(roles.begin(), roles.end(),
                                     [&](const Role& role) { return role.code == row.Text(0); });
        if (it != roles.end()) it->permissions.push_back(row.Text(1));
    }
    return roles;
}

mch::Result<void> StoreRole(Transaction& tx, const Role& role, std::int64_t sort) {
    const std::string upsert = tx.dialect().Upsert(
        "identity_role", {"code", "name_zh", "name_en", "scope_kind", "exclusive", "sort"},
        {"code"}, {"name_zh", "name_en", "scope_kind", "exclusive", "sort"});
    MCH_CHECK(tx.Execute(
        upsert, {role.code, role.name_zh, role.name_en, role.scope_kind, role.exclusive, sort}));
    MCH_CHECK(tx.Execute(kDropPermissions, {role.code}));
    for (const std::string& permission : role.permissions) {
        MCH_CHECK(tx.Execute(kAddPermission, {role.code, permission}));
    }
    return {};
}

mch::Result<std::vector<MenuRow>> ListMenus(Reader& reader) {
    MCH_TRY(const auto rows, reader.Query(kListMenus));
    std::vector<MenuRow> menus;
    for (const auto& row : rows) {
        menus.push_back({row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4),
                         row.Text(5), row.Text(6), row.Int(7) != 0, row.Int(8)});
    }
    return menus;
}

mch::Result<void> StoreMenu(Transaction& tx, const MenuRow& m) {
    const std::string upsert = tx.dialect().Upsert(
        "identity_menu",
        {"code", "parent_code", "name_zh", "name_en", "icon", "path", "permission", "mobile",
         "sort"},
        {"code"},
        {"parent_code", "name_zh", "name_en", "icon", "path", "permission", "mobile", "sort"});
    MCH_CHECK(tx.Execute(upsert, {m.code, m.parent_code, m.name_zh, m.name_en, m.icon, m.path,
                                  m.permission, m.mobile, m.sort}));
    return {};
}

mch::Result<std::vector<Grant>> GrantsOf(Reader& reader, mch::Id user_id) {
    MCH_TRY(auto all, GrantsOfUsers(reader, {user_id}));
    return std::move(all[user_id]);
}

mch::Result<std::map<mch::Id, std::vector<Grant>>> GrantsOfUsers(Reader& reader,
                                                                 const std::vector<mch::Id>& ids) {
    std::map<mch::Id, std::vector<Grant>> grants;
    const IdList list(ids);
    if (list.empty()) return grants;
    MCH_TRY(const auto rows,
            reader.Query(std::string(kGrantsOfUsers) + list.sql() + std::string(kGrantsOrder),
                         list.params()));
    for (const auto& row : rows) grants[row.Int(0)].push_back(GrantFromRow(row));
    return grants;
}

mch::Result<std::vector<std::string>> PermissionsOf(Reader& reader, mch::Id user_id) {
    MCH_TRY(const auto rows, reader.Query(kPermissionsOf, {user_id}));
    std::vector<std::string> permissions;
    permissions.reserve(rows.size());
    for (const auto& row : rows) permissions.push_back(row.Text(0));
    // The principal's list is searched by bytes; a collation may order otherwise.
    std::sort(permissions.begin(), permissions.end());
    return permissions;
}

mch::Result<void> ReplaceGrants(Transaction& tx, mch::Id user_id, const std::vector<Grant>& grants,
                                const std::vector<mch::Id>& row_ids, mch::TimeMs now, mch::Id by) {
    MCH_ASSERT(row_ids.size() == grants.size());
    MCH_CHECK(tx.Execute(kDropGrants, {user_id}));
    for (std::size_t i = 0; i < grants.size(); ++i) {
        const Grant& g = grants[i];
        MCH_CHECK(tx.Execute(kAddGrant, {row_ids[i], user_id, g.role, g.scope_kind, g.region_id,
                                         g.org_id, g.sector, now, by}));
    }
    return {};
}

mch::Result<std::vector<mch::Id>> LockEnabledHolders(Transaction& tx, std::string_view role) {
    MCH_TRY(const auto rows,
            tx.Query(std::string(kLockHolders) + tx.dialect().ForUpdate(), {role}));
    std::vector<mch::Id> ids;
    for (const auto& row : rows) ids.push_back(row.Int(0));
    return ids;
}

mch::Result<std::vector<HeldGrant>> GrantsByRole(Reader& reader, std::string_view role) {
    return Held(reader, kGrantsByRole, role);
}

mch::Result<std::vector<HeldGrant>> GrantsByPermission(Reader& reader,
                                                       std::string_view permission) {
    return Held(reader, kGrantsByPermission, permission);
}

}  // namespace anlan::identity
