// Rules of passwords and lockout (security-controls A). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/clock.h"
#include "mch/base/error.h"

namespace anlan::identity {

// The profile of 等保 level 3, which the platform uses (security-controls 4).
struct PasswordPolicy {
    std::int64_t min_length = 10;  // code points
    std::int64_t max_length = 128;
    int classes = 3;  // of lower, upper, digit, other
    std::int64_t lifetime_ms = 90LL * 24 * 3600 * 1000;
    int history = 5;
};

// Words of the person and the installation that a password must not be made of.
struct PasswordContext {
    std::string account;
    std::string name;
    std::string organisation;
    std::string phone;
};

// Common passwords and context words of every installation, normalised.
class BlockList {
  public:
    explicit BlockList(std::vector<std::string> words);
    // True when the password is one of the words, or one of them with digits and signs around it or
    // letters written as digits ("P@ssw0rd2026!").
    bool Blocks(std::string_view password, const PasswordContext& context) const;

  private:
    std::vector<std::string> words_;  // sorted
};

// Codes of field errors for field `new_password`: field.too_short, field.too_long,
// identity.password.classes, identity.password.common. Empty when the password may be used.
std::vector<mch::FieldError> CheckPassword(const PasswordPolicy& policy, const BlockList& blocked,
                                           const PasswordContext& context,
                                           std::string_view password);

struct LockoutPolicy {
    int failures = 5;
    std::int64_t window_ms = 15 * 60'000;
    std::int64_t lock_ms = 30 * 60'000;
    std::int64_t max_lock_ms = 24 * 3600'000LL;
    // After so long without a failure the doubling begins anew.
    std::int64_t forget_ms = 24 * 3600'000LL;
};

// Failures of one account or of one source.
struct Lockout {
    struct Failure {
        mch::TimeMs at = 0;
        std::string mark;  // of a source: which account was tried
    };
    std::vector<Failure> failures;  // inside the window
    int locks = 0;                  // locks so far: each doubles the next
    mch::TimeMs locked_until = 0;

    bool LockedAt(mch::TimeMs now) const { return locked_until > now; }
    // Counts a failure; true when it locks. Of one mark only the last failure counts when
    // `distinct`: a source is locked for trying many accounts, an account for many tries.
    bool Fail(const LockoutPolicy& policy, mch::TimeMs now, std::string_view mark, bool distinct);

    std::string Encode() const;  // of failures
    static std::vector<Failure> Decode(std::string_view text);
};

}  // namespace anlan::identity
