// The command line: nginx's switches, then the words of a command.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mch/base/result.h"

namespace mch::app {

struct Switches {
    std::string prefix;         // -p; ends in "/"
    std::string configuration;  // -c; absolute
    std::string error_log;      // -e; absolute, "stderr" or ""
    std::string directives;     // -g
    std::string signal;         // -s
    bool test = false;          // -t, -T
    bool dump = false;          // -T
    bool quiet = false;         // -q
    bool version = false;       // -v
    bool build = false;         // -V
    bool help = false;          // -h, -?
    std::vector<std::string> command;
};

// Errors: command.switch with a sentence.
Result<Switches> ParseSwitches(int argc, const char* const* argv,
                               std::string_view default_configuration);

}  // namespace mch::app
