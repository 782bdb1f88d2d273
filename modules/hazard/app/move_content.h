// What each move writes besides the new state.
#pragma once

#include <vector>

#include "modules/hazard/app/inputs.h"
#include "modules/hazard/app/services.h"
#include "modules/hazard/store/parts.h"

namespace anlan::hazard {

// A move at work: what it may read, and what it fills in.
struct Step {
    const Services& services;
    mch::db::Transaction& tx;
    const mch::http::Principal& principal;
    CaseRow& row;  // with the state before the move
    Signature by;
    std::vector<Duty>& duties;  // in force; replaced by an acceptance
    Event event;
    std::vector<audit::Change> changes;
};

// Checks the rules of the move's content and writes it. Errors: request.invalid with the located
// fields. The content is of the move's kind (the request's parser sees to it).
mch::Result<void> ApplyContent(Step& step, const TransitionInput& input);

}  // namespace anlan::hazard
