#include "modules/hazard/app/move_content.h"

#include <string>
#include <utility>

#include "mch/base/crypto.h"
#include "modules/hazard/app/people.h"
#include "modules/hazard/app/report.h"
#include "modules/hazard/domain/number.h"

namespace anlan::hazard {
namespace {

mch::Result<void> AllWell(FieldErrors errors) {
    if (errors.empty()) return {};
    mch::Error error = mch::Invalid("request.invalid");
    for (mch::FieldError& field : errors) error.AddField(std::move(field));
    return error;
}

mch::Id NewId(const Step& step) { return step.services.runtime.ids().Next(); }

std::int64_t Today(const Step& step) {
    return DayOf(step.by.at, step.services.runtime.zone_minutes());
}

mch::Result<void> Apply(Step& step, const AcceptContent& content) {
    CaseRow& row = step.row;
    MCH_TRY(std::vector<Duty> duties, ResolveDuties(step.services, step.tx, row, content.duties));
    // A returned and resubmitted case may be accepted with other holders.
    MCH_CHECK(EndDuties(step.tx, row.id, step.by.at));
    for (const Duty& duty : duties) {
        MCH_CHECK(InsertDuty(step.tx, NewId(step), row.id, duty, step.by));
        step.changes.push_back({"duty." + std::string(Code(duty.kind)), "",
                                mch::FormatId(duty.org_id) + "/" + std::to_string(duty.person_id)});
        if (duty.kind == DutyKind::kPrincipal) row.org_id = row.principal_org_id = duty.org_id;
    }
    step.duties = std::move(duties);
    // The acceptor may be one of the holders that this very move names.
    step.event.duty_kind = EventBy(step.principal, row, step.duties).duty_kind;
    step.event.note = content.note;
    return {};
}

mch::Result<void> Apply(Step& step, const ReasonContent& content) {
    step.event.note = content.reason;
    if (step.event.move != Code(Move::kReject)) return {};
    return InsertReview(step.tx, NewId(step), step.row, std::nullopt, content.reason, step.by);
}

mch::Result<void> Apply(Step& step, const ResubmitContent& content) {
    const HazardGrade grade = step.row.reporter_grade;
    MCH_CHECK(ApplyReport(step.services, step.tx, step.principal, content.fields, step.row));
    MCH_CHECK(AddPhotos(step.services, step.tx, step.row, step.event.id, content.fields.photo_ids,
                        "report", step.by));
    if (step.row.reporter_grade != grade) {
        step.changes.push_back({"reporter_grade", std::string(Code(grade)),
                                std::string(Code(step.row.reporter_grade))});
    }
    step.event.note = content.note;
    return {};
}

mch::Result<void> Apply(Step& step, const ReviewContent& content) {
    CaseRow& row = step.row;
    MCH_CHECK(AllWell(CheckReview(content, row.reporter_grade)));
    MCH_CHECK(InsertReview(step.tx, NewId(step), row, content, content.opinion, step.by));
    const std::string date = mch::FormatDate(step.by.at, step.services.runtime.zone_minutes());
    const std::string archive_no = MakeNumber("DA", date, mch::crypto::RandomBytes(6));
    MCH_CHECK(InsertArchive(step.tx, NewId(step), row.id, archive_no, step.by));
    row.hazard_grade = content.hazard_grade;
    row.risk_grade = content.risk_grade;
    step.changes.push_back({"hazard_grade", "", std::string(Code(content.hazard_grade))});
    step.changes.push_back({"risk_grade", "", std::string(Code(content.risk_grade))});
    step.changes.push_back({"clause", "", content.clause});
    step.changes.push_back({"archive_no", "", archive_no});
    step.event.note = content.opinion;
    return {};
}

mch::Result<void> Apply(Step& step, const PlanContent& content) {
    CaseRow& row = step.row;
    const std::int64_t today = Today(step);
    // The longest term is a row like the other terms, counted in civil days.
    MCH_TRY(Term longest, FindTerm(step.tx, "rectify", row.EffectiveGrade(), row.urgent));
    MCH_CHECK(AllWell(CheckPlan(content, row.EffectiveGrade(), today, longest.amount)));
    PlanContent sealed = content;
    MCH_TRY(sealed.responsible_person,
            step.services.personal_data->Seal(kResponsibleColumn, content.responsible_person));
    MCH_CHECK(InsertPlan(step.tx, NewId(step), row.id, sealed, step.by));
    row.plan_author_id = step.by.by;
    row.rectify_from_day = today;
    row.rectify_due_day = content.due_day;
    step.changes.push_back({"due_on", "", DayText(content.due_day)});
    return {};
}

mch::Result<void> Apply(Step& step, const DoneContent& content) {
    CaseRow& row = step.row;
    if (!content.self_check) {
        return mch::InvalidField("self_check", "hazard.rectification.self_check_required");
    }
    MCH_CHECK(InsertRectification(
        step.tx, NewId(step), row.id,
        {row.round, content.measures_done, content.cost_fen, content.self_check, step.by}));
    MCH_CHECK(
        AddPhotos(step.services, step.tx, row, step.event.id, content.photo_ids, "after", step.by));
    row.rectifier_id = step.by.by;
    step.event.note = content.measures_done;
    return {};
}

mch::Result<void> Apply(Step& step, const FailContent& content) {
    CaseRow& row = step.row;
    const std::int64_t today = Today(step);
    MCH_CHECK(
        AllWell(CheckFail(content.due_day, row.rectify_from_day, row.rectify_due_day, today)));
    MCH_CHECK(InsertVerification(
        step.tx, NewId(step), row.id,
        {row.round, "fail", "", content.reason, DayText(content.due_day), step.by}));
    step.changes.push_back({"due_on", DayText(row.rectify_due_day), DayText(content.due_day)});
    row.verifier_id = step.by.by;
    row.rectify_from_day = today;
    row.rectify_due_day = content.due_day;
    ++row.round;
    step.event.note = content.reason;
    return {};
}

mch::Result<void> Apply(Step& step, const PassContent& content) {
    CaseRow& row = step.row;
    MCH_CHECK(
        InsertVerification(step.tx, NewId(step), row.id,
                           {row.round, "pass", content.method, content.opinion, "", step.by}));
    MCH_CHECK(
        AddPhotos(step.services, step.tx, row, step.event.id, content.photo_ids, "other", step.by));
    row.verifier_id = step.by.by;
    step.event.note = content.opinion;
    return {};
}

mch::Result<void> Apply(Step& step, const WriteOffContent& content) {
    MCH_CHECK(InsertWriteOff(step.tx, NewId(step), step.row.id,
                             {content.residual_risk_grade, content.opinion, step.by}));
    step.changes.push_back(
        {"residual_risk_grade", "", std::string(Code(content.residual_risk_grade))});
    step.event.note = content.opinion;
    return {};
}

}  // namespace

mch::Result<void> ApplyContent(Step& step, const TransitionInput& input) {
    return std::visit([&](const auto& content) { return Apply(step, content); }, input.content);
}

}  // namespace anlan::hazard
