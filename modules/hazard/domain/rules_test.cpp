#include "modules/hazard/domain/rules.h"

#include <gtest/gtest.h>

#include "mch/base/clock.h"

namespace anlan::hazard {
namespace {

std::vector<std::string> Located(const FieldErrors& errors) {
    std::vector<std::string> out;
    for (const auto& error : errors) out.push_back(error.field + " " + error.code);
    return out;
}
using Texts = std::vector<std::string>;

ReviewContent GoodReview() {
    ReviewContent review;
    review.basic_information_ok = true;
    review.accuracy_ok = true;
    review.influence_degree = "medium";
    return review;
}

TEST(Review, ScalesStayApart) {
    // Red risk does not make a hazard major, and a major hazard may be blue.
    ReviewContent review = GoodReview();
    review.risk_grade = RiskGrade::kMajor;
    review.hazard_grade = HazardGrade::kOrdinary;
    review.influence_degree = "high";
    EXPECT_EQ(Located(CheckReview(review, HazardGrade::kOrdinary)), Texts{});
    review.risk_grade = RiskGrade::kLow;
    review.hazard_grade = HazardGrade::kMajor;
    review.clause = "GB 35181-2025 5.1";
    review.grade_comment = "出口上锁";
    EXPECT_EQ(Located(CheckReview(review, HazardGrade::kOrdinary)), Texts{});
}

TEST(Review, MajorNeedsClauseAndComment) {
    ReviewContent review = GoodReview();
    review.hazard_grade = HazardGrade::kMajor;
    for (HazardGrade reported : {HazardGrade::kOrdinary, HazardGrade::kMajor}) {
        EXPECT_EQ(Located(CheckReview(review, reported)),
                  (Texts{"grade.clause hazard.review.clause_required",
                         "grade.comment hazard.review.major_comment_required"}));
    }
    // However high the score: only the clause counts.
    review.risk_grade = RiskGrade::kMajor;
    review.influence_degree = "high";
    EXPECT_EQ(CheckReview(review, HazardGrade::kMajor).size(), 2U);
}

TEST(Review, LoweringNeedsAReason) {
    ReviewContent review = GoodReview();
    EXPECT_EQ(Located(CheckReview(review, HazardGrade::kMajor)),
              Texts{"grade.comment hazard.review.lowering_reason_required"});
    review.grade_comment = "未触及判定条款";
    EXPECT_EQ(Located(CheckReview(review, HazardGrade::kMajor)), Texts{});
}

TEST(Review, NoNeedsAComment) {
    ReviewContent review = GoodReview();
    review.basic_information_ok = false;
    review.accuracy_ok = false;
    EXPECT_EQ(Located(CheckReview(review, HazardGrade::kOrdinary)),
              (Texts{"basic_information.comment hazard.review.comment_required",
                     "accuracy.comment hazard.review.comment_required"}));
    review.basic_information_comment = "地址已更正";
    review.accuracy_comment = "楼层有误";
    EXPECT_EQ(Located(CheckReview(review, HazardGrade::kOrdinary)), Texts{});
}

TEST(Review, NewRiskItemsFollowTheAnswer) {
    ReviewContent review = GoodReview();
    review.new_risk_found = true;
    EXPECT_EQ(Located(CheckReview(review, HazardGrade::kOrdinary)),
              Texts{"new_risk.items hazard.review.risk_items_required"});
    review.new_risk_items = {"电缆过热"};
    EXPECT_EQ(Located(CheckReview(review, HazardGrade::kOrdinary)), Texts{});
    review.new_risk_found = false;
    EXPECT_EQ(Located(CheckReview(review, HazardGrade::kOrdinary)),
              Texts{"new_risk.items hazard.review.risk_items_unexpected"});
}

PlanContent PlanUntil(std::int64_t due, std::vector<std::int64_t> measures) {
    PlanContent plan;
    plan.responsible_person = "陈安全员";
    plan.due_day = due;
    for (std::int64_t day : measures) plan.measures.push_back({"更换电缆", day});
    return plan;
}

TEST(Plan, DatesLieInTheirFrame) {
    const std::int64_t today = 20000;
    struct Case {
        std::int64_t due;
        std::vector<std::int64_t> measures;
        Texts errors;
    };
    const std::string outside = " hazard.date.outside";
    const Case cases[] = {
        {today, {today}, {}},
        {today + 180, {today, today + 180}, {}},
        {today - 1, {today}, {"due_on" + outside}},
        {today + 181, {today}, {"due_on" + outside}},
        {today + 5,
         {today - 1, today + 5, today + 6},
         {"measures[0].due_on" + outside, "measures[2].due_on" + outside}},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(
            Located(CheckPlan(PlanUntil(c.due, c.measures), HazardGrade::kOrdinary, today, 180)),
            c.errors);
    }
}

TEST(Plan, MajorNeedsAllFiveParts) {
    const std::int64_t today = 20000;
    PlanContent plan = PlanUntil(today + 1, {today});
    EXPECT_TRUE(CheckPlan(plan, HazardGrade::kOrdinary, today, 180).empty());
    EXPECT_EQ(
        Located(CheckPlan(plan, HazardGrade::kMajor, today, 180)),
        (Texts{"funds_amount hazard.plan.major_requires", "funds_source hazard.plan.major_requires",
               "contingency hazard.plan.major_requires",
               "interim_controls hazard.plan.major_requires"}));
    plan.funds_fen = 0;
    plan.funds_source = "自筹";
    plan.contingency = "停用";
    plan.interim_controls = "围挡";
    EXPECT_TRUE(CheckPlan(plan, HazardGrade::kMajor, today, 180).empty());
}

TEST(Fail, NewTermIsAtMostHalfOfTheFormer) {
    struct Case {
        std::int64_t from, due, today, latest;
    };
    const Case cases[] = {
        {100, 110, 108, 113}, {100, 111, 108, 113}, {100, 101, 101, 102},
        {100, 100, 104, 105}, {100, 130, 140, 155},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(LatestDayAfterFail(c.from, c.due, c.today), c.latest);
        EXPECT_TRUE(CheckFail(c.latest, c.from, c.due, c.today).empty());
        EXPECT_TRUE(CheckFail(c.today, c.from, c.due, c.today).empty());
        EXPECT_EQ(Located(CheckFail(c.latest + 1, c.from, c.due, c.today)),
                  Texts{"due_on hazard.date.outside"});
        EXPECT_EQ(Located(CheckFail(c.today - 1, c.from, c.due, c.today)),
                  Texts{"due_on hazard.date.outside"});
    }
    EXPECT_EQ(CheckFail(99, 100, 110, 100).front().params,
              (mch::ErrorParams{{"min", DayText(100)}, {"max", DayText(105)}}));
}

TEST(Duties, MissingKindsAreNamed) {
    EXPECT_EQ(MissingDuties({}).size(), 4U);
    EXPECT_EQ(MissingDuties({DutyKind::kGeneral, DutyKind::kPrincipal}),
              (std::vector<DutyKind>{DutyKind::kTerritorial, DutyKind::kSectoral}));
    EXPECT_TRUE(MissingDuties(AllDutyKinds()).empty());
}

TEST(Days, TextIsIso) { EXPECT_EQ(DayText(*mch::ParseDate("2026-02-28") + 1), "2026-03-01"); }

}  // namespace
}  // namespace anlan::hazard
