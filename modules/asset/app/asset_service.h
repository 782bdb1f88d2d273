// What other modules may ask about assets.
#pragma once

#include "modules/asset/api/asset.h"

namespace anlan::asset {

class AssetService final : public Assets {
  public:
    mch::Result<AssetSummary> Find(mch::db::Reader& reader, mch::Id id) const override;
    mch::Result<AssetSummary> FindVisible(mch::db::Reader& reader,
                                          const mch::http::Principal& principal,
                                          mch::Id id) const override;
    mch::Result<std::map<mch::Id, AssetSummary>> FindMany(
        mch::db::Reader& reader, const std::vector<mch::Id>& ids) const override;
};

}  // namespace anlan::asset
