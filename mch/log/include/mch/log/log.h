// The error log: levels of nginx, English text, key=value pairs, one line per event.
//
//   MCH_LOG(kError, "database unreachable", {{"url", url}, {"error", error.ToString()}});
//
// Lines: 2026-11-24T08:15:30.123Z [error] 1234#7: database unreachable url=... trace=...
// Values are escaped so that no CR or LF of an attacker starts a line. No personal data, no
// secrets.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "mch/base/result.h"

namespace mch::log {

enum class Level { kDebug, kInfo, kNotice, kWarn, kError, kCrit, kAlert, kEmerg };

using Pairs = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// Opens (or with the same path re-opens: USR1) the log. "stderr" writes there. Thread safe.
Result<void> Open(const std::string& path, Level level);
Result<void> Reopen();
void SetLevel(Level level);
bool Enabled(Level level);
void Write(Level level, std::string_view message, Pairs pairs = {});
Result<Level> ParseLevel(std::string_view name);

}  // namespace mch::log

#define MCH_LOG(level, ...)                                           \
    do {                                                              \
        if (::mch::log::Enabled(::mch::log::Level::level))            \
            ::mch::log::Write(::mch::log::Level::level, __VA_ARGS__); \
    } while (false)
