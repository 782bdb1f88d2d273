// Telling people that a case waits for them, or how it ended.
#pragma once

#include <string_view>
#include <vector>

#include "mch/http/principal.h"
#include "modules/hazard/app/services.h"
#include "modules/hazard/store/parts.h"

namespace anlan::hazard {

// Within the transaction that changed the case: a notice to those who may make the next step
// (reporter, principal, or holders of the step's permission for the place, without those whom the
// separation of duties excludes), to the reporter when the case ended, and a live hint after
// COMMIT. `what` is the move's code or "report"; row.version is the version after the change.
mch::Result<void> TellNext(const Services& services, mch::db::Transaction& tx,
                           const mch::http::Principal& actor, const CaseRow& row,
                           const std::vector<Duty>& duties, std::string_view what);

// A new comment: to the reporter and the persons on duty, except its author.
mch::Result<void> TellComment(const Services& services, mch::db::Transaction& tx,
                              const mch::http::Principal& actor, const CaseRow& row,
                              const std::vector<Duty>& duties, mch::Id comment_id);

}  // namespace anlan::hazard
