#include "mch/base/clock.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>

#include "mch/base/text.h"

namespace mch {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr const char* kWeekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::chrono::sys_days DaysOf(TimeMs at) {
    const std::int64_t days = at >= 0 ? at / kDayMs : -((-at + kDayMs - 1) / kDayMs);
    return std::chrono::sys_days(std::chrono::days(days));
}

// Two or four digits at `at`, or -1.
int Digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return -1;
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

}  // namespace

SystemClock::SystemClock() {
    const char* file = std::getenv("ANLAN_TEST_CLOCK");
    if (file != nullptr) offset_file_ = file;
}

std::int64_t SystemClock::Monotonic() const {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

TimeMs SystemClock::Now() const {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const TimeMs real = static_cast<TimeMs>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
    if (offset_file_.empty()) [[likely]]
        return real;
    const std::int64_t monotonic = Monotonic();
    if (monotonic - read_at_.load() >= 50) {
        std::ifstream in(offset_file_);
        std::int64_t offset = 0;
        if (in >> offset) offset_ = offset;
        read_at_ = monotonic;
    }
    return real + offset_;
}

std::string FormatIso(TimeMs at) {
    const auto days = DaysOf(at);
    const std::chrono::year_month_day date(days);
    const std::int64_t ms = at - days.time_since_epoch().count() * kDayMs;
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(date.year()),
                       unsigned(date.month()), unsigned(date.day()), ms / 3'600'000,
                       ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

std::string FormatDate(TimeMs at, int zone_minutes) {
    const std::chrono::year_month_day date(DaysOf(at + std::int64_t{zone_minutes} * 60'000));
    return fmt::format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()),
                       unsigned(date.day()));
}

std::string FormatHttpDate(TimeMs at) {
    const auto days = DaysOf(at);
    const std::chrono::year_month_day date(days);
    const std::int64_t ms = at - days.time_since_epoch().count() * kDayMs;
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       kWeekdays[std::chrono::weekday(days).c_encoding()], unsigned(date.day()),
                       kMonths[unsigned(date.month()) - 1], int(date.year()), ms / 3'600'000,
                       ms / 60'000 % 60, ms / 1000 % 60);
}

Result<TimeMs> ParseHttpDate(std::string_view text) {
    const auto bad = [] { return Invalid("time.http_date"); };
    // "Tue, 24 Nov 2026 08:15:30 GMT"
    if (text.size() != 29 || text.substr(25) != " GMT" || text.substr(3, 2) != ", " ||
        text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':')
        return bad();
    int month = 0;
    for (int i = 0; i < 12; ++i)
        if (text.substr(8, 3) == kMonths[i]) month = i + 1;
    const int day = Digits(text, 5, 2);
    const int year = Digits(text, 12, 4);
    const int hour = Digits(text, 17, 2);
    const int minute = Digits(text, 20, 2);
    const int second = Digits(text, 23, 2);
    if (month == 0 || day < 0 || year < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 60)
        return bad();
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return bad();
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return days * kDayMs + ((hour * 60LL + minute) * 60 + second) * 1000;
}

Result<std::int64_t> ParseDate(std::string_view text) {
    const int year = Digits(text, 0, 4);
    const int month = Digits(text, 5, 2);
    const int day = Digits(text, 8, 2);
    if (text.size() != 10 || text[4] != '-' || text[7] != '-' || year < 0 || month < 0 || day < 0)
        return Invalid("time.date");
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return Invalid("time.date");
    return std::chrono::sys_days(date).time_since_epoch().count();
}

}  // namespace mch
