#include <algorithm>

#include "modules/hazard/store/parts.h"

namespace anlan::hazard {
namespace {

constexpr std::string_view kFindDuties =
    "SELECT kind, org_id, person_id, basis FROM hazard_duty "
    "WHERE hazard_id = ? AND valid_to IS NULL ORDER BY id";
constexpr std::string_view kFindPhotos =
    "SELECT event_id, file_id, kind FROM hazard_photo WHERE hazard_id = ? ORDER BY id";
constexpr std::string_view kFindReview =
    "SELECT id, basic_information_ok, basic_information_comment, accuracy_ok, accuracy_comment, "
    "new_risk_found, new_risk_comment, influence_degree, influence_comment, hazard_grade, "
    "risk_grade, clause, grade_comment, opinion, created_at, created_by "
    "FROM hazard_review WHERE hazard_id = ? AND decision = 'confirm' ORDER BY id DESC LIMIT 1";
constexpr std::string_view kFindReviewRisks =
    "SELECT text FROM hazard_review_risk WHERE review_id = ? ORDER BY position";
constexpr std::string_view kFindPlan =
    "SELECT id, responsible_person_sealed, due_on, funds_fen, funds_source, contingency, "
    "interim_controls, created_at, created_by "
    "FROM hazard_plan WHERE hazard_id = ? ORDER BY id DESC LIMIT 1";
constexpr std::string_view kFindMeasures =
    "SELECT text, due_on FROM hazard_measure WHERE plan_id = ? ORDER BY position";
constexpr std::string_view kFindRectification =
    "SELECT round, measures_done, cost_fen, self_check, created_at, created_by "
    "FROM hazard_rectification WHERE hazard_id = ? ORDER BY id DESC LIMIT 1";
constexpr std::string_view kFindVerification =
    "SELECT round, result, method, opinion, new_due_on, created_at, created_by "
    "FROM hazard_verification WHERE hazard_id = ? ORDER BY id DESC LIMIT 1";
constexpr std::string_view kFindWriteOff =
    "SELECT residual_risk_grade, opinion, created_at, created_by "
    "FROM hazard_write_off WHERE hazard_id = ? ORDER BY id DESC LIMIT 1";
constexpr std::string_view kFindArchive =
    "SELECT archive_no FROM hazard_archive WHERE hazard_id = ?";
constexpr std::string_view kFindEvents =
    "SELECT e.id, e.kind, e.move, e.from_state, e.to_state, e.actor_id, e.actor_org_id, "
    "e.actor_roles, e.duty_kind, e.round, e.note, e.comment_id, e.duration_ms, e.late, "
    "e.created_at, c.text "
    "FROM hazard_event e LEFT JOIN hazard_comment c ON c.id = e.comment_id "
    "WHERE e.hazard_id = ? ORDER BY e.id DESC LIMIT 1000";
constexpr std::string_view kFindComments =
    "SELECT id, text, created_at, created_by FROM hazard_comment "
    "WHERE hazard_id = ? ORDER BY id DESC LIMIT 1000";
constexpr std::string_view kFindTerm =
    "SELECT amount, unit FROM hazard_deadline "
    "WHERE code = ? AND hazard_grade = ? AND urgent = ?";

std::optional<std::int64_t> OptionalInt(const mch::db::Row& row, std::size_t column) {
    if (row.IsNull(column)) return std::nullopt;
    return row.Int(column);
}

mch::Result<std::optional<ReviewRecord>> FindReview(mch::db::Reader& reader, mch::Id hazard_id) {
    MCH_TRY(mch::db::Rows rows, reader.Query(kFindReview, {hazard_id}));
    if (rows.empty()) return std::optional<ReviewRecord>();
    const mch::db::Row& row = rows.front();
    ReviewRecord record;
    ReviewContent& c = record.content;
    c.basic_information_ok = row.Int(1) != 0;
    c.basic_information_comment = row.Text(2);
    c.accuracy_ok = row.Int(3) != 0;
    c.accuracy_comment = row.Text(4);
    c.new_risk_found = row.Int(5) != 0;
    c.new_risk_comment = row.Text(6);
    c.influence_degree = row.Text(7);
    c.influence_comment = row.Text(8);
    c.hazard_grade = ParseHazardGrade(row.Text(9)).value_or(HazardGrade::kMajor);
    c.risk_grade = ParseRiskGrade(row.Text(10)).value_or(RiskGrade::kMajor);
    c.clause = row.Text(11);
    c.grade_comment = row.Text(12);
    c.opinion = row.Text(13);
    record.signed_by = {row.Int(14), row.Int(15)};
    MCH_TRY(mch::db::Rows risks, reader.Query(kFindReviewRisks, {row.Int(0)}));
    for (const mch::db::Row& risk : risks) c.new_risk_items.push_back(risk.Text(0));
    return std::optional(std::move(record));
}

mch::Result<std::optional<PlanRecord>> FindPlan(mch::db::Reader& reader, mch::Id hazard_id) {
    MCH_TRY(mch::db::Rows rows, reader.Query(kFindPlan, {hazard_id}));
    if (rows.empty()) return std::optional<PlanRecord>();
    const mch::db::Row& row = rows.front();
    PlanRecord record;
    PlanContent& c = record.content;
    c.responsible_person = row.Text(1);
    MCH_TRY(c.due_day, mch::ParseDate(row.Text(2)));
    c.funds_fen = OptionalInt(row, 3);
    c.funds_source = row.Text(4);
    c.contingency = row.Text(5);
    c.interim_controls = row.Text(6);
    record.signed_by = {row.Int(7), row.Int(8)};
    MCH_TRY(mch::db::Rows measures, reader.Query(kFindMeasures, {row.Int(0)}));
    for (const mch::db::Row& measure : measures) {
        MCH_TRY(std::int64_t day, mch::ParseDate(measure.Text(1)));
        c.measures.push_back({measure.Text(0), day});
    }
    return std::optional(std::move(record));
}

}  // namespace

mch::Result<std::vector<Duty>> FindDuties(mch::db::Reader& reader, mch::Id hazard_id) {
    MCH_TRY(mch::db::Rows rows, reader.Query(kFindDuties, {hazard_id}));
    std::vector<Duty> duties;
    for (const mch::db::Row& row : rows) {
        const auto kind = ParseDutyKind(row.Text(0));
        if (kind) duties.push_back({*kind, row.Int(1), row.Int(2), row.Text(3)});
    }
    return duties;
}

mch::Result<std::vector<Photo>> FindPhotos(mch::db::Reader& reader, mch::Id hazard_id) {
    MCH_TRY(mch::db::Rows rows, reader.Query(kFindPhotos, {hazard_id}));
    std::vector<Photo> photos;
    for (const mch::db::Row& row : rows) photos.push_back({row.Int(0), row.Int(1), row.Text(2)});
    return photos;
}

mch::Result<CaseParts> FindParts(mch::db::Reader& reader, mch::Id hazard_id) {
    CaseParts parts;
    MCH_TRY(parts.duties, FindDuties(reader, hazard_id));
    MCH_TRY(parts.photos, FindPhotos(reader, hazard_id));
    MCH_TRY(parts.review, FindReview(reader, hazard_id));
    MCH_TRY(parts.plan, FindPlan(reader, hazard_id));
    MCH_TRY(mch::db::Rows done, reader.Query(kFindRectification, {hazard_id}));
    for (const mch::db::Row& row : done) {
        parts.rectification = Rectification{static_cast<int>(row.Int(0)),
                                            row.Text(1),
                                            OptionalInt(row, 2),
                                            row.Int(3) != 0,
                                            {row.Int(4), row.Int(5)}};
    }
    MCH_TRY(mch::db::Rows checked, reader.Query(kFindVerification, {hazard_id}));
    for (const mch::db::Row& row : checked) {
        parts.verification = Verification{
            static_cast<int>(row.Int(0)), row.Text(1), row.Text(2), row.Text(3), row.Text(4),
            {row.Int(5), row.Int(6)}};
    }
    MCH_TRY(mch::db::Rows written_off, reader.Query(kFindWriteOff, {hazard_id}));
    for (const mch::db::Row& row : written_off) {
        parts.write_off = WriteOff{ParseRiskGrade(row.Text(0)).value_or(RiskGrade::kMajor),
                                   row.Text(1),
                                   {row.Int(2), row.Int(3)}};
    }
    MCH_TRY(mch::db::Rows archive, reader.Query(kFindArchive, {hazard_id}));
    if (!archive.empty()) parts.archive_no = archive.front().Text(0);
    return parts;
}

mch::Result<std::vector<Event>> FindEvents(mch::db::Reader& reader, mch::Id hazard_id) {
    MCH_TRY(mch::db::Rows rows, reader.Query(kFindEvents, {hazard_id}));
    std::vector<Event> events;
    for (const mch::db::Row& row : rows) {
        Event e;
        e.id = row.Int(0);
        e.kind = row.Text(1);
        e.move = row.Text(2);
        e.from_state = row.Text(3);
        e.to_state = row.Text(4);
        e.actor_id = row.Int(5);
        e.actor_org_id = row.Int(6);
        e.actor_roles = row.Text(7);
        e.duty_kind = row.Text(8);
        e.round = static_cast<int>(row.Int(9));
        e.note = row.IsNull(11) ? row.Text(10) : row.Text(15);
        e.comment_id = row.Int(11);
        e.duration_ms = OptionalInt(row, 12);
        e.late = row.Int(13) != 0;
        e.at = row.Int(14);
        events.push_back(std::move(e));
    }
    std::reverse(events.begin(), events.end());
    return events;
}

mch::Result<std::vector<Comment>> FindComments(mch::db::Reader& reader, mch::Id hazard_id) {
    MCH_TRY(mch::db::Rows rows, reader.Query(kFindComments, {hazard_id}));
    std::vector<Comment> comments;
    for (const mch::db::Row& row : rows) {
        comments.push_back({row.Int(0), row.Text(1), {row.Int(2), row.Int(3)}});
    }
    std::reverse(comments.begin(), comments.end());
    return comments;
}

mch::Result<Term> FindTerm(mch::db::Reader& reader, std::string_view code, HazardGrade grade,
                           bool urgent) {
    MCH_TRY(mch::db::Rows rows, reader.Query(kFindTerm, {code, Code(grade), urgent}));
    const auto unit = rows.empty() ? std::nullopt : ParseTermUnit(rows.front().Text(1));
    if (!unit) return mch::Internal("hazard.deadline.missing", std::string(code));
    return Term{rows.front().Int(0), *unit};
}

}  // namespace anlan::hazard
