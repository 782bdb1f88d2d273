#include "modules/hazard/app/transition.h"

#include <set>

#include "modules/hazard/app/test_world.h"

namespace anlan::hazard {
namespace {

class TransitionTest : public WorldTest {
  protected:
    // "kind code" of a refusal, "" when the move was made.
    std::string Refusal(const std::string& account, const CaseDetail& seen, Move move) {
        const auto answer = Make(account, seen, move);
        return answer ? "" : answer.error().code();
    }
    std::vector<std::string> Fields(const mch::Result<CaseDetail>& answer) {
        std::vector<std::string> fields;
        if (answer) return {"accepted"};
        for (const auto& error : answer.error().fields()) {
            fields.push_back(error.field + " " + error.code);
        }
        return fields;
    }
    void Pass(std::int64_t hours) { app_.runtime.manual_clock().Advance(hours * 3600 * 1000); }
};
INSTANTIATE_TEST_SUITE_P(, TransitionTest, testing::Values("sqlite", "mysql"),
                         [](const auto& tested) { return std::string(tested.param); });

using Texts = std::vector<std::string>;

TEST_P(TransitionTest, FivePeopleDriveACaseToItsEnd) {
    CaseDetail c = CaseAfter({});
    Pass(2);
    auto next = Make("wang", c, Move::kAccept);
    ASSERT_TRUE(next) << next.error().ToString();
    EXPECT_EQ(next->row.state, State::kReviewing);
    EXPECT_EQ(next->row.due_at, EndOfDay(Day(3), 480));  // Tuesday + 3 working days
    ASSERT_EQ(next->parts.duties.size(), 4U);
    EXPECT_EQ(next->parts.duties[0].org_id, kEnterprise);
    EXPECT_EQ(next->parts.duties[0].person_id, UserId("chen"));
    EXPECT_EQ(next->parts.duties[1].org_id, kStreetOffice);
    EXPECT_EQ(next->parts.duties[2].org_id, kRegulator);
    EXPECT_EQ(next->parts.duties[3].org_id, kBureau);

    next = Make("li", *next, Move::kConfirm);
    ASSERT_TRUE(next) << next.error().ToString();
    EXPECT_EQ(next->row.state, State::kArchived);
    EXPECT_EQ(next->row.hazard_grade, HazardGrade::kOrdinary);
    EXPECT_EQ(next->row.risk_grade, RiskGrade::kGeneral);
    EXPECT_TRUE(next->parts.archive_no.starts_with("DA20261124-"));
    EXPECT_EQ(outbox_->messages.back().recipients, std::vector<mch::Id>{UserId("chen")});

    next = Make("chen", *next, Move::kPlan);
    ASSERT_TRUE(next) << next.error().ToString();
    EXPECT_EQ(next->row.state, State::kRectifying);
    EXPECT_EQ(next->row.due_at, EndOfDay(Day(10), 480));
    EXPECT_EQ(next->responsible_person, "陈安全员");
    EXPECT_EQ(next->parts.plan->content.measures.size(), 1U);

    next = Make("chen", *next, Move::kReportDone);
    ASSERT_TRUE(next) << next.error().ToString();
    EXPECT_EQ(next->row.state, State::kAwaitingVerification);
    EXPECT_EQ(next->parts.rectification->cost_fen, 12050);
    EXPECT_EQ(next->latest_due_on, Date(5));

    next = Make("zhao", *next, Move::kFail);
    ASSERT_TRUE(next) << next.error().ToString();
    EXPECT_EQ(next->row.state, State::kRectifying);
    EXPECT_EQ(next->row.round, 2);
    EXPECT_EQ(next->row.due_at, EndOfDay(Day(2), 480));
    EXPECT_EQ(next->parts.verification->result, "fail");

    Pass(24 * 3);
    next = Make("chen", *next, Move::kReportDone);
    ASSERT_TRUE(next) << next.error().ToString();
    EXPECT_EQ(next->parts.rectification->round, 2);
    next = Make("zhao", *next, Move::kPass);
    ASSERT_TRUE(next) << next.error().ToString();
    EXPECT_EQ(next->row.state, State::kAwaitingWriteOff);
    next = Make("li", *next, Move::kWriteOff);
    ASSERT_TRUE(next) << next.error().ToString();
    EXPECT_EQ(next->row.state, State::kWrittenOff);
    EXPECT_EQ(next->row.due_at, kNoDue);
    EXPECT_EQ(next->row.version, 9);
    EXPECT_TRUE(next->moves.empty());
    EXPECT_EQ(next->parts.write_off->residual_risk_grade, RiskGrade::kLow);
    EXPECT_EQ(outbox_->messages.back().recipients, std::vector<mch::Id>{UserId("wang")});

    const auto timeline = ShowTimeline(*services_, As("wang"), c.row.id);
    ASSERT_TRUE(timeline) << timeline.error().ToString();
    Texts moves;
    for (const Event& event : timeline->events) moves.push_back(event.move);
    EXPECT_EQ(moves, (Texts{"report", "accept", "confirm", "plan", "report_done", "fail",
                            "report_done", "pass", "write_off"}));
    EXPECT_EQ(timeline->events[1].duration_ms, 2 * 3600 * 1000);
    EXPECT_EQ(timeline->events[1].duty_kind, "territorial");
    EXPECT_EQ(timeline->events[2].duty_kind, "sectoral");
    EXPECT_EQ(timeline->events[3].duty_kind, "principal");
    EXPECT_FALSE(timeline->events[4].late);
    EXPECT_TRUE(timeline->events[6].late);  // due on day 2, reported on day 3
    EXPECT_EQ(timeline->photos.at(timeline->events[4].id).size(), 1U);
    // Each change has its audit record, and its hint after COMMIT.
    EXPECT_EQ(audit_->records.size(), 9U);
    EXPECT_EQ(outbox_->hints.size(), 9U);
    EXPECT_EQ(outbox_->hints.back(), std::pair(c.row.id, std::int64_t{9}));
    std::set<std::string> events;
    for (const auto& message : outbox_->messages) {
        events.insert(message.event);
        EXPECT_TRUE(app_.messages.Has("zh-CN", message.title_code)) << message.title_code;
        EXPECT_TRUE(app_.messages.Has("en", message.title_code)) << message.title_code;
    }
    EXPECT_EQ(events.size(), outbox_->messages.size());
}

TEST_P(TransitionTest, AReturnedCaseComesBackCorrected) {
    CaseDetail c = CaseAfter({Move::kReturn});
    EXPECT_EQ(c.row.state, State::kReturned);
    EXPECT_EQ(outbox_->messages.back().event.substr(0, 14), "hazard.return:");
    ResubmitContent content;
    content.fields.name = "3 号桩枪线破损";
    content.fields.reporter_grade = HazardGrade::kMajor;
    content.fields.photo_ids = {Upload("wang")};
    content.note = "补充照片";
    const auto fixed = Make("wang", c, Move::kResubmit, content);
    ASSERT_TRUE(fixed) << fixed.error().ToString();
    EXPECT_EQ(fixed->row.state, State::kReported);
    EXPECT_EQ(fixed->row.name, "3 号桩枪线破损");
    EXPECT_EQ(fixed->row.nature, c.row.nature);
    EXPECT_EQ(fixed->row.region_id, c.row.region_id);
    EXPECT_EQ(fixed->row.cover_photo_id, c.row.cover_photo_id);
    EXPECT_EQ(fixed->parts.photos.size(), 2U);
    EXPECT_EQ(Refusal("li", c, Move::kResubmit), "request.version_changed");
}

TEST_P(TransitionTest, OnlyTheReporterResubmits) {
    const CaseDetail c = CaseAfter({Move::kReturn});
    EXPECT_EQ(Refusal("li", c, Move::kResubmit), "hazard.move.reporter_only");
}

TEST_P(TransitionTest, ARejectedCaseEnds) {
    const CaseDetail c = CaseAfter({Move::kAccept, Move::kReject});
    EXPECT_EQ(c.row.state, State::kRejected);
    EXPECT_EQ(c.row.due_at, kNoDue);
    EXPECT_FALSE(c.row.hazard_grade.has_value());
    EXPECT_TRUE(c.moves.empty());
    EXPECT_EQ(CountRows("hazard_review"), 1);
}

TEST_P(TransitionTest, DutiesAreSeparated) {
    // li reports and reviews.
    auto own = Report("li");
    ASSERT_TRUE(own) << own.error().ToString();
    own = Make("wang", *own, Move::kAccept);
    ASSERT_TRUE(own) << own.error().ToString();
    EXPECT_EQ(Refusal("li", *own, Move::kConfirm), "hazard.move.separation_reporter");
    EXPECT_EQ(Refusal("li", *own, Move::kReject), "hazard.move.separation_reporter");
    EXPECT_EQ(Refusal("zhao", *own, Move::kConfirm), "");
    // zhao verifies and writes off.
    const CaseDetail passed =
        CaseAfter({Move::kAccept, Move::kConfirm, Move::kPlan, Move::kReportDone, Move::kPass});
    EXPECT_EQ(Refusal("zhao", passed, Move::kWriteOff), "hazard.move.separation_verifier");
    EXPECT_EQ(Refusal("chen", passed, Move::kWriteOff), "hazard.move.no_permission");
    // Somebody who may do everything still cannot verify what he planned or rectified.
    directory_->people.at("chen").permissions = directory_->people.at("sun").permissions;
    directory_->people.at("chen").permissions.push_back("hazard:case:plan");
    directory_->people.at("chen").permissions.push_back("hazard:case:rectify");
    const CaseDetail done =
        CaseAfter({Move::kAccept, Move::kConfirm, Move::kPlan, Move::kReportDone});
    EXPECT_EQ(Refusal("chen", done, Move::kPass), "hazard.move.separation_rectifier");
    EXPECT_EQ(Refusal("chen", done, Move::kFail), "hazard.move.separation_rectifier");
    EXPECT_EQ(Refusal("zhao", done, Move::kPass), "");
}

TEST_P(TransitionTest, AMajorHazardTakesTheLongWay) {
    CaseDetail c = CaseAfter({Move::kAccept});
    ReviewContent review = std::get<ReviewContent>(GoodContent(Move::kConfirm, "li"));
    review.risk_grade = RiskGrade::kMajor;
    auto ordinary_in_red = Make("li", c, Move::kConfirm, review);
    ASSERT_TRUE(ordinary_in_red) << ordinary_in_red.error().ToString();
    EXPECT_EQ(ordinary_in_red->row.hazard_grade, HazardGrade::kOrdinary);

    c = CaseAfter({Move::kAccept});
    review.hazard_grade = HazardGrade::kMajor;
    EXPECT_EQ(Fields(Make("li", c, Move::kConfirm, review)),
              (Texts{"grade.clause hazard.review.clause_required",
                     "grade.comment hazard.review.major_comment_required"}));
    EXPECT_EQ(CountRows("hazard_review"), 1);
    review.clause = "GB 35181-2025 5.1";
    review.grade_comment = "符合条款";
    auto next = Make("li", c, Move::kConfirm, review);
    ASSERT_TRUE(next) << next.error().ToString();
    EXPECT_EQ(next->row.due_at, EndOfDay(Day(7), 480));  // five working days

    PlanContent plan = std::get<PlanContent>(GoodContent(Move::kPlan, "chen"));
    EXPECT_EQ(Fields(Make("chen", *next, Move::kPlan, plan)).size(), 4U);
    plan.funds_fen = 100000;
    plan.funds_source = "自筹";
    plan.contingency = "停用并围挡";
    plan.interim_controls = "断电";
    next = Make("chen", *next, Move::kPlan, plan);
    ASSERT_TRUE(next) << next.error().ToString();
    next = Make("chen", *next, Move::kReportDone);
    ASSERT_TRUE(next) << next.error().ToString();
    EXPECT_EQ(next->row.due_at, EndOfDay(Day(10), 480));
    next = Make("zhao", *next, Move::kPass);
    ASSERT_TRUE(next) << next.error().ToString();
    // Only the general supervision is told, and only it may write off.
    EXPECT_EQ(outbox_->messages.back().recipients, std::vector<mch::Id>{UserId("sun")});
    EXPECT_EQ(Refusal("li", *next, Move::kWriteOff), "hazard.move.supervisor_only");
    EXPECT_EQ(Refusal("sun", *next, Move::kWriteOff), "");
}

TEST_P(TransitionTest, AMajorReportIsReviewedWithinADay) {
    ReportFields fields = GoodReport("wang");
    fields.reporter_grade = HazardGrade::kMajor;
    auto c = ReportHazard(*services_, As("wang"), mch::RandomUuid(), fields);
    ASSERT_TRUE(c) << c.error().ToString();
    const auto next = Make("wang", c->detail, Move::kAccept);
    ASSERT_TRUE(next) << next.error().ToString();
    EXPECT_EQ(next->row.due_at, app_.runtime.clock().Now() + 24LL * 3600 * 1000);
    // Lowering it needs a reason.
    EXPECT_EQ(Fields(Make("li", *next, Move::kConfirm)),
              Texts{"grade.comment hazard.review.lowering_reason_required"});
}

TEST_P(TransitionTest, AnIllegalMoveNamesTheLegalOnes) {
    const CaseDetail c = CaseAfter({});
    const auto answer = Make("zhao", c, Move::kPass);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind(), mch::ErrorKind::kConflict);
    EXPECT_EQ(answer.error().code(), "hazard.move.illegal");
    const auto extra = mch::json::Parse(answer.error().extra_json());
    ASSERT_TRUE(extra);
    EXPECT_EQ(extra->String("state"), "reported");
    const auto& moves = extra->Find("moves")->AsArray();
    ASSERT_EQ(moves.size(), 2U);
    EXPECT_EQ(moves[0].String("move"), "accept");
    EXPECT_EQ(moves[0].String("name"), app_.messages.Text("zh-CN", "hazard.move_name.accept"));
    EXPECT_TRUE(moves[0].Bool("allowed"));
    // Somebody without the permission hears why.
    const auto other = Make("chen", c, Move::kPlan);
    const auto told = mch::json::Parse(other.error().extra_json());
    EXPECT_FALSE(told->Find("moves")->AsArray()[0].Bool("allowed"));
    EXPECT_EQ(told->Find("moves")->AsArray()[0].String("reason_code"), "hazard.move.no_permission");
    EXPECT_FALSE(told->Find("moves")->AsArray()[0].String("reason").empty());
}

TEST_P(TransitionTest, TheSlowerOfTwoIsTold) {
    const CaseDetail c = CaseAfter({});
    ASSERT_TRUE(Make("wang", c, Move::kAccept));
    const auto late = Make("li", c, Move::kReturn);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().kind(), mch::ErrorKind::kPrecondition);
    EXPECT_EQ(late.error().code(), "request.version_changed");
    EXPECT_EQ(late.error().extra_json(), "{\"current_version\":2}");
    EXPECT_EQ(CountRows("hazard_event"), 2);
}

