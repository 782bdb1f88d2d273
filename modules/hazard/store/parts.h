// The parts of a case: duties, photos, review, plan, rectification, verification, write-off, file,
// comments, the time line and the default terms.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/result.h"
#include "mch/db/database.h"
#include "modules/hazard/domain/calendar.h"
#include "modules/hazard/domain/rules.h"
#include "modules/hazard/store/case_row.h"

namespace anlan::hazard {

// Who wrote a part and when: the same two columns in each.
struct Signature {
    mch::TimeMs at = 0;
    mch::Id by = 0;
};

struct Duty {
    DutyKind kind = DutyKind::kPrincipal;
    mch::Id org_id = 0;
    mch::Id person_id = 0;  // 0: the organisation as a whole
    std::string basis;      // reporter_org | asset | region | sector | installation | given
};

struct Photo {
    mch::Id event_id = 0;
    mch::Id file_id = 0;
    std::string kind;  // report | before | after | other
};

struct ReviewRecord {
    ReviewContent content;
    Signature signed_by;
};

struct PlanRecord {
    PlanContent content;  // responsible_person is sealed
    Signature signed_by;
};

struct Rectification {
    int round = 1;
    std::string measures_done;
    std::optional<std::int64_t> cost_fen;
    bool self_check = false;
    Signature signed_by;
};

struct Verification {
    int round = 1;
    std::string result;  // pass | fail
    std::string method;  // site_visit | photo | sensor; "" for fail
    std::string opinion;
    std::string new_due_on;  // of fail
    Signature signed_by;
};

struct WriteOff {
    RiskGrade residual_risk_grade = RiskGrade::kLow;
    std::string opinion;
    Signature signed_by;
};

struct Event {
    mch::Id id = 0;
    std::string kind;  // move | comment
    std::string move;  // "report" for the first
    std::string from_state;
    std::string to_state;
    mch::Id actor_id = 0;
    mch::Id actor_org_id = 0;
    std::string actor_roles;  // codes joined by ","
    std::string duty_kind;
    int round = 1;
    std::string note;
    mch::Id comment_id = 0;
    std::optional<std::int64_t> duration_ms;  // since the state began
    bool late = false;
    mch::TimeMs at = 0;
};

struct Comment {
    mch::Id id = 0;
    std::string text;
    Signature signed_by;
};

// Everything of a case that its page shows besides the row itself; the newest of what may repeat.
struct CaseParts {
    std::vector<Duty> duties;
    std::vector<Photo> photos;
    std::optional<ReviewRecord> review;
    std::optional<PlanRecord> plan;
    std::optional<Rectification> rectification;
    std::optional<Verification> verification;
    std::optional<WriteOff> write_off;
    std::string archive_no;
};

mch::Result<void> InsertDuty(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                             const Duty& duty, const Signature& by);
// Ends the duties in force.
mch::Result<void> EndDuties(mch::db::Transaction& tx, mch::Id hazard_id, mch::TimeMs at);
mch::Result<void> InsertPhoto(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                              const Photo& photo, const Signature& by);
// The content of a confirmation; for a rejection `content` is absent and `opinion` the reason.
mch::Result<void> InsertReview(mch::db::Transaction& tx, mch::Id id, const CaseRow& row,
                               const std::optional<ReviewContent>& content,
                               std::string_view opinion, const Signature& by);
mch::Result<void> InsertArchive(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                                std::string_view archive_no, const Signature& by);
mch::Result<void> InsertPlan(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                             const PlanContent& content, const Signature& by);
mch::Result<void> InsertRectification(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                                      const Rectification& part);
mch::Result<void> InsertVerification(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                                     const Verification& part);
mch::Result<void> InsertWriteOff(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                                 const WriteOff& part);
mch::Result<void> InsertComment(mch::db::Transaction& tx, mch::Id hazard_id,
                                const Comment& comment);
mch::Result<void> InsertEvent(mch::db::Transaction& tx, mch::Id hazard_id, const Event& event);

mch::Result<std::vector<Duty>> FindDuties(mch::db::Reader& reader, mch::Id hazard_id);
mch::Result<std::vector<Photo>> FindPhotos(mch::db::Reader& reader, mch::Id hazard_id);
mch::Result<CaseParts> FindParts(mch::db::Reader& reader, mch::Id hazard_id);
// Oldest first. A case has some tens of events; the 1000 newest are answered.
mch::Result<std::vector<Event>> FindEvents(mch::db::Reader& reader, mch::Id hazard_id);
mch::Result<std::vector<Comment>> FindComments(mch::db::Reader& reader, mch::Id hazard_id);

// hazard.deadline.missing: the installation's table lacks the row.
mch::Result<Term> FindTerm(mch::db::Reader& reader, std::string_view code, HazardGrade grade,
                           bool urgent);
// Writes the shipped rows that are not there yet; rows that the installation changed stay.
mch::Result<void> SeedDeadlines(mch::db::Transaction& tx, std::string_view json_text);

}  // namespace anlan::hazard
