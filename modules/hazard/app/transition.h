// Moving a case, and commenting on it.
#pragma once

#include <string>

#include "modules/hazard/app/detail.h"
#include "modules/hazard/app/inputs.h"

namespace anlan::hazard {

// One move in one transaction: the case, what belongs to the move, the time line, the audit record
// and the notices; or nothing at all. Errors, in this order:
// - hazard.not_found: absent or outside the person's sight;
// - request.version_changed (412, extra current_version): somebody was faster;
// - hazard.move.illegal (409, extra state and moves): the state does not know the move;
// - hazard.move.no_permission and the reasons of the guards (403, the same extra);
// - request.invalid with the located fields that break a rule of the move.
mch::Result<CaseDetail> MoveCase(const Services& services, const mch::http::Context& context,
                                 mch::Id id, const TransitionInput& input);

// Appends a comment; the case's version stays. Errors: hazard.not_found.
mch::Result<CommentList> AddComment(const Services& services, const mch::http::Context& context,
                                    mch::Id id, const std::string& text);

// [{"move","name","allowed","reason_code","reason"}] in the reader's language.
std::string MovesJson(const mch::Catalogue& messages, std::string_view language,
                      const std::vector<Verdict>& moves);

}  // namespace anlan::hazard
