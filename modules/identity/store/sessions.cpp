#include "modules/identity/store/rows.h"

namespace anlan::identity {

namespace {

using mch::db::NullIfZero;

constexpr std::string_view kFindSession =
    "SELECT id, token_hash, user_id, created_at, last_seen_at, expires_at, address, user_agent,\n"
    "  previous_login_at, previous_login_address, ended_at\n"
    "FROM identity_session\n"
    "WHERE token_hash = ?";
constexpr std::string_view kInsertSession =
    "INSERT INTO identity_session (id, token_hash, user_id, created_at, last_seen_at, expires_at,\n"
    "  address, user_agent, previous_login_at, previous_login_address, ended_at)\n"
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)";
constexpr std::string_view kTouchSession =
    "UPDATE identity_session\n"
    "SET last_seen_at = ?\n"
    "WHERE id = ? AND last_seen_at < ?";
constexpr std::string_view kEndSession =
    "UPDATE identity_session\n"
    "SET ended_at = ?\n"
    "WHERE id = ? AND ended_at IS NULL";
constexpr std::string_view kEndSessions =
    "UPDATE identity_session\n"
    "SET ended_at = ?\n"
    "WHERE user_id = ? AND ended_at IS NULL";
constexpr std::string_view kDeleteOldSessions =
    "DELETE FROM identity_session\n"
    "WHERE expires_at < ? OR ended_at < ?";
#define ANLAN_TOKEN_COLUMNS                                                                      \
    "SELECT id, token_hash, user_id, name, permissions, created_at, expires_at, last_used_at,\n" \
    "  revoked_at\n"                                                                             \
    "FROM identity_token\n"
constexpr std::string_view kFindToken = ANLAN_TOKEN_COLUMNS "WHERE token_hash = ?";
constexpr std::string_view kListTokens = ANLAN_TOKEN_COLUMNS
    "WHERE user_id = ? AND revoked_at IS NULL\n"
    "ORDER BY id DESC\n"
    "LIMIT 100";
#undef ANLAN_TOKEN_COLUMNS
constexpr std::string_view kInsertToken =
    "INSERT INTO identity_token (id, token_hash, user_id, name, permissions, created_at,\n"
    "  expires_at, last_used_at, revoked_at)\n"
    "VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)";
constexpr std::string_view kTouchToken =
    "UPDATE identity_token\n"
    "SET last_used_at = ?\n"
    "WHERE id = ?";
constexpr std::string_view kRevokeToken =
    "UPDATE identity_token\n"
    "SET revoked_at = ?\n"
    "WHERE id = ? AND user_id = ? AND revoked_at IS NULL";
constexpr std::string_view kRevokeTokens =
    "UPDATE identity_token\n"
    "SET revoked_at = ?\n"
    "WHERE user_id = ? AND revoked_at IS NULL";
constexpr std::string_view kFindLockout =
    "SELECT failures, locks, locked_until\n"
    "FROM identity_lockout\n"
    "WHERE subject = ?";

TokenRow TokenFromRow(const mch::db::Row& row) {
    TokenRow t;
    t.id = row.Int(0);
    t.token_hash = row.Text(1);
    t.user_id = row.Int(2);
    t.name = row.Text(3);
    t.permissions = row.Text(4);
    t.created_at = row.Int(5);
    t.expires_at = row.Int(6);
    t.last_used_at = row.Int(7);
    t.revoked_at = row.Int(8);
    return t;
}

mch::Result<Lockout> ReadLockout(Reader& reader, std::string_view sql, std::string_view subject) {
    MCH_TRY(const auto rows, reader.Query(sql, {subject}));
    Lockout lockout;
    if (rows.empty()) return lockout;
    lockout.failures = Lockout::Decode(rows.front().Text(0));
    lockout.locks = static_cast<int>(rows.front().Int(1));
    lockout.locked_until = rows.front().Int(2);
    return lockout;
}

}  // namespace

mch::Result<std::optional<SessionRow>> FindSession(Reader& reader, std::string_view token_hash) {
    MCH_TRY(const auto rows, reader.Query(kFindSession, {token_hash}));
    if (rows.empty()) return std::optional<SessionRow>();
    const auto& row = rows.front();
    SessionRow s;
    s.id = row.Int(0);
    s.token_hash = row.Text(1);
    s.user_id = row.Int(2);
    s.created_at = row.Int(3);
    s.last_seen_at = row.Int(4);
    s.expires_at = row.Int(5);
    s.address = row.Text(6);
    s.user_agent = row.Text(7);
    s.previous_login_at = row.Int(8);
    s.previous_login_address = row.Text(9);
    s.ended_at = row.Int(10);
    return std::optional<SessionRow>(std::move(s));
}

