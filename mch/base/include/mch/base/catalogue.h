// Sentences for people, in Chinese and English, by code. Loaded from the embedded messages/*.json
// of mch and of each module; tools/check_catalogues.py keeps both languages complete.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "mch/base/error.h"
#include "mch/base/result.h"

namespace mch {

class Catalogue {
  public:
    static constexpr std::string_view kChinese = "zh-CN";
    static constexpr std::string_view kEnglish = "en";

    // `json_text`: one flat object, code -> sentence with {parameters}. Asserts on a code given
    // twice with another sentence.
    Result<void> Add(std::string_view language, std::string_view json_text);
    // The sentence with its parameters filled in; the code itself when there is none. A parameter
    // whose value is itself a code of the catalogue written as "@code" is translated first; a list
    // "@a,@b" is translated item by item and joined as the language does.
    std::string Text(std::string_view language, std::string_view code,
                     const ErrorParams& params = {}) const;
    bool Has(std::string_view language, std::string_view code) const;

  private:
    std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> texts_;
};

}  // namespace mch
