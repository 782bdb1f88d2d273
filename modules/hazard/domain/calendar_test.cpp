#include "modules/hazard/domain/calendar.h"

#include <gtest/gtest.h>

namespace anlan::hazard {
namespace {

constexpr int kShanghai = 480;

mch::TimeMs At(const char* date, int hour, int minute = 0) {
    // Local time of Shanghai.
    return *mch::ParseDate(date) * 86400000LL + (hour * 60 + minute - kShanghai) * 60000LL;
}

TEST(Calendar, DayIsThatOfTheZone) {
    EXPECT_EQ(DayOf(At("2026-11-24", 0), kShanghai), *mch::ParseDate("2026-11-24"));
    EXPECT_EQ(DayOf(At("2026-11-24", 0) - 1, kShanghai), *mch::ParseDate("2026-11-23"));
    EXPECT_EQ(DayOf(-1, 0), -1);
}

TEST(Calendar, WorkingDaysAreMondayToFriday) {
    const std::int64_t monday = *mch::ParseDate("2026-11-23");
    for (int i = 0; i < 7; ++i) EXPECT_EQ(IsWorkingDay(monday + i), i < 5) << i;
    EXPECT_TRUE(IsWorkingDay(*mch::ParseDate("1970-01-01")));
    EXPECT_FALSE(IsWorkingDay(*mch::ParseDate("1969-12-28")));
}

TEST(Calendar, TermsEndWhenTheyShould) {
    struct Case {
        mch::TimeMs start;
        Term term;
        mch::TimeMs due;
    };
    const auto end = [](const char* date) { return EndOfDay(*mch::ParseDate(date), kShanghai); };
    const Case cases[] = {
        {At("2026-11-24", 10), {1, TermUnit::kWorkingDay}, end("2026-11-25")},
        {At("2026-11-27", 17), {1, TermUnit::kWorkingDay}, end("2026-11-30")},  // Friday
        {At("2026-11-28", 9), {1, TermUnit::kWorkingDay}, end("2026-11-30")},   // Saturday
        {At("2026-11-24", 10), {5, TermUnit::kWorkingDay}, end("2026-12-01")},
        {At("2026-11-27", 17), {1, TermUnit::kDay}, end("2026-11-28")},
        {At("2026-11-27", 17), {24, TermUnit::kHour}, At("2026-11-28", 17)},
        {At("2026-11-27", 17), {30, TermUnit::kMinute}, At("2026-11-27", 17, 30)},
        // 23:30 in Shanghai is the afternoon before in UTC: the civil day decides.
        {At("2026-11-24", 23, 30), {1, TermUnit::kWorkingDay}, end("2026-11-25")},
        {At("2026-11-24", 10), {0, TermUnit::kWorkingDay}, end("2026-11-24")},
    };
    for (const Case& c : cases) EXPECT_EQ(DueAt(c.start, c.term, kShanghai), c.due);
}

TEST(Calendar, EndOfDayIsItsLastMillisecond) {
    const std::int64_t day = *mch::ParseDate("2026-11-24");
    EXPECT_EQ(DayOf(EndOfDay(day, kShanghai), kShanghai), day);
    EXPECT_EQ(DayOf(EndOfDay(day, kShanghai) + 1, kShanghai), day + 1);
}

TEST(Calendar, UnitsHaveCodes) {
    EXPECT_EQ(ParseTermUnit("hour"), TermUnit::kHour);
    EXPECT_EQ(ParseTermUnit("week"), std::nullopt);
}

}  // namespace
}  // namespace anlan::hazard
