// Names of scope kinds and who may give which role to whom (security-controls 32). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/ids.h"
#include "mch/base/result.h"
#include "mch/http/principal.h"

namespace anlan::identity {

// "all", "region_tree", "sector", "organisation_tree", "organisation", "self".
std::string_view ScopeKindName(mch::http::ScopeKind kind);
std::optional<mch::http::ScopeKind> ParseScopeKind(std::string_view name);

struct Role {
    std::string code;
    std::string name_zh;
    std::string name_en;
    std::string scope_kind;  // of a grant that names none
    bool exclusive = false;  // stands alone: who manages the platform decides no business
    std::vector<std::string> permissions;
};

// One role held by a user.
struct Grant {
    std::string role;
    std::string scope_kind;
    mch::Id region_id = 0;
    mch::Id org_id = 0;
    std::string sector;
    bool operator==(const Grant&) const = default;
};

// "street region_tree region=5": for audit.
std::string Describe(const Grant& grant);

// Permissions that manage the platform itself; all others are business.
bool IsManagement(std::string_view permission);

// The grants fit together and each names what its kind needs: identity.grant.* otherwise.
mch::Result<void> CheckGrants(const std::vector<Role>& roles, const std::vector<Grant>& grants);

// May `grantor` give these? Management permissions only when held; business permissions when held
// or with identity:role:grant, which is the administrator's office to give what it cannot use.
mch::Result<void> CheckGrantor(const mch::http::Principal& grantor, const std::vector<Role>& roles,
                               const std::vector<Grant>& grants);

const Role* FindRole(const std::vector<Role>& roles, std::string_view code);

}  // namespace anlan::identity
