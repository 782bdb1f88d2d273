#include "modules/hazard/domain/rules.h"

#include <algorithm>

#include "mch/base/clock.h"

namespace anlan::hazard {
namespace {

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;

// A date that must lie in [first, last]; both ends are named in the answer.
void CheckDay(FieldErrors& errors, const std::string& field, std::int64_t day, std::int64_t first,
              std::int64_t last) {
    if (day >= first && day <= last) return;
    errors.push_back(
        {field, "hazard.date.outside", {{"min", DayText(first)}, {"max", DayText(last)}}});
}

void Require(FieldErrors& errors, bool given, const std::string& field, const std::string& code) {
    if (!given) errors.push_back({field, code, {}});
}

}  // namespace

FieldErrors CheckReview(const ReviewContent& review, HazardGrade reporter_grade) {
    FieldErrors errors;
    Require(errors, review.basic_information_ok || !review.basic_information_comment.empty(),
            "basic_information.comment", "hazard.review.comment_required");
    Require(errors, review.accuracy_ok || !review.accuracy_comment.empty(), "accuracy.comment",
            "hazard.review.comment_required");
    if (review.new_risk_found) {
        Require(errors, !review.new_risk_items.empty(), "new_risk.items",
                "hazard.review.risk_items_required");
    } else {
        Require(errors, review.new_risk_items.empty(), "new_risk.items",
                "hazard.review.risk_items_unexpected");
    }
    if (review.hazard_grade == HazardGrade::kMajor) {
        Require(errors, !review.clause.empty(), "grade.clause", "hazard.review.clause_required");
        Require(errors, !review.grade_comment.empty(), "grade.comment",
                "hazard.review.major_comment_required");
    } else if (reporter_grade == HazardGrade::kMajor) {
        Require(errors, !review.grade_comment.empty(), "grade.comment",
                "hazard.review.lowering_reason_required");
    }
    return errors;
}

FieldErrors CheckPlan(const PlanContent& plan, HazardGrade grade, std::int64_t today,
                      std::int64_t longest_days) {
    FieldErrors errors;
    CheckDay(errors, "due_on", plan.due_day, today, today + longest_days);
    const std::int64_t last = std::max(today, plan.due_day);
    for (std::size_t i = 0; i < plan.measures.size(); ++i) {
        CheckDay(errors, "measures[" + std::to_string(i) + "].due_on", plan.measures[i].due_day,
                 today, last);
    }
    if (grade == HazardGrade::kMajor) {
        const std::string code = "hazard.plan.major_requires";
        Require(errors, plan.funds_fen.has_value(), "funds_amount", code);
        Require(errors, !plan.funds_source.empty(), "funds_source", code);
        Require(errors, !plan.contingency.empty(), "contingency", code);
        Require(errors, !plan.interim_controls.empty(), "interim_controls", code);
    }
    return errors;
}

std::int64_t LatestDayAfterFail(std::int64_t former_from_day, std::int64_t former_due_day,
                                std::int64_t today) {
    return today + std::max<std::int64_t>(1, (former_due_day - former_from_day) / 2);
}

FieldErrors CheckFail(std::int64_t due_day, std::int64_t former_from_day,
                      std::int64_t former_due_day, std::int64_t today) {
    FieldErrors errors;
    CheckDay(errors, "due_on", due_day, today,
             LatestDayAfterFail(former_from_day, former_due_day, today));
    return errors;
}

std::vector<DutyKind> MissingDuties(const std::vector<DutyKind>& resolved) {
    std::vector<DutyKind> missing;
    for (DutyKind kind : AllDutyKinds()) {
        if (std::find(resolved.begin(), resolved.end(), kind) == resolved.end()) {
            missing.push_back(kind);
        }
    }
    return missing;
}

std::string DayText(std::int64_t day) { return mch::FormatDate(day * kDayMs, 0); }

}  // namespace anlan::hazard
