// Dictionaries of the trade (sectors, types, grades, states): codes with their texts per language.
//
// A module gives its data/dictionaries.json in Register(); `anlan migrate` writes the rows, pages
// read them by GET /api/v1/dictionaries. Codes are the contract; texts may be edited later.
//
//   [{"code": "sector", "zh-CN": "领域", "en": "Sector",
//     "entries": [{"code": "charging", "zh-CN": "充电桩", "en": "Charging", "color": "red"}]}]
#pragma once

#include <string_view>

#include "mch/base/result.h"

namespace anlan::dictionary {

class Dictionaries {
  public:
    virtual ~Dictionaries() = default;
    // dictionary.invalid names what is wrong with the file; two modules may not share a dictionary.
    virtual mch::Result<void> Add(std::string_view json_text) = 0;
};

}  // namespace anlan::dictionary
