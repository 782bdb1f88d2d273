#include "modules/identity/store/rows.h"
#include "modules/identity/store/sql.h"

namespace anlan::identity {

namespace {

using mch::db::NullIfZero;

#define ANLAN_USER_COLUMNS                                                                        \
    "SELECT u.id, u.account, u.name, u.phone_sealed, u.phone_index, u.org_id, o.name,\n"          \
    "  u.region_id, u.sector, u.language, u.theme, u.status, u.password_hash,\n"                  \
    "  u.password_changed_at, u.must_change_password, u.initial_expires_at, u.last_login_at,\n"   \
    "  u.last_login_address, u.version, u.created_at, u.created_by, u.updated_at, u.updated_by\n" \
    "FROM identity_user u\n"                                                                      \
    "LEFT JOIN identity_org o ON o.id = u.org_id\n"
constexpr std::string_view kFindById = ANLAN_USER_COLUMNS "WHERE u.id = ?";
constexpr std::string_view kFindByAccount = ANLAN_USER_COLUMNS "WHERE u.account = ?";
constexpr std::string_view kFindMany = ANLAN_USER_COLUMNS "WHERE u.id IN ";
constexpr std::string_view kList = ANLAN_USER_COLUMNS
    "WHERE u.id > ?\n"
    "  AND (? = '' OR u.name LIKE ? OR u.account LIKE ? OR o.name LIKE ?)\n"
    "  AND ";
#undef ANLAN_USER_COLUMNS
constexpr std::string_view kListEnd =
    "\n"
    "ORDER BY u.id\n"
    "LIMIT ?";
constexpr std::string_view kInsert =
    "INSERT INTO identity_user (id, account, name, phone_sealed, phone_index, org_id, region_id,\n"
    "  sector, language, theme, status, password_hash, password_changed_at, must_change_password,\n"
    "  initial_expires_at, last_login_at, last_login_address, version, created_at, created_by,\n"
    "  updated_at, updated_by)\n"
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '', 1, ?, ?, ?, ?)";
constexpr std::string_view kUpdate =
    "UPDATE identity_user\n"
    "SET name = ?, phone_sealed = ?, phone_index = ?, org_id = ?, region_id = ?, sector = ?,\n"
    "  language = ?, theme = ?, status = ?, updated_at = ?, updated_by = ?, version = version + 1\n"
    "WHERE id = ? AND version = ?";
constexpr std::string_view kUpdatePassword =
    "UPDATE identity_user\n"
    "SET password_hash = ?, password_changed_at = ?, must_change_password = ?,\n"
    "  initial_expires_at = ?\n"
    "WHERE id = ?";
constexpr std::string_view kUpdateLastLogin =
    "UPDATE identity_user\n"
    "SET last_login_at = ?, last_login_address = ?\n"
    "WHERE id = ?";
constexpr std::string_view kHistory =
    "SELECT password_hash\n"
    "FROM identity_password_history\n"
    "WHERE user_id = ?\n"
    "ORDER BY created_at DESC, id DESC\n"
    "LIMIT ?";
constexpr std::string_view kAddHistory =
    "INSERT INTO identity_password_history (id, user_id, password_hash, created_at)\n"
    "VALUES (?, ?, ?, ?)";

UserRow FromRow(const mch::db::Row& row) {
    UserRow u;
    u.id = row.Int(0);
    u.account = row.Text(1);
    u.name = row.Text(2);
    u.phone_sealed = row.Text(3);
    u.phone_index = row.Text(4);
    u.org_id = row.Int(5);
    u.org_name = row.Text(6);
    u.region_id = row.Int(7);
    u.sector = row.Text(8);
    u.language = row.Text(9);
    u.theme = row.Text(10);
    u.status = row.Text(11);
    u.password_hash = row.Text(12);
    u.password_changed_at = row.Int(13);
    u.must_change_password = row.Int(14) != 0;
    u.initial_expires_at = row.Int(15);
    u.last_login_at = row.Int(16);
    u.last_login_address = row.Text(17);
    u.version = row.Int(18);
    u.created_at = row.Int(19);
    u.created_by = row.Int(20);
    u.updated_at = row.Int(21);
    u.updated_by = row.Int(22);
    return u;
}

mch::Result<std::vector<UserRow>> Many(Reader& reader, std::string_view sql,
                                       const mch::db::Params& params) {
    MCH_TRY(const auto rows, reader.Query(sql, params));
    std::vector<UserRow> found;
    found.reserve(rows.size());
    for (const auto& row : rows) found.push_back(FromRow(row));
    return found;
}

mch::Result<std::optional<UserRow>> One(Reader& reader, std::string_view sql,
                                        const mch::db::Params& params) {
    MCH_TRY(auto found, Many(reader, sql, params));
    if (found.empty()) return std::optional<UserRow>();
    return std::optional<UserRow>(std::move(found.front()));
}

}  // namespace

