// Public numbers: prefix, civil date, six random characters and a check character, for example
// YH20261124-7K3M9QX. They say nothing about how many cases there are, and a mistyped one is found
// before it is looked up.
#pragma once

#include <string>
#include <string_view>

namespace anlan::hazard {

// `date` is "YYYY-MM-DD"; of `random` the first six bytes are used (there must be as many).
std::string MakeNumber(std::string_view prefix, std::string_view date, std::string_view random);
// True when the last character is the check of the six before it. Case does not matter.
bool HasValidCheck(std::string_view number);

}  // namespace anlan::hazard