TEST_P(TransitionTest, MissingDutyHoldersAreNamedAndMayBeGiven) {
    ReportFields fields = GoodReport("wang");
    fields.asset_id = 502;  // nobody's asset
    fields.sector = "elevator";
    auto c = ReportHazard(*services_, As("wang"), mch::RandomUuid(), fields);
    ASSERT_TRUE(c) << c.error().ToString();
    auto answer = Make("wang", c->detail, Move::kAccept);
    EXPECT_EQ(Fields(answer), Texts{"duties hazard.duties.missing"});
    EXPECT_EQ(
        answer.error().fields()[0].params,
        (mch::ErrorParams{{"kinds", "@hazard.duty_name.principal,@hazard.duty_name.sectoral"}}));
    AcceptContent content;
    content.duties = {{DutyKind::kPrincipal, 999, 0}};
    EXPECT_EQ(Fields(Make("wang", c->detail, Move::kAccept, content)),
              Texts{"duties[0].org_id hazard.duties.org_unknown"});
    content.duties = {{DutyKind::kPrincipal, kEnterprise, UserId("qian")}};
    EXPECT_EQ(Fields(Make("wang", c->detail, Move::kAccept, content)),
              Texts{"duties[0].person_id hazard.duties.person_unknown"});
    content.duties = {{DutyKind::kPrincipal, kEnterprise, UserId("chen")},
                      {DutyKind::kPrincipal, kOtherEnterprise, 0}};
    EXPECT_EQ(Fields(Make("wang", c->detail, Move::kAccept, content)),
              Texts{"duties[1].kind hazard.duties.twice"});
    EXPECT_EQ(CountRows("hazard_duty"), 0);
    content.duties = {{DutyKind::kPrincipal, kEnterprise, UserId("chen")},
                      {DutyKind::kSectoral, kRegulator, 0}};
    answer = Make("wang", c->detail, Move::kAccept, content);
    ASSERT_TRUE(answer) << answer.error().ToString();
    EXPECT_EQ(answer->row.org_id, kEnterprise);
    EXPECT_EQ(answer->row.principal_org_id, kEnterprise);
    EXPECT_EQ(answer->parts.duties[2].basis, "given");
    EXPECT_EQ(answer->parts.duties[1].basis, "region");
}

