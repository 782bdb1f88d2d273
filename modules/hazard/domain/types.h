// The words of a hazard case: states, moves, scales and kinds, each with the code that is stored
// and sent. Three scales are kept apart as three types (domain reference 1.1): the hazard grade of
// law (ordinary, major), the risk grade (red to blue) and the warning level, which a hazard has
// not.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace anlan::hazard {

enum class State {
    kDraft,
    kReported,
    kReturned,
    kReviewing,
    kRejected,
    kArchived,
    kRectifying,
    kAwaitingVerification,
    kAwaitingWriteOff,
    kWrittenOff,
};

enum class Move {
    kAccept,
    kReturn,
    kResubmit,
    kReject,
    kConfirm,
    kPlan,
    kReportDone,
    kFail,
    kPass,
    kWriteOff,
};

// The grade in law. A major hazard is judged by a clause, never by a score.
enum class HazardGrade { kOrdinary, kMajor };

// The four colours, lowest first so that grades compare: blue, yellow, orange, red.
enum class RiskGrade { kLow, kGeneral, kConsiderable, kMajor };

// The four duties that every case needs (law on work safety, articles 3, 9 and 10).
enum class DutyKind { kPrincipal, kTerritorial, kSectoral, kGeneral };

std::string_view Code(State state);
std::string_view Code(Move move);
std::string_view Code(HazardGrade grade);
std::string_view Code(RiskGrade grade);
std::string_view Code(DutyKind kind);

// nullopt for a code that is not of the list.
std::optional<State> ParseState(std::string_view code);
std::optional<Move> ParseMove(std::string_view code);
std::optional<HazardGrade> ParseHazardGrade(std::string_view code);
std::optional<RiskGrade> ParseRiskGrade(std::string_view code);
std::optional<DutyKind> ParseDutyKind(std::string_view code);

const std::vector<State>& AllStates();
const std::vector<Move>& AllMoves();
const std::vector<DutyKind>& AllDutyKinds();

// Codes of the plain lists, which carry no rule of their own.
const std::vector<std::string_view>& TypeCodes();
const std::vector<std::string_view>& SourceCodes();
const std::vector<std::string_view>& SectorCodes();
const std::vector<std::string_view>& HazardGradeCodes();
const std::vector<std::string_view>& RiskGradeCodes();
const std::vector<std::string_view>& StateCodes();

// True while somebody still owes a step: neither rejected nor written off.
bool IsOpen(State state);

}  // namespace anlan::hazard