mch::Result<std::optional<UserRow>> FindUser(Reader& reader, mch::Id id) {
    return One(reader, kFindById, {id});
}

mch::Result<std::optional<UserRow>> FindUserByAccount(Reader& reader, std::string_view account) {
    return One(reader, kFindByAccount, {account});
}

mch::Result<std::vector<UserRow>> FindUsersById(Reader& reader, const std::vector<mch::Id>& ids) {
    const IdList list(ids);
    if (list.empty()) return std::vector<UserRow>();
    return Many(reader, std::string(kFindMany) + list.sql(), list.params());
}

mch::Result<std::vector<UserRow>> ListUsers(Reader& reader, const SqlCondition& scope,
                                            std::string_view text, mch::Id after_id, int limit) {
    const std::string like = Like(text);
    mch::db::Params params = {after_id, text, like, like, like};
    params.insert(params.end(), scope.params.begin(), scope.params.end());
    params.emplace_back(limit);
    return Many(reader, std::string(kList) + scope.sql + std::string(kListEnd), params);
}

mch::Result<void> InsertUser(Transaction& tx, const UserRow& u) {
    MCH_CHECK(tx.Execute(
        kInsert, {u.id, u.account, u.name, u.phone_sealed, u.phone_index, NullIfZero(u.org_id),
                  NullIfZero(u.region_id), u.sector, u.language, u.theme, u.status, u.password_hash,
                  u.password_changed_at, u.must_change_password, NullIfZero(u.initial_expires_at),
                  u.created_at, u.created_by, u.created_at, u.created_by}));
    return {};
}

mch::Result<bool> UpdateUser(Transaction& tx, const UserRow& u, std::int64_t seen) {
    MCH_TRY(const auto changed,
            tx.Execute(kUpdate, {u.name, u.phone_sealed, u.phone_index, NullIfZero(u.org_id),
                                 NullIfZero(u.region_id), u.sector, u.language, u.theme, u.status,
                                 u.updated_at, u.updated_by, u.id, seen}));
    return changed == 1;
}

mch::Result<void> UpdatePassword(Transaction& tx, const UserRow& u) {
    MCH_CHECK(
        tx.Execute(kUpdatePassword, {u.password_hash, u.password_changed_at, u.must_change_password,
                                     NullIfZero(u.initial_expires_at), u.id}));
    return {};
}

mch::Result<void> UpdateLastLogin(Transaction& tx, mch::Id user_id, mch::TimeMs at,
                                  std::string_view address) {
    MCH_CHECK(tx.Execute(kUpdateLastLogin, {at, address, user_id}));
    return {};
}

mch::Result<std::vector<std::string>> PasswordHistory(Reader& reader, mch::Id user_id, int count) {
    MCH_TRY(const auto rows, reader.Query(kHistory, {user_id, count}));
    std::vector<std::string> hashes;
    for (const auto& row : rows) hashes.push_back(row.Text(0));
    return hashes;
}

mch::Result<void> AddPasswordHistory(Transaction& tx, mch::Id id, mch::Id user_id,
                                     std::string_view hash, mch::TimeMs at) {
    MCH_CHECK(tx.Execute(kAddHistory, {id, user_id, hash, at}));
    return {};
}

}  // namespace anlan::identity
