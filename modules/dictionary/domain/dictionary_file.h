// A dictionaries.json, read and checked. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mch/base/result.h"

namespace anlan::dictionary {

struct Entry {
    std::string code;
    std::string chinese;
    std::string english;
    std::string color;  // "" or a name of the risk palette
};

struct Dictionary {
    std::string code;
    std::string chinese;
    std::string english;
    std::vector<Entry> entries;
};

// Errors: json.*, dictionary.invalid with the place in `detail`.
mch::Result<std::vector<Dictionary>> ParseDictionaries(std::string_view json_text);

}  // namespace anlan::dictionary
