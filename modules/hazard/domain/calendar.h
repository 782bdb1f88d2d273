// Deadlines in the installation's civil time. Working days are Monday to Friday; the table of
// public holidays joins in IsWorkingDay.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "mch/base/clock.h"

namespace anlan::hazard {

// Stored as the due time of a case that waits for nobody: it sorts last and is never overdue.
// 9999-12-31 in UTC milliseconds. Leaves the server as null.
inline constexpr mch::TimeMs kNoDue = 253402214400000;

enum class TermUnit { kMinute, kHour, kDay, kWorkingDay };

std::optional<TermUnit> ParseTermUnit(std::string_view code);

// One row of hazard_deadline.
struct Term {
    std::int64_t amount = 0;
    TermUnit unit = TermUnit::kWorkingDay;
};

// Civil day (days since 1970-01-01) of an instant, in a zone given as minutes east of UTC.
std::int64_t DayOf(mch::TimeMs at, int zone_minutes);
// The last millisecond of a civil day.
mch::TimeMs EndOfDay(std::int64_t day, int zone_minutes);
bool IsWorkingDay(std::int64_t day);

// When a term that starts at `start` is over. Minutes and hours run through nights and week-ends;
// days and working days end with the last of them, the day of the start not counted.
mch::TimeMs DueAt(mch::TimeMs start, const Term& term, int zone_minutes);

}  // namespace anlan::hazard
