// Login, sessions, bearer tokens, change of one's own password.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mch/http/router.h"
#include "modules/identity/app/parts.h"
#include "modules/identity/store/rows.h"

namespace anlan::identity {

inline constexpr std::int64_t kIdleMs = 30 * 60'000;
inline constexpr std::int64_t kAdminIdleMs = 15 * 60'000;
inline constexpr std::int64_t kAbsoluteMs = 12 * 3600'000LL;
inline constexpr std::int64_t kTouchMs = 60'000;

struct Credentials {
    std::string account;
    std::string password;
    std::string address;
    std::string user_agent;
};

// A session as its owner sees it right after it began; `token` goes into the cookie and nowhere
// else.
struct OpenedSession {
    std::string token;
    SessionRow session;
    mch::http::Principal principal;
};

class Sessions final : public mch::http::Authenticator {
  public:
    explicit Sessions(Parts& parts) : parts_(parts) {}

    // Runs a password hash: hash pool only. Errors: session.invalid_credentials for an unknown,
    // disabled or wrong account alike, session.locked {minutes}, session.initial_password_expired.
    mch::Result<OpenedSession> Login(const mch::http::Context& context, const Credentials& given);
    // Cookie or bearer token. Nobody when neither is sent; session.expired, token.invalid.
    mch::Result<mch::http::Principal> Authenticate(const mch::http::Request& request,
                                                   const mch::http::Context& context) override;
    mch::Result<void> Logout(const mch::http::Context& context);
    // Hash pool only. Ends all sessions of the user and begins a new one.
    mch::Result<OpenedSession> ChangePassword(const mch::http::Context& context,
                                              std::string_view current, std::string_view wanted,
                                              std::string_view user_agent);
    mch::Result<void> SetPreferences(const mch::http::Context& context, std::string_view language,
                                     std::string_view theme);

    struct NewToken {
        std::string text;
        TokenRow row;
    };
    // `permissions` empty: all that the user has at the time of use.
    mch::Result<NewToken> CreateToken(const mch::http::Context& context, std::string_view name,
                                      const std::vector<std::string>& permissions,
                                      mch::TimeMs expires_at);
    mch::Result<void> RevokeOwnToken(const mch::http::Context& context, mch::Id id);

    mch::Result<mch::http::Principal> PrincipalOf(Reader& reader, const UserRow& user) const;
    static std::int64_t IdleMs(const mch::http::Principal& principal);
    // The session of a request that Authenticate accepted.
    mch::Result<std::optional<SessionRow>> SessionOf(Reader& reader,
                                                     const mch::http::Request& request) const;

    static std::string_view CookieName(const mch::http::Request& request);

  private:
    struct Attempt {
        std::optional<UserRow> user;
        bool locks = false;  // this failure locks the account unless the password is right
    };
    // Counts the attempt as a failure before the password is looked at, so that attempts at once
    // are counted too; success takes it back.
    mch::Result<Attempt> BeginAttempt(const mch::http::Context& context, const std::string& account,
                                      const std::string& address);
    mch::Result<void> Refuse(const mch::http::Context& context, const Attempt& attempt,
                             const std::string& account, const std::string& address,
                             std::string_view reason);
    mch::Result<OpenedSession> Begin(const mch::http::Context& context, Transaction& tx,
                                     const UserRow& user, const std::string& token, mch::Id id,
                                     std::string_view address, std::string_view user_agent);
    mch::Result<mch::http::Principal> BySession(const mch::http::Request& request,
                                                const mch::http::Context& context,
                                                std::string_view token);
    mch::Result<mch::http::Principal> ByToken(const mch::http::Context& context,
                                              std::string_view token);
    mch::Result<void> CheckNotUsedBefore(const mch::http::Context& context, const UserRow& user,
                                         std::string_view wanted);

    Parts& parts_;
};

}  // namespace anlan::identity
