// Time. Everything that needs the time takes a Clock, so that tests set it and never sleep.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "mch/base/result.h"

namespace mch {

// UTC, milliseconds since 1970. Stored in columns named *_at.
using TimeMs = std::int64_t;

class Clock {
  public:
    virtual ~Clock() = default;
    // Wall clock, UTC. May step.
    virtual TimeMs Now() const = 0;
    // Monotonic milliseconds, for deadlines and durations only.
    virtual std::int64_t Monotonic() const = 0;
};

// The machine's clock. When the environment variable ANLAN_TEST_CLOCK names a file, Now() adds the
// decimal millisecond offset in it (re-read at most every 50 ms): scenario tests move time so.
class SystemClock final : public Clock {
  public:
    SystemClock();
    TimeMs Now() const override;
    std::int64_t Monotonic() const override;

  private:
    std::string offset_file_;
    mutable std::atomic<std::int64_t> offset_{0};
    mutable std::atomic<std::int64_t> read_at_{-1000};
};

class ManualClock final : public Clock {
  public:
    explicit ManualClock(TimeMs now) : now_(now) {}
    TimeMs Now() const override { return now_; }
    std::int64_t Monotonic() const override { return monotonic_; }
    void Advance(std::int64_t ms) {
        now_ += ms;
        monotonic_ += ms;
    }
    // A step of the wall clock only, as an administrator or NTP would make it.
    void StepForTest(std::int64_t ms) { now_ += ms; }

  private:
    std::atomic<TimeMs> now_;
    std::atomic<std::int64_t> monotonic_{0};
};

// When an operation must be over; passed down to every store and network call.
class Deadline {
  public:
    Deadline(const Clock& clock, std::int64_t budget_ms)
        : clock_(&clock), at_(clock.Monotonic() + budget_ms) {}
    std::int64_t RemainingMs() const {
        const std::int64_t left = at_ - clock_->Monotonic();
        return left > 0 ? left : 0;
    }
    bool Passed() const { return clock_->Monotonic() >= at_; }

  private:
    const Clock* clock_;
    std::int64_t at_;
};

// "2026-11-24T08:15:30.123Z"
std::string FormatIso(TimeMs at);
// Civil date in a zone given as minutes east of UTC, "2026-11-24".
std::string FormatDate(TimeMs at, int zone_minutes);
// RFC 9110 IMF-fixdate, "Tue, 24 Nov 2026 08:15:30 GMT".
std::string FormatHttpDate(TimeMs at);
// Accepts IMF-fixdate only; anything else is an error and callers ignore the header.
Result<TimeMs> ParseHttpDate(std::string_view text);
// Strict "YYYY-MM-DD" of a real calendar day; returns days since 1970-01-01.
Result<std::int64_t> ParseDate(std::string_view text);

}  // namespace mch
