// The shapes of this module's requests and answers: they validate, and they become components of
// the OpenAPI document and types of the web client.
#pragma once

#include <vector>

#include "mch/base/schema.h"
#include "mch/http/router.h"

namespace anlan::hazard {

mch::Schema ReportRequestSchema();
// One shape for each move, picked by `move`.
mch::Schema TransitionRequestSchema();
mch::Schema CommentRequestSchema();
mch::Schema HazardDetailSchema();
mch::Schema HazardPageSchema();
mch::Schema HazardCountsSchema();
mch::Schema TimelineSchema();
mch::Schema CommentPageSchema();
mch::Schema CommentSchema();

// Filters of the list; the counts know the same without sort and paging.
std::vector<mch::http::QueryParameter> FilterParameters();
std::vector<mch::http::QueryParameter> ListParameters();

}  // namespace anlan::hazard
