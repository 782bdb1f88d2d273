// Administration of users and organisations.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mch/http/router.h"
#include "modules/identity/app/parts.h"
#include "modules/identity/store/rows.h"

namespace anlan::identity {

// Who administers: the signed-in user of a request, or the operator at the machine, who may give
// every role (break-glass).
struct Caller {
    mch::http::Principal principal;
    audit::Actor actor;
    mch::Deadline deadline;
    bool operator_at_machine = false;
};
Caller CallerOf(const mch::http::Context& context);
Caller OperatorCaller(mch::app::Runtime& runtime, std::string_view command);

struct UserInput {
    std::string account;
    std::string name;
    std::string phone;
    mch::Id org_id = 0;
    mch::Id region_id = 0;
    std::string sector;
    std::string language = "zh-CN";
    std::vector<Grant> grants;  // an empty scope_kind is the role's usual one, filled from the user
};

// What an update changes; absent members stay.
struct UserUpdate {
    std::optional<std::string> name;
    std::optional<std::string> phone;
    std::optional<mch::Id> org_id;
    std::optional<mch::Id> region_id;
    std::optional<std::string> sector;
    std::optional<std::string> language;
    std::optional<std::vector<Grant>> grants;
    std::int64_t version = 0;
};

// A password for one use, valid for 24 hours; nobody can see it again.
struct IssuedPassword {
    mch::Id user_id = 0;
    std::string account;
    std::string password;
    mch::TimeMs expires_at = 0;
};

enum class UserStatus { kEnabled, kDisabled };

class Accounts {
  public:
    explicit Accounts(Parts& parts) : parts_(parts) {}

    // Hash pool only. identity.user.account_taken and the errors of grants.
    mch::Result<IssuedPassword> CreateUser(const Caller& caller, UserInput input);
    mch::Result<void> Update(const Caller& caller, mch::Id id, const UserUpdate& update);
    // Disabling ends all sessions and tokens.
    mch::Result<void> SetStatus(const Caller& caller, mch::Id id, UserStatus status);
    // Ends the lock after failed logins.
    mch::Result<void> Unlock(const Caller& caller, mch::Id id);
    // Hash pool only. Ends all sessions and tokens, and the lock.
    mch::Result<IssuedPassword> ResetPassword(const Caller& caller, mch::Id id);
    mch::Result<mch::Id> CreateOrganisation(const Caller& caller, OrganisationRow input);

  private:
    // The user, when the caller may see and administer it.
    mch::Result<UserRow> Target(Transaction& tx, const Caller& caller, mch::Id id);
    mch::Result<void> KeepOneAdministrator(Transaction& tx, mch::Id id);
    mch::Result<void> CheckGiving(Reader& reader, const Caller& caller, const UserRow& user,
                                  std::vector<Grant>& grants);
    mch::Result<void> SetPhone(UserRow& user, std::string_view phone);

    Parts& parts_;
};

}  // namespace anlan::identity
