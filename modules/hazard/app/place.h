// Where a hazard lies: the region of a report, from its asset, its point and what the person says.
#pragma once

#include "modules/hazard/app/inputs.h"
#include "modules/hazard/app/services.h"
#include "modules/hazard/store/case_row.h"

namespace anlan::hazard {

// Sets region_id and region_status of the row, whose point and asset are already set. `asset` is
// nullptr for none; `said` is the region that the person chose, 0 for none.
//
// Field errors: region_id hazard.region.unknown; region_id hazard.region.mismatch {located} when
// the point lies elsewhere; longitude hazard.point.outside when the point is beyond the
// installation's borders and not at the asset; region_id field.required when nothing tells the
// place.
mch::Result<void> SettleRegion(const Services& services, mch::db::Reader& reader,
                               const mch::http::Principal& principal,
                               const asset::AssetSummary* asset, mch::Id said, CaseRow& row);

}  // namespace anlan::hazard
