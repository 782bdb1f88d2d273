#include "modules/hazard/domain/moves.h"

#include <algorithm>

namespace anlan::hazard {
namespace {

bool Contains(const std::vector<std::string>& list, std::string_view code) {
    return std::find(list.begin(), list.end(), code) != list.end();
}

}  // namespace

const std::vector<MoveRule>& MoveRules() {
    // clang-format off
    static const std::vector<MoveRule> rules = {
        {Move::kAccept, State::kReported, State::kReviewing, "hazard:case:accept",
         {}, {}, "review"},
        {Move::kReturn, State::kReported, State::kReturned, "hazard:case:accept",
         {}, {"reason"}, "resubmit"},
        {Move::kResubmit, State::kReturned, State::kReported, "hazard:case:report",
         {Guard::kIsReporter}, {}, "accept"},
        {Move::kConfirm, State::kReviewing, State::kArchived, "hazard:case:review",
         {Guard::kNotReporter},
         {"basic_information", "accuracy", "new_risk", "influence", "grade"}, "plan"},
        {Move::kReject, State::kReviewing, State::kRejected, "hazard:case:review",
         {Guard::kNotReporter}, {"reason"}, ""},
        {Move::kPlan, State::kArchived, State::kRectifying, "hazard:case:plan",
         {Guard::kOfPrincipal}, {"responsible_person", "measures", "due_on"}, ""},
        {Move::kReportDone, State::kRectifying, State::kAwaitingVerification, "hazard:case:rectify",
         {Guard::kOfPrincipal}, {"measures_done", "self_check", "photo_ids"}, "verify"},
        {Move::kPass, State::kAwaitingVerification, State::kAwaitingWriteOff, "hazard:case:verify",
         {Guard::kNotRectifier, Guard::kNotPlanAuthor}, {"method", "opinion"}, "write_off"},
        {Move::kFail, State::kAwaitingVerification, State::kRectifying, "hazard:case:verify",
         {Guard::kNotRectifier, Guard::kNotPlanAuthor}, {"reason", "due_on"}, ""},
        {Move::kWriteOff, State::kAwaitingWriteOff, State::kWrittenOff, "hazard:case:write_off",
         {Guard::kNotVerifier, Guard::kRegulatorForOrdinary}, {"residual_risk_grade", "opinion"}, ""},
    };
    // clang-format on
    return rules;
}

const MoveRule* FindRule(Move move, State from) {
    for (const MoveRule& rule : MoveRules()) {
        if (rule.move == move && rule.from == from) return &rule;
    }
    return nullptr;
}

std::optional<Move> MainMove(State state) {
    // The first row of a state is the one that carries it forward.
    for (const MoveRule& rule : MoveRules()) {
        if (rule.from == state) return rule.move;
    }
    return std::nullopt;
}

std::string_view BrokenGuard(Guard guard, const CaseFacts& facts, const ActorFacts& actor) {
    switch (guard) {
        case Guard::kIsReporter:
            return actor.user_id == facts.reporter_id ? "" : "hazard.move.reporter_only";
        case Guard::kNotReporter:
            return actor.user_id != facts.reporter_id ? "" : "hazard.move.separation_reporter";
        case Guard::kOfPrincipal:
            return actor.org_id != 0 && actor.org_id == facts.principal_org_id
                       ? ""
                       : "hazard.move.principal_only";
        case Guard::kNotPlanAuthor:
            return actor.user_id != facts.plan_author_id ? ""
                                                         : "hazard.move.separation_plan_author";
        case Guard::kNotRectifier:
            return actor.user_id != facts.rectifier_id ? "" : "hazard.move.separation_rectifier";
        case Guard::kNotVerifier:
            return actor.user_id != facts.verifier_id ? "" : "hazard.move.separation_verifier";
        case Guard::kRegulatorForOrdinary:
            // A case without a confirmed grade cannot be here; were it, the stricter rule holds.
            if (Contains(actor.roles, "supervisor")) return "";
            if (facts.hazard_grade != HazardGrade::kOrdinary) return "hazard.move.supervisor_only";
            return Contains(actor.roles, "regulator") ? "" : "hazard.move.regulator_only";
    }
    return kReasonNoPermission;
}

Verdict Judge(Move move, const CaseFacts& facts, const ActorFacts& actor) {
    const MoveRule* rule = FindRule(move, facts.state);
    if (rule == nullptr) return {move, false, kReasonWrongState};
    if (!Contains(actor.permissions, rule->permission)) return {move, false, kReasonNoPermission};
    for (Guard guard : rule->guards) {
        const std::string_view reason = BrokenGuard(guard, facts, actor);
        if (!reason.empty()) return {move, false, reason};
    }
    return {move, true, ""};
}

std::vector<Verdict> LegalMoves(const CaseFacts& facts, const ActorFacts& actor) {
    std::vector<Verdict> verdicts;
    for (const MoveRule& rule : MoveRules()) {
        if (rule.from == facts.state) verdicts.push_back(Judge(rule.move, facts, actor));
    }
    return verdicts;
}

}  // namespace anlan::hazard
