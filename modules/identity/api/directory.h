// Who is who: users and organisations as other modules show them and choose duty holders.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/ids.h"
#include "mch/base/result.h"
#include "mch/db/database.h"

namespace anlan::identity {

struct OrganisationCard {
    mch::Id id = 0;
    mch::Id parent_id = 0;
    std::string code;
    std::string name;
    std::string kind;  // emergency | regulator | street | enterprise | expert | other
    mch::Id region_id = 0;
    std::string sector;  // of an enterprise; regulators have theirs in the grants of their users
    bool enabled = true;
};

struct UserCard {
    mch::Id id = 0;
    std::string account;
    std::string name;
    mch::Id org_id = 0;
    std::string org_name;
    mch::Id region_id = 0;
    std::string phone_masked;  // "138****0001", "" when none
    bool enabled = true;
};

// Where a row lies, for asking who is in charge of it.
struct Place {
    mch::Id region_id = 0;
    mch::Id org_id = 0;
    std::string sector;
};

// Provided by module identity. Thread safe. Names are not filtered by scope: they are shown beside
// rows that the reader may see.
class Directory {
  public:
    virtual ~Directory() = default;

    // identity.user.not_found.
    virtual mch::Result<UserCard> User(mch::db::Reader& reader, mch::Id id) const = 0;
    // By id; unknown ids (and 0) are left out.
    virtual mch::Result<std::map<mch::Id, UserCard>> Users(
        mch::db::Reader& reader, const std::vector<mch::Id>& ids) const = 0;
    // identity.org.not_found.
    virtual mch::Result<OrganisationCard> Organisation(mch::db::Reader& reader,
                                                       mch::Id id) const = 0;
    virtual mch::Result<std::map<mch::Id, OrganisationCard>> Organisations(
        mch::db::Reader& reader, const std::vector<mch::Id>& ids) const = 0;
    // The organisation of exactly that name, id 0 when there is none.
    virtual mch::Result<OrganisationCard> OrganisationByName(mch::db::Reader& reader,
                                                             std::string_view name) const = 0;

    // Enabled users who hold the role and whose grant of that role covers the place, the most
    // specific grant first (organisation, smaller region, larger region, everything), then by id.
    // With the codes of contract: enterprise 主体, street 属地, regulator 行业, supervisor 综合.
    virtual mch::Result<std::vector<UserCard>> HoldersOfRole(mch::db::Reader& reader,
                                                             std::string_view role,
                                                             const Place& place) const = 0;
    // The same by permission ("hazard:case:review"): whom to tell that something waits.
    virtual mch::Result<std::vector<UserCard>> HoldersOfPermission(mch::db::Reader& reader,
                                                                   std::string_view permission,
                                                                   const Place& place) const = 0;
    // Codes of a user's roles, in order.
    virtual mch::Result<std::vector<std::string>> RolesOf(mch::db::Reader& reader,
                                                          mch::Id user_id) const = 0;
};

}  // namespace anlan::identity
