#include "modules/asset/app/asset_service.h"

#include "modules/asset/store/asset_store.h"

namespace anlan::asset {

mch::Result<AssetSummary> AssetService::Find(mch::db::Reader& reader, mch::Id id) const {
    MCH_TRY(store::AssetRow row, store::Find(reader, id));
    return std::move(row.asset);
}

mch::Result<AssetSummary> AssetService::FindVisible(mch::db::Reader& reader,
                                                    const mch::http::Principal& principal,
                                                    mch::Id id) const {
    MCH_TRY(store::AssetRow row, store::FindVisible(reader, principal, id));
    return std::move(row.asset);
}

mch::Result<std::map<mch::Id, AssetSummary>> AssetService::FindMany(
    mch::db::Reader& reader, const std::vector<mch::Id>& ids) const {
    return store::FindMany(reader, ids);
}

}  // namespace anlan::asset
