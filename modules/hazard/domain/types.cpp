#include "modules/hazard/domain/types.h"

#include <array>
#include <cstddef>

#include "mch/base/result.h"

namespace anlan::hazard {
namespace {

// Positions are those of the enumerations.
constexpr std::array<std::string_view, 10> kStates = {"draft",
                                                      "reported",
                                                      "returned",
                                                      "reviewing",
                                                      "rejected",
                                                      "archived",
                                                      "rectifying",
                                                      "awaiting_verification",
                                                      "awaiting_write_off",
                                                      "written_off"};
constexpr std::array<std::string_view, 10> kMoves = {"accept",  "return",   "resubmit",    "reject",
                                                     "confirm", "plan",     "report_done", "fail",
                                                     "pass",    "write_off"};
constexpr std::array<std::string_view, 2> kHazardGrades = {"ordinary", "major"};
constexpr std::array<std::string_view, 4> kRiskGrades = {"low", "general", "considerable", "major"};
constexpr std::array<std::string_view, 4> kDutyKinds = {"principal", "territorial", "sectoral",
                                                        "general"};

template <typename E, std::size_t N>
std::string_view CodeOf(const std::array<std::string_view, N>& codes, E value) {
    return codes.at(static_cast<std::size_t>(value));
}

template <typename E, std::size_t N>
std::optional<E> ParseOf(const std::array<std::string_view, N>& codes, std::string_view code) {
    for (std::size_t i = 0; i < N; ++i) {
        if (codes[i] == code) return static_cast<E>(i);
    }
    return std::nullopt;
}

template <typename E, std::size_t N>
std::vector<E> AllOf(const std::array<std::string_view, N>&) {
    std::vector<E> all;
    for (std::size_t i = 0; i < N; ++i) all.push_back(static_cast<E>(i));
    return all;
}

template <std::size_t N>
std::vector<std::string_view> ListOf(const std::array<std::string_view, N>& codes) {
    return {codes.begin(), codes.end()};
}

}  // namespace

std::string_view Code(State state) { return CodeOf(kStates, state); }
std::string_view Code(Move move) { return CodeOf(kMoves, move); }
std::string_view Code(HazardGrade grade) { return CodeOf(kHazardGrades, grade); }
std::string_view Code(RiskGrade grade) { return CodeOf(kRiskGrades, grade); }
std::string_view Code(DutyKind kind) { return CodeOf(kDutyKinds, kind); }

std::optional<State> ParseState(std::string_view code) { return ParseOf<State>(kStates, code); }
std::optional<Move> ParseMove(std::string_view code) { return ParseOf<Move>(kMoves, code); }
std::optional<HazardGrade> ParseHazardGrade(std::string_view code) {
    return ParseOf<HazardGrade>(kHazardGrades, code);
}
std::optional<RiskGrade> ParseRiskGrade(std::string_view code) {
    return ParseOf<RiskGrade>(kRiskGrades, code);
}
std::optional<DutyKind> ParseDutyKind(std::string_view code) {
    return ParseOf<DutyKind>(kDutyKinds, code);
}

const std::vector<State>& AllStates() {
    static const std::vector<State> all = AllOf<State>(kStates);
    return all;
}
const std::vector<Move>& AllMoves() {
    static const std::vector<Move> all = AllOf<Move>(kMoves);
    return all;
}
const std::vector<DutyKind>& AllDutyKinds() {
    static const std::vector<DutyKind> all = AllOf<DutyKind>(kDutyKinds);
    return all;
}

const std::vector<std::string_view>& TypeCodes() {
    static const std::vector<std::string_view> codes = {
        "equipment_fault", "environment", "improper_operation", "management_defect", "other"};
    return codes;
}
const std::vector<std::string_view>& SourceCodes() {
    static const std::vector<std::string_view> codes = {
        "report", "inspection", "monitoring", "citizen", "hotline", "transfer", "import"};
    return codes;
}
const std::vector<std::string_view>& SectorCodes() {
    static const std::vector<std::string_view> codes = {
        "gas_pipeline",   "catering_gas",   "water_supply_drainage", "elevator",
        "confined_space", "small_premises", "hazardous_chemicals",   "charging",
        "slope",          "waterlogging"};
    return codes;
}
const std::vector<std::string_view>& HazardGradeCodes() {
    static const std::vector<std::string_view> codes = ListOf(kHazardGrades);
    return codes;
}
const std::vector<std::string_view>& RiskGradeCodes() {
    static const std::vector<std::string_view> codes = ListOf(kRiskGrades);
    return codes;
}
const std::vector<std::string_view>& StateCodes() {
    static const std::vector<std::string_view> codes = ListOf(kStates);
    return codes;
}

bool IsOpen(State state) { return state != State::kRejected && state != State::kWrittenOff; }

}  // namespace anlan::hazard
