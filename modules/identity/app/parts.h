// What the use cases of identity share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "mch/app/module.h"
#include "modules/audit/api/audit.h"
#include "modules/identity/api/personal_data.h"
#include "modules/identity/app/first_passwords.h"
#include "modules/identity/domain/password_hash.h"
#include "modules/identity/domain/policy.h"

namespace anlan::identity {

inline constexpr std::int64_t kInitialPasswordMs = 24 * 3600'000LL;
inline constexpr std::string_view kAdminRole = "admin";

struct Parts {
    mch::app::Runtime& runtime;
    std::shared_ptr<audit::AuditLog> audit;
    std::shared_ptr<PersonalData> personal_data;
    std::shared_ptr<PasswordHasher> hasher;
    std::shared_ptr<const BlockList> blocked;
    PasswordPolicy password_policy = {};

    LockoutPolicy account_lockout() const { return LockoutOf("login_failures"); }
    LockoutPolicy source_lockout() const { return LockoutOf("login_source_failures"); }
    FirstPasswords first_passwords() const {
        return FirstPasswords(runtime.var_folder() + "/first-passwords");
    }

    LockoutPolicy LockoutOf(std::string_view directive) const {
        LockoutPolicy policy;
        policy.failures = static_cast<int>(runtime.config().Integer(directive, policy.failures));
        return policy;
    }
};

// Keys of table identity_lockout: what people type as account may be a password, so it is not kept
// in clear.
mch::Result<std::string> AccountSubject(mch::app::Runtime& runtime, std::string_view account);
mch::Result<std::string> SourceSubject(mch::app::Runtime& runtime, std::string_view address);
// Trimmed, lower case.
std::string NormaliseAccount(std::string_view account);

}  // namespace anlan::identity
