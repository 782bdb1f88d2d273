// Who answers for a case: the four duties, and in which of them a person acts.
#pragma once

#include <vector>

#include "mch/http/principal.h"
#include "modules/hazard/app/inputs.h"
#include "modules/hazard/app/services.h"
#include "modules/hazard/store/parts.h"

namespace anlan::hazard {

// The holders of all four duties, from what the acceptor names and, for the kinds not named, from
// the asset's or reporter's organisation (principal), the region (territorial), the sector's
// regulator (sectoral) and the general supervision of the installation.
// Errors: field duties hazard.duties.missing {kinds}; duties[i].org_id, duties[i].person_id,
// duties[i].kind for names that do not fit.
mch::Result<std::vector<Duty>> ResolveDuties(const Services& services, mch::db::Reader& reader,
                                             const CaseRow& row,
                                             const std::vector<GivenDuty>& given);

// An event of the time line with the actor's part filled in: organisation, roles, duty, round.
Event EventBy(const mch::http::Principal& actor, const CaseRow& row,
              const std::vector<Duty>& duties);

}  // namespace anlan::hazard