TEST_P(TransitionTest, WrongContentWritesNothing) {
    CaseDetail c = CaseAfter({Move::kAccept, Move::kConfirm});
    PlanContent plan = std::get<PlanContent>(GoodContent(Move::kPlan, "chen"));
    plan.due_day = Day(-1);
    EXPECT_EQ(Fields(Make("chen", c, Move::kPlan, plan)),
              (Texts{"due_on hazard.date.outside", "measures[0].due_on hazard.date.outside"}));
    EXPECT_EQ(CountRows("hazard_plan"), 0);
    EXPECT_EQ(CountRows("hazard_measure"), 0);
    auto planned = Make("chen", c, Move::kPlan);
    ASSERT_TRUE(planned) << planned.error().ToString();
    DoneContent done{"已完成", std::nullopt, false, {Upload("chen")}};
    EXPECT_EQ(Fields(Make("chen", *planned, Move::kReportDone, done)),
              Texts{"self_check hazard.rectification.self_check_required"});
    done.self_check = true;
    done.photo_ids = {Upload("wang")};
    EXPECT_EQ(Fields(Make("chen", *planned, Move::kReportDone, done)),
              Texts{"photo_ids file.not_attachable"});
    EXPECT_EQ(CountRows("hazard_rectification"), 0);
    auto reported = Make("chen", *planned, Move::kReportDone);
    ASSERT_TRUE(reported) << reported.error().ToString();
    EXPECT_EQ(Fields(Make("zhao", *reported, Move::kFail, FailContent{"没有整改到位", Day(6)})),
              Texts{"due_on hazard.date.outside"});
    const auto unchanged = ShowCase(*services_, As("zhao"), c.row.id);
    EXPECT_EQ(unchanged->row.version, reported->row.version);
}

