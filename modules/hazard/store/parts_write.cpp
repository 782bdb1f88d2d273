#include "mch/base/json.h"
#include "modules/hazard/store/parts.h"

namespace anlan::hazard {
namespace {

using mch::db::NullIfEmpty;
using mch::db::NullIfZero;
using mch::db::Value;

constexpr std::string_view kInsertDuty =
    "INSERT INTO hazard_duty (id, hazard_id, kind, org_id, person_id, basis, valid_from, "
    "created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kEndDuties =
    "UPDATE hazard_duty SET valid_to = ? WHERE hazard_id = ? AND valid_to IS NULL";
constexpr std::string_view kInsertPhoto =
    "INSERT INTO hazard_photo (id, hazard_id, event_id, file_id, kind, created_at, created_by) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kInsertReview =
    "INSERT INTO hazard_review (id, hazard_id, round, decision, basic_information_ok, "
    "basic_information_comment, accuracy_ok, accuracy_comment, new_risk_found, new_risk_comment, "
    "influence_degree, influence_comment, reporter_grade, hazard_grade, risk_grade, clause, "
    "grade_comment, opinion, created_at, created_by) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kInsertRejection =
    "INSERT INTO hazard_review (id, hazard_id, round, decision, reporter_grade, opinion, "
    "created_at, created_by) VALUES (?, ?, ?, 'reject', ?, ?, ?, ?)";
constexpr std::string_view kInsertReviewRisk =
    "INSERT INTO hazard_review_risk (review_id, position, text) VALUES (?, ?, ?)";
constexpr std::string_view kInsertArchive =
    "INSERT INTO hazard_archive (id, hazard_id, archive_no, created_at, created_by) "
    "VALUES (?, ?, ?, ?, ?)";
constexpr std::string_view kInsertPlan =
    "INSERT INTO hazard_plan (id, hazard_id, responsible_person_sealed, due_on, funds_fen, "
    "funds_source, contingency, interim_controls, created_at, created_by) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kInsertMeasure =
    "INSERT INTO hazard_measure (plan_id, position, text, due_on) VALUES (?, ?, ?, ?)";
constexpr std::string_view kInsertRectification =
    "INSERT INTO hazard_rectification (id, hazard_id, round, measures_done, cost_fen, self_check, "
    "created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kInsertVerification =
    "INSERT INTO hazard_verification (id, hazard_id, round, result, method, opinion, new_due_on, "
    "created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kInsertWriteOff =
    "INSERT INTO hazard_write_off (id, hazard_id, residual_risk_grade, opinion, created_at, "
    "created_by) VALUES (?, ?, ?, ?, ?, ?)";
constexpr std::string_view kInsertComment =
    "INSERT INTO hazard_comment (id, hazard_id, text, created_at, created_by) "
    "VALUES (?, ?, ?, ?, ?)";
constexpr std::string_view kInsertEvent =
    "INSERT INTO hazard_event (id, hazard_id, kind, move, from_state, to_state, actor_id, "
    "actor_org_id, actor_roles, duty_kind, round, note, comment_id, duration_ms, late, created_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

Value NullIfAbsent(const std::optional<std::int64_t>& value) {
    return value ? Value(*value) : Value();
}

}  // namespace

mch::Result<void> InsertDuty(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                             const Duty& duty, const Signature& by) {
    MCH_CHECK(
        tx.Execute(kInsertDuty, {id, hazard_id, Code(duty.kind), duty.org_id,
                                 NullIfZero(duty.person_id), duty.basis, by.at, by.at, by.by}));
    return {};
}

mch::Result<void> EndDuties(mch::db::Transaction& tx, mch::Id hazard_id, mch::TimeMs at) {
    MCH_CHECK(tx.Execute(kEndDuties, {at, hazard_id}));
    return {};
}

mch::Result<void> InsertPhoto(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                              const Photo& photo, const Signature& by) {
    MCH_CHECK(tx.Execute(kInsertPhoto,
                         {id, hazard_id, photo.event_id, photo.file_id, photo.kind, by.at, by.by}));
    return {};
}

mch::Result<void> InsertReview(mch::db::Transaction& tx, mch::Id id, const CaseRow& row,
                               const std::optional<ReviewContent>& content,
                               std::string_view opinion, const Signature& by) {
    if (!content) {
        MCH_CHECK(tx.Execute(kInsertRejection, {id, row.id, row.round, Code(row.reporter_grade),
                                                opinion, by.at, by.by}));
        return {};
    }
    const ReviewContent& c = *content;
    MCH_CHECK(tx.Execute(kInsertReview, {id,
                                         row.id,
                                         row.round,
                                         "confirm",
                                         c.basic_information_ok,
                                         NullIfEmpty(c.basic_information_comment),
                                         c.accuracy_ok,
                                         NullIfEmpty(c.accuracy_comment),
                                         c.new_risk_found,
                                         NullIfEmpty(c.new_risk_comment),
                                         c.influence_degree,
                                         NullIfEmpty(c.influence_comment),
                                         Code(row.reporter_grade),
                                         Code(c.hazard_grade),
                                         Code(c.risk_grade),
                                         NullIfEmpty(c.clause),
                                         NullIfEmpty(c.grade_comment),
                                         NullIfEmpty(opinion),
                                         by.at,
                                         by.by}));
    for (std::size_t i = 0; i < c.new_risk_items.size(); ++i) {
        MCH_CHECK(
            tx.Execute(kInsertReviewRisk, {id, static_cast<std::int64_t>(i), c.new_risk_items[i]}));
    }
    return {};
}

mch::Result<void> InsertArchive(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                                std::string_view archive_no, const Signature& by) {
    MCH_CHECK(tx.Execute(kInsertArchive, {id, hazard_id, archive_no, by.at, by.by}));
    return {};
}

mch::Result<void> InsertPlan(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                             const PlanContent& content, const Signature& by) {
    MCH_CHECK(tx.Execute(
        kInsertPlan,
        {id, hazard_id, content.responsible_person, DayText(content.due_day),
         NullIfAbsent(content.funds_fen), NullIfEmpty(content.funds_source),
         NullIfEmpty(content.contingency), NullIfEmpty(content.interim_controls), by.at, by.by}));
    for (std::size_t i = 0; i < content.measures.size(); ++i) {
        MCH_CHECK(
            tx.Execute(kInsertMeasure, {id, static_cast<std::int64_t>(i), content.measures[i].text,
                                        DayText(content.measures[i].due_day)}));
    }
    return {};
}

mch::Result<void> InsertRectification(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                                      const Rectification& part) {
    MCH_CHECK(tx.Execute(kInsertRectification, {id, hazard_id, part.round, part.measures_done,
                                                NullIfAbsent(part.cost_fen), part.self_check,
                                                part.signed_by.at, part.signed_by.by}));
    return {};
}

mch::Result<void> InsertVerification(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                                     const Verification& part) {
    MCH_CHECK(
        tx.Execute(kInsertVerification,
                   {id, hazard_id, part.round, part.result, NullIfEmpty(part.method), part.opinion,
                    NullIfEmpty(part.new_due_on), part.signed_by.at, part.signed_by.by}));
    return {};
}

mch::Result<void> InsertWriteOff(mch::db::Transaction& tx, mch::Id id, mch::Id hazard_id,
                                 const WriteOff& part) {
    MCH_CHECK(tx.Execute(kInsertWriteOff, {id, hazard_id, Code(part.residual_risk_grade),
                                           part.opinion, part.signed_by.at, part.signed_by.by}));
    return {};
}

mch::Result<void> InsertComment(mch::db::Transaction& tx, mch::Id hazard_id,
                                const Comment& comment) {
    MCH_CHECK(tx.Execute(kInsertComment, {comment.id, hazard_id, comment.text, comment.signed_by.at,
                                          comment.signed_by.by}));
    return {};
}

mch::Result<void> InsertEvent(mch::db::Transaction& tx, mch::Id hazard_id, const Event& event) {
    MCH_CHECK(tx.Execute(
        kInsertEvent,
        {event.id, hazard_id, event.kind, NullIfEmpty(event.move), NullIfEmpty(event.from_state),
         NullIfEmpty(event.to_state), event.actor_id, event.actor_org_id, event.actor_roles,
         NullIfEmpty(event.duty_kind), event.round, NullIfEmpty(event.note),
         NullIfZero(event.comment_id), NullIfAbsent(event.duration_ms), event.late, event.at}));
    return {};
}

mch::Result<void> SeedDeadlines(mch::db::Transaction& tx, std::string_view json_text) {
    MCH_TRY(mch::json::Value rows, mch::json::Parse(json_text));
    const std::string insert = tx.dialect().InsertIgnore(
        "hazard_deadline",
        {"code", "hazard_grade", "urgent", "amount", "unit", "basis", "verified"});
    for (const mch::json::Value& row : rows.AsArray()) {
        MCH_CHECK(tx.Execute(insert, {row.String("code"), row.String("hazard_grade"),
                                      row.Bool("urgent"), row.Int("amount"), row.String("unit"),
                                      row.String("basis"), row.Bool("verified")}));
    }
    return {};
}

}  // namespace anlan::hazard
