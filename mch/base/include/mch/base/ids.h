// Row ids: 63 bits = 41 of milliseconds since 2020-01-01, 10 of a process slot, 12 of a counter.
//
// The slot is leased in the database (mch/db/slot_lease.h), so two processes never share one. Ids
// of one process rise; across processes they are unique and nearly in order of time. In JSON an id
// is a string, because JavaScript loses integers above 2^53.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "mch/base/clock.h"

namespace mch {

using Id = std::int64_t;

class IdGenerator {
  public:
    // slot: 0..1023.
    IdGenerator(const Clock& clock, int slot);
    // Thread safe. When the wall clock steps back, ids go on from the last millisecond used.
    Id Next();

  private:
    const Clock& clock_;
    const std::int64_t slot_;
    std::mutex mutex_;
    std::int64_t last_ms_ = 0;  // guarded by mutex_
    std::int64_t counter_ = 0;  // guarded by mutex_
};

// The instant in an id, for clean-up jobs and tests.
TimeMs TimeOfId(Id id);

std::string FormatId(Id id);
// Decimal, positive, no sign, no leading zero.
Result<Id> ParseId(std::string_view text);

// RFC 9562 version 4 text, lower case, from the system's random source.
std::string RandomUuid();
bool IsUuid(std::string_view text);

}  // namespace mch
