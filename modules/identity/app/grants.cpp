#include "modules/identity/app/grants.h"

#include <algorithm>
#include <array>
#include <utility>

namespace anlan::identity {

namespace {

using mch::http::ScopeKind;

constexpr std::array<std::pair<ScopeKind, std::string_view>, 6> kKinds = {{
    {ScopeKind::kAll, "all"},
    {ScopeKind::kRegionTree, "region_tree"},
    {ScopeKind::kSector, "sector"},
    {ScopeKind::kOrganisationTree, "organisation_tree"},
    {ScopeKind::kOrganisation, "organisation"},
    {ScopeKind::kSelf, "self"},
}};

}  // namespace

std::string_view ScopeKindName(ScopeKind kind) {
    for (const auto& [value, name] : kKinds) {
        if (value == kind) return name;
    }
    return "self";
}

std::optional<ScopeKind> ParseScopeKind(std::string_view name) {
    for (const auto& [value, text] : kKinds) {
        if (text == name) return value;
    }
    return std::nullopt;
}

std::string Describe(const Grant& grant) {
    std::string text = grant.role + " " + grant.scope_kind;
    if (grant.region_id != 0) text += " region=" + mch::FormatId(grant.region_id);
    if (grant.org_id != 0) text += " org=" + mch::FormatId(grant.org_id);
    if (!grant.sector.empty()) text += " sector=" + grant.sector;
    return text;
}

bool IsManagement(std::string_view permission) {
    // Reading who is who serves business too.
    if (permission == "identity:user:list" || permission == "identity:org:list") return false;
    return permission.starts_with("identity:") || permission.starts_with("audit:") ||
           permission.starts_with("system:");
}

const Role* FindRole(const std::vector<Role>& roles, std::string_view code) {
    const auto it = std::find_if(roles.begin(), roles.end(),
                                 [&](const Role& role) { return role.code == code; });
    return it == roles.end() ? nullptr : &*it;
}

mch::Result<void> CheckGrants(const std::vector<Role>& roles, const std::vector<Grant>& grants) {
    for (std::size_t i = 0; i < grants.size(); ++i) {
        const Grant& grant = grants[i];
        const std::string field = "roles[" + std::to_string(i) + "]";
        const Role* role = FindRole(roles, grant.role);
        if (role == nullptr)
            return mch::InvalidField(field + ".role", "identity.grant.unknown_role");
        const auto kind = ParseScopeKind(grant.scope_kind);
        if (!kind) return mch::InvalidField(field + ".scope_kind", "identity.grant.unknown_scope");
        if (*kind == ScopeKind::kRegionTree && grant.region_id == 0) {
            return mch::InvalidField(field + ".region_id", "field.required");
        }
        if (*kind == ScopeKind::kSector && grant.sector.empty()) {
            return mch::InvalidField(field + ".sector", "field.required");
        }
        if ((*kind == ScopeKind::kOrganisationTree || *kind == ScopeKind::kOrganisation) &&
            grant.org_id == 0) {
            return mch::InvalidField(field + ".org_id", "field.required");
        }
        const bool alone = std::all_of(grants.begin(), grants.end(), [&](const Grant& other) {
            return other.role == grant.role;
        });
        if (role->exclusive && !alone) {
            return mch::Conflict("identity.grant.exclusive");
        }
        if (std::count(grants.begin(), grants.end(), grant) > 1) {
            return mch::InvalidField(field, "identity.grant.twice");
        }
    }
    return {};
}

mch::Result<void> CheckGrantor(const mch::http::Principal& grantor, const std::vector<Role>& roles,
                               const std::vector<Grant>& grants) {
    const bool office = grantor.Has("identity:role:grant");
    for (const Grant& grant : grants) {
        const Role* role = FindRole(roles, grant.role);
        if (role == nullptr) return mch::InvalidField("roles", "identity.grant.unknown_role");
        for (const std::string& permission : role->permissions) {
            if (grantor.Has(permission)) continue;
            const bool shared = permission == "notify:notice:list";
            if (!shared && (IsManagement(permission) || !office)) {
                return mch::Forbidden("identity.grant.beyond_own", permission);
            }
        }
    }
    return {};
}

}  // namespace anlan::identity
