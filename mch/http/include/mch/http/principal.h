// Who is asking. Filled by the platform's Authenticator (modules/identity), read by the dispatcher
// and by row scope. `mch` alone has none: its routes are public.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/result.h"
#include "mch/http/message.h"

namespace mch::http {

// One grant of rows: a role held in a region subtree, organisation and sector.
enum class ScopeKind {
    kAll,
    kRegionTree,        // region_id and everything below it
    kSector,            // one sector within a region subtree (region_id 0 = everywhere)
    kOrganisationTree,  // org_id and everything below it
    kOrganisation,      // org_id alone
    kSelf,              // rows that the user created
};

struct ScopeGrant {
    ScopeKind kind = ScopeKind::kSelf;
    std::int64_t region_id = 0;
    std::int64_t org_id = 0;
    std::string sector;
};

struct Principal {
    std::int64_t user_id = 0;
    std::string account;
    std::string name;
    std::int64_t org_id = 0;
    std::int64_t region_id = 0;
    std::vector<std::string> roles;        // codes
    std::vector<std::string> permissions;  // "module:object:action", sorted
    std::vector<ScopeGrant> scopes;
    std::string session_id;             // public id of the session or token, for audit
    bool cookie_session = false;        // CSRF rules apply
    bool must_change_password = false;  // only session routes answer

    bool Has(std::string_view permission) const;
};

// Hook of the platform into the dispatcher. Blocking, called on a pool thread.
class Authenticator {
  public:
    virtual ~Authenticator() = default;
    // nullopt-like: a Principal with user_id 0 means "nobody". Errors: session.expired and so on.
    virtual Result<Principal> Authenticate(const Request& request,
                                           const class Context& context) = 0;
};

}  // namespace mch::http
