// Directory on the identity tables.
#pragma once

#include "modules/identity/api/directory.h"
#include "modules/identity/app/parts.h"
#include "modules/identity/store/rows.h"

namespace anlan::identity {

class StoredDirectory final : public Directory {
  public:
    explicit StoredDirectory(std::shared_ptr<PersonalData> personal_data)
        : personal_data_(std::move(personal_data)) {}
    mch::Result<UserCard> User(Reader& reader, mch::Id id) const override;
    mch::Result<std::map<mch::Id, UserCard>> Users(Reader& reader,
                                                   const std::vector<mch::Id>& ids) const override;
    mch::Result<OrganisationCard> Organisation(Reader& reader, mch::Id id) const override;
    mch::Result<std::map<mch::Id, OrganisationCard>> Organisations(
        Reader& reader, const std::vector<mch::Id>& ids) const override;
    mch::Result<OrganisationCard> OrganisationByName(Reader& reader,
                                                     std::string_view name) const override;
    mch::Result<std::vector<UserCard>> HoldersOfRole(Reader& reader, std::string_view role,
                                                     const Place& place) const override;
    mch::Result<std::vector<UserCard>> HoldersOfPermission(Reader& reader,
                                                           std::string_view permission,
                                                           const Place& place) const override;
    mch::Result<std::vector<std::string>> RolesOf(Reader& reader, mch::Id user_id) const override;

  private:
    mch::Result<UserCard> CardOf(const UserRow& user) const;
    mch::Result<std::vector<UserCard>> Covering(Reader& reader,
                                                const std::vector<HeldGrant>& grants,
                                                const Place& place) const;
    std::shared_ptr<PersonalData> personal_data_;
};

// How specific a grant is that covers a row on these paths: bigger is nearer; 0 when it does not
// cover it. Paths as "/1/2/3/"; "" when the row has none.
int Nearness(const Grant& grant, std::string_view region_path, std::string_view org_path,
             const Place& place);

}  // namespace anlan::identity
