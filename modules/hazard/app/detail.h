// Cases as their pages show them: rows joined with the names of people, organisations and places.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mch/http/router.h"
#include "modules/hazard/app/services.h"
#include "modules/hazard/store/case_list.h"
#include "modules/hazard/store/parts.h"

namespace anlan::hazard {

struct Names {
    std::map<mch::Id, identity::UserCard> users;
    std::map<mch::Id, identity::OrganisationCard> organisations;
    std::map<mch::Id, std::string> regions;
};

struct CaseDetail {
    CaseRow row;
    CaseParts parts;
    Names names;
    std::optional<asset::AssetSummary> asset;
    std::map<mch::Id, file::FileFacts> files;
    std::string reporter_name;   // given with the report, else the account's
    std::string reporter_phone;  // masked
    std::string responsible_person;
    std::string latest_due_on;  // the last day that a failed verification may set, "" elsewhere
    std::vector<Verdict> moves;
    mch::TimeMs now = 0;
};

struct CasePage {
    std::vector<CaseRow> rows;
    Names names;
    std::optional<Position> next;  // absent on the last page
    mch::TimeMs now = 0;
};

struct Timeline {
    std::vector<Event> events;
    std::map<mch::Id, std::vector<mch::Id>> photos;  // event -> files
    Names names;
};

struct CommentList {
    std::vector<Comment> comments;
    Names names;
};

ActorFacts ActorOf(const mch::http::Principal& principal);

// The case as this reader sees it, within the caller's snapshot or transaction.
mch::Result<CaseDetail> LoadDetail(const Services& services, mch::db::Reader& reader,
                                   const mch::http::Principal& principal, const CaseRow& row);

// Errors of all: hazard.not_found for a case that is absent or outside the reader's sight.
mch::Result<CaseDetail> ShowCase(const Services& services, const mch::http::Context& context,
                                 mch::Id id);
mch::Result<CasePage> ShowList(const Services& services, const mch::http::Context& context,
                               const ListFilter& filter, const ListOrder& order);
mch::Result<CaseCounts> ShowCounts(const Services& services, const mch::http::Context& context,
                                   const ListFilter& filter);
mch::Result<Timeline> ShowTimeline(const Services& services, const mch::http::Context& context,
                                   mch::Id id);
mch::Result<CommentList> ShowComments(const Services& services, const mch::http::Context& context,
                                      mch::Id id);

}  // namespace anlan::hazard
