// Validated requests into the inputs of the use cases.
#pragma once

#include <string>

#include "mch/http/message.h"
#include "modules/hazard/app/inputs.h"
#include "modules/hazard/store/case_list.h"

namespace anlan::hazard {

ReportFields ParseReport(const mch::json::Value& body);
// Errors: those of mch::http::VersionSeen.
mch::Result<TransitionInput> ParseTransition(const mch::http::Request& request);
// Errors: request.invalid naming the query parameter.
mch::Result<ListFilter> ParseFilter(const mch::http::Request& request);
mch::Result<ListOrder> ParseOrder(const mch::http::Request& request);

// Opaque to clients; names the order, so that a cursor of another order is refused.
std::string MakeCursor(const ListOrder& order, const Position& position);
mch::Result<Position> ParseCursor(const ListOrder& order, std::string_view cursor);

}  // namespace anlan::hazard
