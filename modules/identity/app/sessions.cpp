#include "modules/identity/app/sessions.h"

#include <algorithm>
#include <utility>

#include "mch/base/crypto.h"
#include "mch/base/text.h"
#include "mch/log/log.h"

namespace anlan::identity {

namespace {

using mch::http::Context;
using mch::http::Principal;
using mch::http::Request;

constexpr std::size_t kTokenBytes = 32;
constexpr std::string_view kTokenPrefix = "anl_";  // lets secret scanners know it

std::string HashToken(std::string_view token) {
    return mch::text::ToHex(mch::crypto::Sha256(token));
}

std::string NewTokenText() { return mch::text::ToBase64Url(mch::crypto::RandomBytes(kTokenBytes)); }

mch::Error Locked(mch::TimeMs until, mch::TimeMs now) {
    const std::int64_t minutes = (until - now + 59'999) / 60'000;
    return mch::Error(mch::ErrorKind::kTooMany, "session.locked")
        .With("minutes", std::to_string(minutes));
}

mch::Error Expired() { return {mch::ErrorKind::kUnauthenticated, "session.expired"}; }

mch::Result<std::string> Subject(mch::app::Runtime& runtime, std::string_view kind,
                                 std::string_view text) {
    MCH_TRY(const std::string key, runtime.Key("personal"));
    return mch::text::ToHex(
        mch::crypto::HmacSha256(key, "lockout " + std::string(kind) + ":" + std::string(text)));
}

std::string Clip(std::string_view text, std::size_t bytes) {
    std::string out;
    for (const char c : text.substr(0, bytes)) {
        out += c >= ' ' && c < 0x7f ? c : '?';
    }
    return out;
}

}  // namespace

mch::Result<std::string> AccountSubject(mch::app::Runtime& runtime, std::string_view account) {
    return Subject(runtime, "account", account);
}

mch::Result<std::string> SourceSubject(mch::app::Runtime& runtime, std::string_view address) {
    return Subject(runtime, "source", address);
}

std::string NormaliseAccount(std::string_view account) {
    return mch::text::ToLower(mch::text::Trim(account));
}

std::string_view Sessions::CookieName(const Request& request) {
    return request.scheme == "https" ? "__Host-anlan_session" : "anlan_session";
}

std::int64_t Sessions::IdleMs(const Principal& principal) {
    const bool admin = std::find(principal.roles.begin(), principal.roles.end(), kAdminRole) !=
                       principal.roles.end();
    return admin ? kAdminIdleMs : kIdleMs;
}

mch::Result<Principal> Sessions::PrincipalOf(Reader& reader, const UserRow& user) const {
    Principal principal;
    principal.user_id = user.id;
    principal.account = user.account;
    principal.name = user.name;
    principal.org_id = user.org_id;
    principal.region_id = user.region_id;
    MCH_TRY(principal.permissions, PermissionsOf(reader, user.id));
    MCH_TRY(const auto grants, GrantsOf(reader, user.id));
    for (const Grant& grant : grants) {
        if (std::find(principal.roles.begin(), principal.roles.end(), grant.role) ==
            principal.roles.end()) {
            principal.roles.push_back(grant.role);
        }
        const auto kind = ParseScopeKind(grant.scope_kind);
        if (kind) {
            principal.scopes.push_back({*kind, grant.region_id, grant.org_id, grant.sector});
        }
    }
    // Who created a row may follow it.
    principal.scopes.push_back({mch::http::ScopeKind::kSelf, 0, 0, {}});
    const mch::TimeMs age = parts_.runtime.clock().Now() - user.password_changed_at;
    principal.must_change_password =
        user.must_change_password || age >= parts_.password_policy.lifetime_ms;
    return principal;
}

mch::Result<Sessions::Attempt> Sessions::BeginAttempt(const Context& context,
                                                      const std::string& account,
                                                      const std::string& address) {
    MCH_TRY(const auto account_key, AccountSubject(parts_.runtime, account));
    MCH_TRY(const auto source_key, SourceSubject(parts_.runtime, address));
    const mch::TimeMs now = context.clock().Now();
    return parts_.runtime.database().Write(
        context.deadline(), [&](Transaction& tx) -> mch::Result<Attempt> {
            MCH_TRY(const Lockout source, FindLockout(tx, source_key));
            if (source.LockedAt(now)) return Locked(source.locked_until, now);
            MCH_TRY(Lockout lockout, LockLockout(tx, account_key, now));
            if (lockout.LockedAt(now)) return Locked(lockout.locked_until, now);
            Attempt attempt;
            attempt.locks = lockout.Fail(parts_.account_lockout(), now, "", /*distinct=*/false);
            MCH_CHECK(StoreLockout(tx, account_key, lockout, now));
            MCH_TRY(attempt.user, FindUserByAccount(tx, account));
            return attempt;
        });
}

mch::Result<void> Sessions::Refuse(const Context& context, const Attempt& attempt,
                                   const std::string& account, const std::string& address,
                                   std::string_view reason) {
    MCH_TRY(const auto account_key, AccountSubject(parts_.runtime, account));
    MCH_TRY(const auto source_key, SourceSubject(parts_.runtime, address));
    const mch::TimeMs now = context.clock().Now();
    return parts_.runtime.database().Write(
        context.deadline(), [&](Transaction& tx) -> mch::Result<void> {
            MCH_TRY(Lockout source, LockLockout(tx, source_key, now));
            const bool source_locked =
                source.Fail(parts_.source_lockout(), now, account_key.substr(0, 16),
                            /*distinct=*/true);
            MCH_CHECK(StoreLockout(tx, source_key, source, now));
            audit::Record record;
            record.action = "session.begin";
            record.object_type = "user";
            record.result = audit::Outcome::kRefused;
            record.note = reason;
            if (attempt.user) {
                record.object_id = attempt.user->id;
                record.org_id = attempt.user->org_id;
            }
            if (attempt.locks) record.note += "; account locked";
            if (source_locked) record.note += "; source locked";
            audit::Actor actor = audit::RequestActor(context);
            actor.address = address;
            actor.account = attempt.user ? attempt.user->account : "unknown";
            return parts_.audit->Append(tx, std::move(actor), std::move(record));
        });
}

mch::Result<OpenedSession> Sessions::Begin(const Context& context, Transaction& tx,
                                           const UserRow& user, const std::string& token,
                                           mch::Id id, std::string_view address,
                                           std::string_view user_agent) {
    const mch::TimeMs now = context.clock().Now();
    OpenedSession opened;
    opened.token = token;
    SessionRow& session = opened.session;
    session.id = id;
    session.token_hash = HashToken(token);
    session.user_id = user.id;
    session.created_at = now;
    session.last_seen_at = now;
    session.expires_at = now + kAbsoluteMs;
    session.address = Clip(address, 64);
    session.user_agent = Clip(user_agent, 255);
    session.previous_login_at = user.last_login_at;
    session.previous_login_address = user.last_login_address;
    MCH_CHECK(InsertSession(tx, session));
    MCH_TRY(opened.principal, PrincipalOf(tx, user));
    opened.principal.session_id = mch::FormatId(id);
    opened.principal.cookie_session = true;
    return opened;
}

mch::Result<OpenedSession> Sessions::Login(const Context& context, const Credentials& given) {
    const std::string account = NormaliseAccount(given.account);
    MCH_TRY(const Attempt attempt, BeginAttempt(context, account, given.address));
    bool right = false;
    if (attempt.user) {
        right = parts_.hasher->Verify(attempt.user->password_hash, given.password);
    } else {
        parts_.hasher->VerifyNothing(given.password);
    }
    const mch::TimeMs now = context.clock().Now();
    if (!right || attempt.user->status != "enabled") {
        const std::string_view reason = !attempt.user ? "unknown account"
                                        : !right      ? "wrong password"
                                                      : "disabled account";
        MCH_CHECK(Refuse(context, attempt, account, given.address, reason));
        return mch::Error(mch::ErrorKind::kUnauthenticated, "session.invalid_credentials");
    }
    if (attempt.user->initial_expires_at != 0 && attempt.user->initial_expires_at <= now) {
        MCH_CHECK(Refuse(context, attempt, account, given.address, "initial password expired"));
        return mch::Error(mch::ErrorKind::kUnauthenticated, "session.initial_password_expired");
    }
    std::string rehashed;
    if (parts_.hasher->NeedsRehash(attempt.user->password_hash)) {
        rehashed = parts_.hasher->Hash(given.password);
    }
    MCH_TRY(const auto account_key, AccountSubject(parts_.runtime, account));
    const std::string token = NewTokenText();
    const mch::Id session_id = parts_.runtime.ids().Next();
    return parts_.runtime.database().Write(
        context.deadline(), [&](Transaction& tx) -> mch::Result<OpenedSession> {
            MCH_TRY(auto user, FindUser(tx, attempt.user->id));
            if (!user || user->status != "enabled" ||
                user->password_hash != attempt.user->password_hash) {
                return mch::Error(mch::ErrorKind::kUnauthenticated, "session.invalid_credentials");
            }
            MCH_CHECK(StoreLockout(tx, account_key, Lockout{}, now));
            // A password for one use opens one session, in which only the change is possible.
            if (user->initial_expires_at != 0) MCH_CHECK(EndSessions(tx, user->id, now));
            if (!rehashed.empty()) {
                UserRow stronger = *user;
                stronger.password_hash = rehashed;
                MCH_CHECK(UpdatePassword(tx, stronger));
            }
            MCH_TRY(auto opened,
                    Begin(context, tx, *user, token, session_id, given.address, given.user_agent));
            MCH_CHECK(UpdateLastLogin(tx, user->id, now, Clip(given.address, 64)));
            audit::Record record;
            record.action = "session.begin";
            record.object_type = "user";
            record.object_id = user->id;
            record.org_id = user->org_id;
            audit::Actor actor = audit::RequestActor(context);
            actor.user_id = user->id;
            actor.account = user->account;
            actor.session = opened.principal.session_id;
            actor.address = given.address;
            MCH_CHECK(parts_.audit->Append(tx, std::move(actor), std::move(record)));
            return opened;
        });
}

mch::Result<std::optional<SessionRow>> Sessions::SessionOf(Reader& reader,
                                                           const Request& request) const {
    const std::string_view token = request.Cookie(CookieName(request));
    if (token.empty()) return std::optional<SessionRow>();
    return FindSession(reader, HashToken(token));
}

mch::Result<Principal> Sessions::Authenticate(const Request& request, const Context& context) {
    const std::string_view authorization = request.Header("authorization");
    if (!authorization.empty()) {
        constexpr std::string_view kBearer = "bearer ";
        if (!mch::text::EqualsIgnoreCase(authorization.substr(0, kBearer.size()), kBearer)) {
            return mch::Error(mch::ErrorKind::kUnauthenticated, "token.invalid");
        }
        return ByToken(context, mch::text::Trim(authorization.substr(kBearer.size())));
    }
    const std::string_view cookie = request.Cookie(CookieName(request));
    if (cookie.empty()) return Principal();
    return BySession(request, context, cookie);
}

mch::Result<Principal> Sessions::BySession(const Request& request, const Context& context,
                                           std::string_view token) {
    const mch::TimeMs now = context.clock().Now();
    std::optional<SessionRow> session;
    MCH_TRY(auto principal,
            parts_.runtime.database().Read(
                context.deadline(), [&](Reader& reader) -> mch::Result<Principal> {
                    MCH_TRY(session, FindSession(reader, HashToken(token)));
                    if (!session || session->ended_at != 0 || session->expires_at <= now) {
                        return Expired();
                    }
                    MCH_TRY(const auto user, FindUser(reader, session->user_id));
                    if (!user || user->status != "enabled") return Expired();
                    return PrincipalOf(reader, *user);
                }));
    if (now - session->last_seen_at >= IdleMs(principal)) return Expired();
    principal.session_id = mch::FormatId(session->id);
    principal.cookie_session = true;
    // Polling of an open page is not the person's activity.
    const bool background = request.HasHeader("x-anlan-background");
    if (!background && now - session->last_seen_at >= kTouchMs) {
        const auto touched = parts_.runtime.database().Write(
            context.deadline(),
            [&](Transaction& tx) { return TouchSession(tx, session->id, now); });
        if (!touched) {
            MCH_LOG(kWarn, "session not refreshed", {{"error", touched.error().ToString()}});
        }
    }
    return principal;
}

mch::Result<Principal> Sessions::ByToken(const Context& context, std::string_view token) {
    const mch::TimeMs now = context.clock().Now();
    const mch::Error invalid(mch::ErrorKind::kUnauthenticated, "token.invalid");
    std::optional<TokenRow> row;
    MCH_TRY(auto principal, parts_.runtime.database().Read(
                                context.deadline(), [&](Reader& reader) -> mch::Result<Principal> {
                                    MCH_TRY(row, FindToken(reader, HashToken(token)));
                                    if (!row || row->revoked_at != 0 || row->expires_at <= now)
                                        return invalid;
                                    MCH_TRY(const auto user, FindUser(reader, row->user_id));
                                    if (!user || user->status != "enabled") return invalid;
                                    return PrincipalOf(reader, *user);
                                }));
    if (!row->permissions.empty()) {
        const auto allowed = mch::text::Split(row->permissions, ' ');
        std::erase_if(principal.permissions, [&](const std::string& permission) {
            return std::find(allowed.begin(), allowed.end(), permission) == allowed.end();
        });
    }
    principal.session_id = "token:" + mch::FormatId(row->id);
    if (now - row->last_used_at >= kTouchMs) {
        const auto touched = parts_.runtime.database().Write(
            context.deadline(), [&](Transaction& tx) { return TouchToken(tx, row->id, now); });
        if (!touched) MCH_LOG(kWarn, "token not marked", {{"error", touched.error().ToString()}});
    }
    return principal;
}

mch::Result<void> Sessions::Logout(const Context& context) {
    const mch::TimeMs now = context.clock().Now();
    if (!context.principal.cookie_session) return mch::Forbidden("session.browser_only");
    MCH_TRY(const mch::Id id, mch::ParseId(context.principal.session_id));
    return parts_.runtime.database().Write(
        context.deadline(), [&](Transaction& tx) -> mch::Result<void> {
            MCH_CHECK(EndSession(tx, id, now));
            audit::Record record;
            record.action = "session.end";
            record.object_type = "user";
            record.object_id = context.principal.user_id;
            record.org_id = context.principal.org_id;
            return parts_.audit->Append(tx, context, std::move(record));
        });
}

mch::Result<void> Sessions::CheckNotUsedBefore(const Context& context, const UserRow& user,
                                               std::string_view wanted) {
    MCH_TRY(auto hashes, parts_.runtime.database().Read(context.deadline(), [&](Reader& reader) {
        return PasswordHistory(reader, user.id, parts_.password_policy.history - 1);
    }));
    hashes.push_back(user.password_hash);
    for (const std::string& hash : hashes) {
        if (parts_.hasher->Verify(hash, wanted)) {
            return mch::InvalidField("new_password", "identity.password.used_before",
                                     {{"count", std::to_string(parts_.password_policy.history)}});
        }
    }
    return {};
}

mch::Result<OpenedSession> Sessions::ChangePassword(const Context& context,
                                                    std::string_view current,
                                                    std::string_view wanted,
                                                    std::string_view user_agent) {
    if (!context.principal.cookie_session) return mch::Forbidden("session.browser_only");
    const std::string account = context.principal.account;
    // A wrong current password counts like a failed login: the session may be somebody else's hand.
    MCH_TRY(const Attempt attempt, BeginAttempt(context, account, context.client_address));
    if (!attempt.user) return Expired();
    const UserRow before = *attempt.user;
    if (!parts_.hasher->Verify(before.password_hash, current)) {
        MCH_CHECK(
            Refuse(context, attempt, account, context.client_address, "wrong current password"));
        return mch::InvalidField("current_password", "identity.password.wrong");
    }
    MCH_TRY(const auto account_key, AccountSubject(parts_.runtime, account));
    const mch::TimeMs now = context.clock().Now();
    MCH_CHECK(parts_.runtime.database().Write(context.deadline(), [&](Transaction& tx) {
        return StoreLockout(tx, account_key, Lockout{}, now);
    }));
    MCH_TRY(const auto phone,
            parts_.personal_data->Open("identity_user.phone", before.phone_sealed));
    const PasswordContext own = {before.account, before.name, before.org_name, phone};
    auto errors = CheckPassword(parts_.password_policy, *parts_.blocked, own, wanted);
    if (!errors.empty()) {
        mch::Error refused = mch::Invalid("request.invalid");
        for (auto& error : errors) refused.AddField(std::move(error));
        return refused;
    }
    MCH_CHECK(CheckNotUsedBefore(context, before, wanted));
    UserRow after = before;
    after.password_hash = parts_.hasher->Hash(wanted);
    after.password_changed_at = now;
    after.must_change_password = false;
    after.initial_expires_at = 0;
    const std::string token = NewTokenText();
    const mch::Id session_id = parts_.runtime.ids().Next();
    const mch::Id history_id = parts_.runtime.ids().Next();
    return parts_.runtime.database().Write(
        context.deadline(), [&](Transaction& tx) -> mch::Result<OpenedSession> {
            MCH_TRY(const auto stored, FindUser(tx, before.id));
            if (!stored || stored->status != "enabled" ||
                stored->password_hash != before.password_hash) {
                return Expired();
            }
            MCH_CHECK(AddPasswordHistory(tx, history_id, before.id, before.password_hash, now));
            MCH_CHECK(UpdatePassword(tx, after));
            MCH_CHECK(EndSessions(tx, before.id, now));
            MCH_TRY(auto opened, Begin(context, tx, after, token, session_id,
                                       context.client_address, user_agent));
            audit::Record record;
            record.action = "session.password";
            record.object_type = "user";
            record.object_id = before.id;
            record.org_id = before.org_id;
            MCH_CHECK(parts_.audit->Append(tx, context, std::move(record)));
            tx.AfterCommit([this, account] {
                const auto erased = parts_.first_passwords().Erase(account);
                if (!erased) {
                    MCH_LOG(kError, "first password not erased",
                            {{"error", erased.error().ToString()}});
                }
            });
            return opened;
        });
}

mch::Result<void> Sessions::SetPreferences(const Context& context, std::string_view language,
                                           std::string_view theme) {
    return parts_.runtime.database().Write(
        context.deadline(), [&](Transaction& tx) -> mch::Result<void> {
            MCH_TRY(auto user, FindUser(tx, context.principal.user_id));
            if (!user) return mch::NotFound("identity.user.not_found");
            audit::Record record;
            record.action = "session.preferences";
            record.object_type = "user";
            record.object_id = user->id;
            record.org_id = user->org_id;
            if (!language.empty()) {
                record.changes.push_back({"language", user->language, std::string(language)});
                user->language = language;
            }
            if (!theme.empty()) {
                record.changes.push_back({"theme", user->theme, std::string(theme)});
                user->theme = theme;
            }
            user->updated_at = context.clock().Now();
            user->updated_by = user->id;
            MCH_TRY(const bool updated, UpdateUser(tx, *user, user->version));
            if (!updated)
                return mch::Error(mch::ErrorKind::kPrecondition, "request.version_changed");
            return parts_.audit->Append(tx, context, std::move(record));
        });
}

mch::Result<Sessions::NewToken> Sessions::CreateToken(const Context& context, std::string_view name,
                                                      const std::vector<std::string>& permissions,
                                                      mch::TimeMs expires_at) {
    // A token never makes a token: a stolen one would live for ever.
    if (!context.principal.cookie_session) return mch::Forbidden("session.browser_only");
    const mch::TimeMs now = context.clock().Now();
    if (expires_at <= now) return mch::InvalidField("expires_on", "identity.token.past");
    constexpr std::int64_t kLongest = 366LL * 24 * 3600'000;
    if (expires_at - now > kLongest) {
        return mch::InvalidField("expires_on", "identity.token.too_long", {{"days", "365"}});
    }
    NewToken made;
    for (const std::string& permission : permissions) {
        if (!context.principal.Has(permission)) {
            return mch::InvalidField("permissions", "identity.grant.beyond_own");
        }
        if (!made.row.permissions.empty()) made.row.permissions += ' ';
        made.row.permissions += permission;
    }
    made.text = std::string(kTokenPrefix) + NewTokenText();
    made.row.id = parts_.runtime.ids().Next();
    made.row.token_hash = HashToken(made.text);
    made.row.user_id = context.principal.user_id;
    made.row.name = name;
    made.row.created_at = now;
    made.row.expires_at = expires_at;
    MCH_CHECK(parts_.runtime.database().Write(
        context.deadline(), [&](Transaction& tx) -> mch::Result<void> {
            MCH_CHECK(InsertToken(tx, made.row));
            audit::Record record;
            record.action = "token.create";
            record.object_type = "token";
            record.object_id = made.row.id;
            record.org_id = context.principal.org_id;
            record.changes = {{"name", "", made.row.name},
                              {"permissions", "", made.row.permissions},
                              {"expires_at", "", std::to_string(expires_at)}};
            return parts_.audit->Append(tx, context, std::move(record));
        }));
    return made;
}

mch::Result<void> Sessions::RevokeOwnToken(const Context& context, mch::Id id) {
    const mch::TimeMs now = context.clock().Now();
    return parts_.runtime.database().Write(
        context.deadline(), [&](Transaction& tx) -> mch::Result<void> {
            MCH_TRY(const bool revoked, RevokeToken(tx, context.principal.user_id, id, now));
            if (!revoked) return mch::NotFound("identity.token.not_found");
            audit::Record record;
            record.action = "token.revoke";
            record.object_type = "token";
            record.object_id = id;
            record.org_id = context.principal.org_id;
            return parts_.audit->Append(tx, context, std::move(record));
        });
}

}  // namespace anlan::identity
