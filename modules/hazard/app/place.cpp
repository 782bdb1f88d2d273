#include "modules/hazard/app/place.h"

#include <algorithm>

namespace anlan::hazard {
namespace {

// A point this near to its asset is "at" it: an asset outside the known borders was put where it is
// by a person or an import that declared so.
constexpr double kAtAssetMetres = 1000;

bool Related(const region::Region& a, const region::Region& b) {
    return a.path.starts_with(b.path) || b.path.starts_with(a.path);
}

bool IsStreetPatrol(const mch::http::Principal& principal) {
    return std::find(principal.roles.begin(), principal.roles.end(), "street") !=
           principal.roles.end();
}

bool IsAt(const asset::AssetSummary* asset, const CaseRow& row) {
    return asset != nullptr &&
           region::DistanceMetres({asset->longitude, asset->latitude},
                                  {row.longitude, row.latitude}) <= kAtAssetMetres;
}

}  // namespace

mch::Result<void> SettleRegion(const Services& services, mch::db::Reader& reader,
                               const mch::http::Principal& principal,
                               const asset::AssetSummary* asset, mch::Id said, CaseRow& row) {
    MCH_TRY(region::Location location,
            services.regions->Locate(reader, {row.longitude, row.latitude}));
    if (location.note_code == "region.note.outside" && !IsAt(asset, row)) {
        return mch::InvalidField("longitude", "hazard.point.outside");
    }
    // The most precise of what is known, and whether a person must still confirm it.
    mch::Id chosen = said;
    if (chosen == 0 && IsAt(asset, row)) chosen = asset->region_id;
    if (chosen == 0) chosen = location.region_id;
    if (chosen == 0) return mch::InvalidField("region_id", "field.required");
    auto region = services.regions->Find(reader, chosen);
    if (!region) {
        if (region.error().kind() != mch::ErrorKind::kNotFound) return region.error();
        return mch::InvalidField("region_id", "hazard.region.unknown");
    }
    const bool located = location.status == region::RegionStatus::kLocated;
    if (located) {
        MCH_TRY(region::Region by_point, services.regions->Find(reader, location.region_id));
        if (!Related(*region, by_point)) {
            return mch::InvalidField("region_id", "hazard.region.mismatch",
                                     {{"located", by_point.name}});
        }
        // Borders end at the district; what the point gives must not be made coarser than that.
        if (by_point.path.size() > region->path.size()) *region = by_point;
    }
    if (said == 0 && principal.region_id != 0 && IsStreetPatrol(principal)) {
        // A street's patrol reports on its own street, as far as the point allows it.
        auto own = services.regions->Find(reader, principal.region_id);
        if (own && own->path.starts_with(region->path)) *region = std::move(*own);
    }
    row.region_id = region->id;
    row.region_status = region::RegionStatusName(located ? region::RegionStatus::kLocated
                                                         : region::RegionStatus::kUnconfirmed);
    return {};
}

}  // namespace anlan::hazard
