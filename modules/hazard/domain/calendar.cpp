#include "modules/hazard/domain/calendar.h"

namespace anlan::hazard {
namespace {

constexpr std::int64_t kMinuteMs = 60 * 1000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;

std::int64_t FloorDivide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

std::optional<TermUnit> ParseTermUnit(std::string_view code) {
    if (code == "minute") return TermUnit::kMinute;
    if (code == "hour") return TermUnit::kHour;
    if (code == "day") return TermUnit::kDay;
    if (code == "working_day") return TermUnit::kWorkingDay;
    return std::nullopt;
}

std::int64_t DayOf(mch::TimeMs at, int zone_minutes) {
    return FloorDivide(at + zone_minutes * kMinuteMs, kDayMs);
}

mch::TimeMs EndOfDay(std::int64_t day, int zone_minutes) {
    return (day + 1) * kDayMs - zone_minutes * kMinuteMs - 1;
}

bool IsWorkingDay(std::int64_t day) {
    // 1970-01-01 was a Thursday; 0 = Monday.
    const std::int64_t weekday = ((day + 3) % 7 + 7) % 7;
    return weekday < 5;
}

mch::TimeMs DueAt(mch::TimeMs start, const Term& term, int zone_minutes) {
    switch (term.unit) {
        case TermUnit::kMinute:
            return start + term.amount * kMinuteMs;
        case TermUnit::kHour:
            return start + term.amount * kHourMs;
        case TermUnit::kDay:
            return EndOfDay(DayOf(start, zone_minutes) + term.amount, zone_minutes);
        case TermUnit::kWorkingDay:
            break;
    }
    std::int64_t day = DayOf(start, zone_minutes);
    for (std::int64_t left = term.amount; left > 0;) {
        ++day;
        if (IsWorkingDay(day)) --left;
    }
    return EndOfDay(day, zone_minutes);
}

}  // namespace anlan::hazard
