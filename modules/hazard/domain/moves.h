// The state machine of a hazard as one table (domain reference section 3), and who may make which
// move. Pure: facts in, verdicts out; no SQL, no clock.
//
// A further move is a further row, and a further rule about persons a further Guard. The list's
// "to do" filter is made from the same rows (store/todo.cpp), so it cannot drift from the checks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/hazard/domain/types.h"

namespace anlan::hazard {

// What the rules need to know of a case. Person and organisation ids are 0 while nobody has acted.
struct CaseFacts {
    State state = State::kReported;
    HazardGrade reporter_grade = HazardGrade::kOrdinary;
    std::optional<HazardGrade> hazard_grade;  // absent until a review confirmed it
    std::int64_t reporter_id = 0;
    std::int64_t principal_org_id = 0;
    std::int64_t plan_author_id = 0;
    std::int64_t rectifier_id = 0;
    std::int64_t verifier_id = 0;
};

struct ActorFacts {
    std::int64_t user_id = 0;
    std::int64_t org_id = 0;
    std::vector<std::string> roles;
    std::vector<std::string> permissions;
};

// Rules about the person who moves; each has one reason code.
enum class Guard {
    kIsReporter,            // hazard.move.reporter_only
    kNotReporter,           // hazard.move.separation_reporter
    kOfPrincipal,           // hazard.move.principal_only: works for the principal duty holder
    kNotPlanAuthor,         // hazard.move.separation_plan_author
    kNotRectifier,          // hazard.move.separation_rectifier
    kNotVerifier,           // hazard.move.separation_verifier
    kRegulatorForOrdinary,  // hazard.move.regulator_only, hazard.move.supervisor_only
};

struct MoveRule {
    Move move;
    State from;
    State to;
    std::string_view permission;
    std::vector<Guard> guards;
    // Fields of the request that this move cannot do without; named for the caller, checked by the
    // request's schema.
    std::vector<std::string_view> required_fields;
    // Which row of hazard_deadline gives the time for the step after this move; "" when the move
    // itself names a date, or nobody owes a step afterwards.
    std::string_view next_deadline;
};

// The table: every legal move, once for each state that it leaves.
const std::vector<MoveRule>& MoveRules();
// The row, or nullptr when that move does not leave that state.
const MoveRule* FindRule(Move move, State from);
// The step that carries the case forward from a state; nullopt at its ends.
std::optional<Move> MainMove(State state);

struct Verdict {
    Move move;
    bool allowed = false;
    std::string_view reason_code;  // why not; "" when allowed
};

inline constexpr std::string_view kReasonWrongState = "hazard.move.wrong_state";
inline constexpr std::string_view kReasonNoPermission = "hazard.move.no_permission";

// May this person make this move now? Reasons in order: the state, the permission, the guards in
// the order of the row.
Verdict Judge(Move move, const CaseFacts& facts, const ActorFacts& actor);
// One verdict for each move that leaves the case's state, in the table's order.
std::vector<Verdict> LegalMoves(const CaseFacts& facts, const ActorFacts& actor);
// The same for a guard alone: "" when it holds.
std::string_view BrokenGuard(Guard guard, const CaseFacts& facts, const ActorFacts& actor);

}  // namespace anlan::hazard
