// Answers of this module as JSON.
#pragma once

#include <string>
#include <string_view>

#include "mch/base/catalogue.h"
#include "modules/hazard/app/detail.h"

namespace anlan::hazard {

std::string DetailJson(const CaseDetail& detail, const mch::Catalogue& messages,
                       std::string_view language);
std::string PageJson(const CasePage& page, const ListOrder& order);
std::string CountsJson(const CaseCounts& counts);
std::string TimelineJson(const Timeline& timeline);
std::string CommentsJson(const CommentList& list);
// The one comment of a list with one.
std::string CommentJson(const CommentList& list);

}  // namespace anlan::hazard
