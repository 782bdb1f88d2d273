#include "modules/identity/app/directory.h"

#include <algorithm>
#include <utility>

namespace anlan::identity {

namespace {

OrganisationCard CardOf(const OrganisationRow& o) {
    OrganisationCard card;
    card.id = o.id;
    card.parent_id = o.parent_id;
    card.code = o.code;
    card.name = o.name;
    card.kind = o.kind;
    card.region_id = o.region_id;
    card.sector = o.sector;
    card.enabled = o.status == "enabled";
    return card;
}

// Number of steps from the root to the id on the path; 0 when the id is not on it.
int DepthOn(std::string_view path, mch::Id id) {
    const std::size_t at = path.find("/" + mch::FormatId(id) + "/");
    if (id == 0 || at == std::string_view::npos) return 0;
    return static_cast<int>(std::count(path.begin(), path.begin() + static_cast<long>(at), '/')) +
           1;
}

}  // namespace

int Nearness(const Grant& grant, std::string_view region_path, std::string_view org_path,
             const Place& place) {
    constexpr int kOrganisationFirst = 1000;
    const auto kind = ParseScopeKind(grant.scope_kind);
    if (!kind) return 0;
    switch (*kind) {
        case mch::http::ScopeKind::kAll:
            return 1;
        case mch::http::ScopeKind::kRegionTree: {
            const int depth = DepthOn(region_path, grant.region_id);
            return depth == 0 ? 0 : 1 + depth;
        }
        case mch::http::ScopeKind::kSector: {
            if (grant.sector.empty() || grant.sector != place.sector) return 0;
            if (grant.region_id == 0) return 2;
            const int depth = DepthOn(region_path, grant.region_id);
            return depth == 0 ? 0 : 2 + depth;
        }
        case mch::http::ScopeKind::kOrganisationTree: {
            const int depth = DepthOn(org_path, grant.org_id);
            return depth == 0 ? 0 : kOrganisationFirst + depth;
        }
        case mch::http::ScopeKind::kOrganisation:
            return grant.org_id != 0 && grant.org_id == place.org_id ? 2 * kOrganisationFirst : 0;
        case mch::http::ScopeKind::kSelf:
            return 0;
    }
    return 0;
}

mch::Result<UserCard> StoredDirectory::CardOf(const UserRow& u) const {
    UserCard card;
    card.id = u.id;
    card.account = u.account;
    card.name = u.name;
    card.org_id = u.org_id;
    card.org_name = u.org_name;
    card.region_id = u.region_id;
    MCH_TRY(const auto phone, personal_data_->Open("identity_user.phone", u.phone_sealed));
    card.phone_masked = MaskPhone(phone);
    card.enabled = u.status == "enabled";
    return card;
}

mch::Result<UserCard> StoredDirectory::User(Reader& reader, mch::Id id) const {
    MCH_TRY(const auto user, FindUser(reader, id));
    if (!user) return mch::NotFound("identity.user.not_found");
    return CardOf(*user);
}

mch::Result<std::map<mch::Id, UserCard>> StoredDirectory::Users(
    Reader& reader, const std::vector<mch::Id>& ids) const {
    MCH_TRY(const auto users, FindUsersById(reader, ids));
    std::map<mch::Id, UserCard> cards;
    for (const UserRow& user : users) {
        MCH_TRY(cards[user.id], CardOf(user));
    }
    return cards;
}

mch::Result<OrganisationCard> StoredDirectory::Organisation(Reader& reader, mch::Id id) const {
    MCH_TRY(const auto org, FindOrganisation(reader, id));
    if (!org) return mch::NotFound("identity.org.not_found");
    return identity::CardOf(*org);
}

mch::Result<std::map<mch::Id, OrganisationCard>> StoredDirectory::Organisations(
    Reader& reader, const std::vector<mch::Id>& ids) const {
    MCH_TRY(const auto orgs, FindOrganisationsById(reader, ids));
    std::map<mch::Id, OrganisationCard> cards;
    for (const OrganisationRow& org : orgs) cards[org.id] = identity::CardOf(org);
    return cards;
}

mch::Result<OrganisationCard> StoredDirectory::OrganisationByName(Reader& reader,
                                                                  std::string_view name) const {
    MCH_TRY(const auto orgs, FindOrganisationsByName(reader, name));
    return orgs.empty() ? OrganisationCard() : identity::CardOf(orgs.front());
}

mch::Result<std::vector<UserCard>> StoredDirectory::Covering(Reader& reader,
                                                             const std::vector<HeldGrant>& grants,
                                                             const Place& place) const {
    MCH_TRY(const auto region_path, PathOfRegion(reader, place.region_id));
    std::string org_path;
    if (place.org_id != 0) {
        MCH_TRY(const auto org, FindOrganisation(reader, place.org_id));
        if (org) org_path = org->path;
    }
    std::map<mch::Id, int> nearest;
    for (const HeldGrant& held : grants) {
        const int nearness = Nearness(held.grant, region_path, org_path, place);
        if (nearness > 0) nearest[held.user_id] = std::max(nearest[held.user_id], nearness);
    }
    std::vector<std::pair<int, mch::Id>> order;
    std::vector<mch::Id> ids;
    for (const auto& [id, nearness] : nearest) {
        order.emplace_back(-nearness, id);
        ids.push_back(id);
    }
    std::sort(order.begin(), order.end());
    MCH_TRY(auto cards, Users(reader, ids));
    std::vector<UserCard> holders;
    for (const auto& entry : order) holders.push_back(std::move(cards[entry.second]));
    return holders;
}

mch::Result<std::vector<UserCard>> StoredDirectory::HoldersOfRole(Reader& reader,
                                                                  std::string_view role,
                                                                  const Place& place) const {
    MCH_TRY(const auto grants, GrantsByRole(reader, role));
    return Covering(reader, grants, place);
}

mch::Result<std::vector<UserCard>> StoredDirectory::HoldersOfPermission(Reader& reader,
                                                                        std::string_view permission,
                                                                        const Place& place) const {
    MCH_TRY(const auto grants, GrantsByPermission(reader, permission));
    return Covering(reader, grants, place);
}

mch::Result<std::vector<std::string>> StoredDirectory::RolesOf(Reader& reader,
                                                               mch::Id user_id) const {
    MCH_TRY(const auto grants, GrantsOf(reader, user_id));
    std::vector<std::string> roles;
    for (const Grant& grant : grants) {
        if (std::find(roles.begin(), roles.end(), grant.role) == roles.end()) {
            roles.push_back(grant.role);
        }
    }
    return roles;
}

}  // namespace anlan::identity
