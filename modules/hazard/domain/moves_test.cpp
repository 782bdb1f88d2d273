#include "modules/hazard/domain/moves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace anlan::hazard {
namespace {

// The roles of the installation with what each may do to a case; written out here once more, so
// that the table under test is judged by something other than itself.
const std::map<std::string, std::vector<std::string>> kRoles = {
    {"street", {"hazard:case:report", "hazard:case:accept"}},
    {"regulator",
     {"hazard:case:report", "hazard:case:accept", "hazard:case:review", "hazard:case:verify",
      "hazard:case:write_off"}},
    {"enterprise", {"hazard:case:report", "hazard:case:plan", "hazard:case:rectify"}},
    {"supervisor",
     {"hazard:case:accept", "hazard:case:review", "hazard:case:verify", "hazard:case:write_off"}},
    {"expert", {"hazard:case:review"}},
    {"admin", {}},
    {"auditor", {}},
};

// Every (state, move, role) in which somebody who took no part in an ordinary case may move it.
const std::set<std::tuple<std::string, std::string, std::string>> kLegal = {
    {"reported", "accept", "street"},
    {"reported", "accept", "regulator"},
    {"reported", "accept", "supervisor"},
    {"reported", "return", "street"},
    {"reported", "return", "regulator"},
    {"reported", "return", "supervisor"},
    {"reviewing", "confirm", "regulator"},
    {"reviewing", "confirm", "supervisor"},
    {"reviewing", "confirm", "expert"},
    {"reviewing", "reject", "regulator"},
    {"reviewing", "reject", "supervisor"},
    {"reviewing", "reject", "expert"},
    {"archived", "plan", "enterprise"},
    {"rectifying", "report_done", "enterprise"},
    {"awaiting_verification", "pass", "regulator"},
    {"awaiting_verification", "pass", "supervisor"},
    {"awaiting_verification", "fail", "regulator"},
    {"awaiting_verification", "fail", "supervisor"},
    {"awaiting_write_off", "write_off", "regulator"},
    {"awaiting_write_off", "write_off", "supervisor"},
};

const std::map<std::pair<std::string, std::string>, std::string> kTarget = {
    {{"reported", "accept"}, "reviewing"},
    {{"reported", "return"}, "returned"},
    {{"returned", "resubmit"}, "reported"},
    {{"reviewing", "confirm"}, "archived"},
    {{"reviewing", "reject"}, "rejected"},
    {{"archived", "plan"}, "rectifying"},
    {{"rectifying", "report_done"}, "awaiting_verification"},
    {{"awaiting_verification", "pass"}, "awaiting_write_off"},
    {{"awaiting_verification", "fail"}, "rectifying"},
    {{"awaiting_write_off", "write_off"}, "written_off"},
};

constexpr std::int64_t kReporter = 1, kPlanner = 2, kRectifier = 3, kVerifier = 4, kStranger = 9;
constexpr std::int64_t kPrincipalOrg = 70, kOtherOrg = 71;

CaseFacts OrdinaryCase(State state) {
    return {state,
            HazardGrade::kOrdinary,
            HazardGrade::kOrdinary,
            kReporter,
            kPrincipalOrg,
            kPlanner,
            kRectifier,
            kVerifier};
}

ActorFacts Actor(const std::string& role, std::int64_t user = kStranger) {
    return {user, role == "enterprise" ? kPrincipalOrg : kOtherOrg, {role}, kRoles.at(role)};
}

TEST(Moves, EveryStateMoveAndRole) {
    for (State state : AllStates()) {
        for (Move move : AllMoves()) {
            for (const auto& [role, permissions] : kRoles) {
                const std::string s(Code(state)), m(Code(move));
                SCOPED_TRACE(s + " " + m + " " + role);
                const Verdict verdict = Judge(move, OrdinaryCase(state), Actor(role));
                EXPECT_EQ(verdict.allowed, kLegal.count({s, m, role}) == 1);
                EXPECT_EQ(verdict.allowed, verdict.reason_code.empty());
                const MoveRule* rule = FindRule(move, state);
                EXPECT_EQ(rule != nullptr, kTarget.count({s, m}) == 1);
                if (rule == nullptr) {
                    EXPECT_EQ(verdict.reason_code, kReasonWrongState);
                } else {
                    EXPECT_EQ(Code(rule->to), kTarget.at({s, m}));
                    const bool has = std::count(permissions.begin(), permissions.end(),
                                                std::string(rule->permission)) > 0;
                    EXPECT_EQ(verdict.reason_code == kReasonNoPermission, !has);
                }
            }
        }
    }
}

TEST(Moves, OnlyTheReporterResubmits) {
    const CaseFacts facts = OrdinaryCase(State::kReturned);
    EXPECT_TRUE(Judge(Move::kResubmit, facts, Actor("street", kReporter)).allowed);
    EXPECT_EQ(Judge(Move::kResubmit, facts, Actor("street")).reason_code,
              "hazard.move.reporter_only");
}

struct Refusal {
    State state;
    Move move;
    std::string role;
    std::int64_t user;
    std::string_view reason;
};

TEST(Moves, DutiesAreSeparated) {
    const Refusal refusals[] = {
        {State::kReviewing, Move::kConfirm, "regulator", kReporter,
         "hazard.move.separation_reporter"},
        {State::kReviewing, Move::kReject, "regulator", kReporter,
         "hazard.move.separation_reporter"},
        {State::kAwaitingVerification, Move::kPass, "regulator", kRectifier,
         "hazard.move.separation_rectifier"},
        {State::kAwaitingVerification, Move::kPass, "regulator", kPlanner,
         "hazard.move.separation_plan_author"},
        {State::kAwaitingVerification, Move::kFail, "supervisor", kRectifier,
         "hazard.move.separation_rectifier"},
        {State::kAwaitingVerification, Move::kFail, "supervisor", kPlanner,
         "hazard.move.separation_plan_author"},
        {State::kAwaitingWriteOff, Move::kWriteOff, "regulator", kVerifier,
         "hazard.move.separation_verifier"},
        {State::kAwaitingWriteOff, Move::kWriteOff, "supervisor", kVerifier,
         "hazard.move.separation_verifier"},
    };
    for (const Refusal& r : refusals) {
        const Verdict verdict = Judge(r.move, OrdinaryCase(r.state), Actor(r.role, r.user));
        EXPECT_FALSE(verdict.allowed);
        EXPECT_EQ(verdict.reason_code, r.reason);
    }
}

TEST(Moves, MajorIsWrittenOffBySupervisorOnly) {
    CaseFacts facts = OrdinaryCase(State::kAwaitingWriteOff);
    for (const auto& grade : {std::optional(HazardGrade::kMajor), std::optional<HazardGrade>()}) {
        facts.hazard_grade = grade;
        EXPECT_EQ(Judge(Move::kWriteOff, facts, Actor("regulator")).reason_code,
                  "hazard.move.supervisor_only");
        EXPECT_TRUE(Judge(Move::kWriteOff, facts, Actor("supervisor")).allowed);
    }
    // The reporter's word does not make it major.
    facts.hazard_grade = HazardGrade::kOrdinary;
    facts.reporter_grade = HazardGrade::kMajor;
    EXPECT_TRUE(Judge(Move::kWriteOff, facts, Actor("regulator")).allowed);
    // The permission alone is not enough: a role without supervision writes nothing off.
    ActorFacts street = Actor("street");
    street.permissions.push_back("hazard:case:write_off");
    EXPECT_EQ(Judge(Move::kWriteOff, facts, street).reason_code, "hazard.move.regulator_only");
}

TEST(Moves, OnlyThePrincipalPlansAndRectifies) {
    for (auto [state, move] : {std::pair(State::kArchived, Move::kPlan),
                               std::pair(State::kRectifying, Move::kReportDone)}) {
        CaseFacts facts = OrdinaryCase(state);
        ActorFacts stranger = Actor("enterprise");
        stranger.org_id = kOtherOrg;
        EXPECT_EQ(Judge(move, facts, stranger).reason_code, "hazard.move.principal_only");
        // Nobody's case and nobody's organisation do not match.
        facts.principal_org_id = 0;
        stranger.org_id = 0;
        EXPECT_EQ(Judge(move, facts, stranger).reason_code, "hazard.move.principal_only");
    }
}

TEST(Moves, ListHoldsEachMoveOfTheStateOnce) {
    for (State state : AllStates()) {
        std::set<std::string> expected, listed;
        for (const auto& [key, to] : kTarget) {
            if (key.first == Code(state)) expected.insert(key.second);
        }
        const auto verdicts = LegalMoves(OrdinaryCase(state), Actor("regulator"));
        for (const Verdict& verdict : verdicts) listed.insert(std::string(Code(verdict.move)));
        EXPECT_EQ(listed, expected);
        EXPECT_EQ(verdicts.size(), expected.size());
    }
}

TEST(Moves, MainMoveCarriesTheCaseForward) {
    const std::map<std::string, std::string> expected = {{"reported", "accept"},
                                                         {"returned", "resubmit"},
                                                         {"reviewing", "confirm"},
                                                         {"archived", "plan"},
                                                         {"rectifying", "report_done"},
                                                         {"awaiting_verification", "pass"},
                                                         {"awaiting_write_off", "write_off"}};
    for (State state : AllStates()) {
        const auto main = MainMove(state);
        const auto it = expected.find(std::string(Code(state)));
        EXPECT_EQ(main.has_value(), it != expected.end()) << Code(state);
        if (main && it != expected.end()) {
            EXPECT_EQ(Code(*main), it->second);
        }
    }
}

TEST(Types, CodesAreReadBack) {
    for (State state : AllStates()) EXPECT_EQ(ParseState(Code(state)), state);
    for (Move move : AllMoves()) EXPECT_EQ(ParseMove(Code(move)), move);
    for (DutyKind kind : AllDutyKinds()) EXPECT_EQ(ParseDutyKind(Code(kind)), kind);
    EXPECT_EQ(ParseState("merged"), std::nullopt);
    EXPECT_EQ(ParseRiskGrade("ordinary"), std::nullopt);
    EXPECT_EQ(ParseHazardGrade("considerable"), std::nullopt);
    EXPECT_FALSE(IsOpen(State::kRejected));
    EXPECT_FALSE(IsOpen(State::kWrittenOff));
    EXPECT_TRUE(IsOpen(State::kReturned));
}

}  // namespace
}  // namespace anlan::hazard
