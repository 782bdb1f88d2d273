// Assets (管控对象): what other modules may know of one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mch/base/ids.h"
#include "mch/base/result.h"
#include "mch/db/database.h"
#include "mch/http/principal.h"

namespace anlan::asset {

struct AssetSummary {
    mch::Id id = 0;
    std::string asset_no;
    std::string name;
    std::string sector;
    std::string type;
    std::string status;  // in_use | suspended | removed
    mch::Id org_id = 0;
    mch::Id region_id = 0;
    std::string region_status;  // located | unconfirmed
    std::string address;
    double longitude = 0;  // WGS-84
    double latitude = 0;
    std::int64_t version = 0;
};

class Assets {
  public:
    virtual ~Assets() = default;
    // asset.not_found. Without a scope check: for showing the asset of a row that the reader may
    // see.
    virtual mch::Result<AssetSummary> Find(mch::db::Reader& reader, mch::Id id) const = 0;
    // asset.not_found also when it lies outside the principal's row scope: for references that a
    // person puts into a form.
    virtual mch::Result<AssetSummary> FindVisible(mch::db::Reader& reader,
                                                  const mch::http::Principal& principal,
                                                  mch::Id id) const = 0;
    // By id, without a scope check; ids that do not exist are left out.
    virtual mch::Result<std::map<mch::Id, AssetSummary>> FindMany(
        mch::db::Reader& reader, const std::vector<mch::Id>& ids) const = 0;
};

}  // namespace anlan::asset
