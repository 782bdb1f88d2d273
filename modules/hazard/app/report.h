// Reporting a hazard, and writing a report's fields into a case.
#pragma once

#include "modules/hazard/app/detail.h"
#include "modules/hazard/app/inputs.h"

namespace anlan::hazard {

struct ReportAnswer {
    CaseDetail detail;
    bool created = true;  // false: the same upload came again
};

// One transaction: the case, its photos, time line, audit and notices. The same client_uuid again
// by the same person answers the stored case and writes nothing, so a phone may repeat an upload
// whose answer it did not get.
// Errors: request.invalid with located fields; hazard.client_uuid.taken by somebody else.
mch::Result<ReportAnswer> ReportHazard(const Services& services, const mch::http::Context& context,
                                       const std::string& client_uuid, const ReportFields& fields);

// Writes what `fields` holds into the row and settles its place; checks references and texts.
mch::Result<void> ApplyReport(const Services& services, mch::db::Transaction& tx,
                              const mch::http::Principal& principal, const ReportFields& fields,
                              CaseRow& row);

// Ties uploaded photos to the case and to the event that brought them. The first photo of all
// becomes the cover.
mch::Result<void> AddPhotos(const Services& services, mch::db::Transaction& tx, CaseRow& row,
                            mch::Id event_id, const std::vector<mch::Id>& photo_ids,
                            std::string_view kind, const Signature& by);

}  // namespace anlan::hazard
