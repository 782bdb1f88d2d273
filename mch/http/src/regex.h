// PCRE2 patterns of the configuration, with limits: a pattern that backtracks without end on some
// request fails instead of stalling the loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/result.h"

namespace mch::http {

enum class Case { kSensitive, kInsensitive };

class Regex {
  public:
    // Error: http.regex with the position and reason.
    static Result<Regex> Compile(const std::string& pattern, Case letters);

    enum class Match { kYes, kNo, kLimit };
    // `captures` gets the whole match and its groups when not null.
    Match Search(std::string_view subject, std::vector<std::string>* captures) const;

  private:
    struct Code;
    std::shared_ptr<const Code> code_;  // shared by copies of a configuration block
};

}  // namespace mch::http