mch::Result<void> InsertSession(Transaction& tx, const SessionRow& s) {
    MCH_CHECK(tx.Execute(
        kInsertSession,
        {s.id, s.token_hash, s.user_id, s.created_at, s.last_seen_at, s.expires_at, s.address,
         s.user_agent, NullIfZero(s.previous_login_at), s.previous_login_address}));
    return {};
}

mch::Result<void> TouchSession(Transaction& tx, mch::Id id, mch::TimeMs at) {
    MCH_CHECK(tx.Execute(kTouchSession, {at, id, at}));
    return {};
}

mch::Result<void> EndSession(Transaction& tx, mch::Id id, mch::TimeMs at) {
    MCH_CHECK(tx.Execute(kEndSession, {at, id}));
    return {};
}

mch::Result<void> EndSessions(Transaction& tx, mch::Id user_id, mch::TimeMs at) {
    MCH_CHECK(tx.Execute(kEndSessions, {at, user_id}));
    return {};
}

mch::Result<std::int64_t> DeleteOldSessions(Transaction& tx, mch::TimeMs before) {
    return tx.Execute(kDeleteOldSessions, {before, before});
}

mch::Result<std::optional<TokenRow>> FindToken(Reader& reader, std::string_view token_hash) {
    MCH_TRY(const auto rows, reader.Query(kFindToken, {token_hash}));
    if (rows.empty()) return std::optional<TokenRow>();
    return std::optional<TokenRow>(TokenFromRow(rows.front()));
}

mch::Result<std::vector<TokenRow>> ListTokens(Reader& reader, mch::Id user_id) {
    MCH_TRY(const auto rows, reader.Query(kListTokens, {user_id}));
    std::vector<TokenRow> tokens;
    for (const auto& row : rows) tokens.push_back(TokenFromRow(row));
    return tokens;
}

mch::Result<void> InsertToken(Transaction& tx, const TokenRow& t) {
    MCH_CHECK(tx.Execute(kInsertToken, {t.id, t.token_hash, t.user_id, t.name, t.permissions,
                                        t.created_at, t.expires_at}));
    return {};
}

mch::Result<void> TouchToken(Transaction& tx, mch::Id id, mch::TimeMs at) {
    MCH_CHECK(tx.Execute(kTouchToken, {at, id}));
    return {};
}

mch::Result<bool> RevokeToken(Transaction& tx, mch::Id user_id, mch::Id id, mch::TimeMs at) {
    MCH_TRY(const auto changed, tx.Execute(kRevokeToken, {at, id, user_id}));
    return changed == 1;
}

mch::Result<void> RevokeTokens(Transaction& tx, mch::Id user_id, mch::TimeMs at) {
    MCH_CHECK(tx.Execute(kRevokeTokens, {at, user_id}));
    return {};
}

mch::Result<Lockout> FindLockout(Reader& reader, std::string_view subject) {
    return ReadLockout(reader, kFindLockout, subject);
}

mch::Result<Lockout> LockLockout(Transaction& tx, std::string_view subject, mch::TimeMs now) {
    // The row must exist to be locked: two first failures at once would each count one.
    const std::string insert = tx.dialect().InsertIgnore(
        "identity_lockout", {"subject", "failures", "locks", "locked_until", "updated_at"});
    MCH_CHECK(tx.Execute(insert, {subject, "", 0, 0, now}));
    return ReadLockout(tx, std::string(kFindLockout) + tx.dialect().ForUpdate(), subject);
}

mch::Result<void> StoreLockout(Transaction& tx, std::string_view subject, const Lockout& lockout,
                               mch::TimeMs now) {
    const std::string upsert = tx.dialect().Upsert(
        "identity_lockout", {"subject", "failures", "locks", "locked_until", "updated_at"},
        {"subject"}, {"failures", "locks", "locked_until", "updated_at"});
    MCH_CHECK(
        tx.Execute(upsert, {subject, lockout.Encode(), lockout.locks, lockout.locked_until, now}));
    return {};
}

}  // namespace anlan::identity