TEST_P(TransitionTest, WhoDoesNotSeeTheCaseDoesNotFindIt) {
    const CaseDetail c = CaseAfter({Move::kAccept});
    for (const char* account : {"fang", "qian"}) {
        EXPECT_EQ(Refusal(account, c, Move::kConfirm), "hazard.not_found") << account;
        const auto shown = ShowCase(*services_, As(account), c.row.id);
        EXPECT_EQ(shown.error().code(), "hazard.not_found");
        EXPECT_EQ(shown.error().kind(), mch::ErrorKind::kNotFound);
        EXPECT_FALSE(ShowTimeline(*services_, As(account), c.row.id));
        EXPECT_FALSE(ShowComments(*services_, As(account), c.row.id));
        EXPECT_FALSE(AddComment(*services_, As(account), c.row.id, "看看"));
        const auto guard = files_->guards.at("hazard");
        const auto context = As(account);
        EXPECT_FALSE(app_.runtime.database().Read(Soon(), [&](mch::db::Reader& reader) {
            return guard(reader, context.principal, c.row.id);
        }));
    }
    EXPECT_EQ(CountRows("hazard_comment"), 0);
    // A duty makes it visible: the other enterprise is named principal of another case.
    auto other = Report("wang");
    ASSERT_TRUE(other) << other.error().ToString();
    EXPECT_FALSE(ShowCase(*services_, As("qian"), other->row.id));
    AcceptContent content;
    content.duties = {{DutyKind::kPrincipal, kOtherEnterprise, 0}};
    ASSERT_TRUE(Make("wang", *other, Move::kAccept, content));
    EXPECT_TRUE(ShowCase(*services_, As("qian"), other->row.id));
    EXPECT_EQ(Refusal("chen", *other, Move::kPlan), "hazard.not_found");
}

TEST_P(TransitionTest, CommentsJoinTheTimeLine) {
    const CaseDetail c = CaseAfter({Move::kAccept});
    const auto said = AddComment(*services_, As("chen"), c.row.id, "周五前完成");
    ASSERT_TRUE(said) << said.error().ToString();
    EXPECT_EQ(said->comments.size(), 1U);
    const auto list = ShowComments(*services_, As("wang"), c.row.id);
    ASSERT_EQ(list->comments.size(), 1U);
    EXPECT_EQ(list->comments[0].text, "周五前完成");
    const auto timeline = ShowTimeline(*services_, As("wang"), c.row.id);
    ASSERT_EQ(timeline->events.size(), 3U);
    EXPECT_EQ(timeline->events[2].kind, "comment");
    EXPECT_EQ(timeline->events[2].note, "周五前完成");
    EXPECT_EQ(audit_->records.back().second.action, "hazard.comment");
    const auto told = outbox_->messages.back();
    EXPECT_EQ(std::count(told.recipients.begin(), told.recipients.end(), UserId("chen")), 0);
    EXPECT_GE(std::count(told.recipients.begin(), told.recipients.end(), UserId("wang")), 1);
    // A comment changes no version: somebody else's form stays valid.
    EXPECT_EQ(ShowCase(*services_, As("wang"), c.row.id)->row.version, c.row.version);
}

}  // namespace
}  // namespace anlan::hazard
