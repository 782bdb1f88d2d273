// Collects the dictionaries of the modules, writes them at migration and reads them for pages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mch/app/module.h"
#include "modules/dictionary/api/dictionary.h"
#include "modules/dictionary/domain/dictionary_file.h"

namespace anlan::dictionary {

class DictionaryService final : public Dictionaries {
  public:
    explicit DictionaryService(mch::app::Runtime& runtime) : runtime_(runtime) {}

    mch::Result<void> Add(std::string_view json_text) override;
    // Inserts what is missing and brings texts up to date that nobody has edited.
    mch::Result<void> Seed(mch::db::Transaction& tx) const;
    // {"items": [...]} in one language.
    mch::Result<std::string> ToJson(mch::db::Reader& reader, std::string_view language) const;

  private:
    mch::app::Runtime& runtime_;
    std::vector<Dictionary> dictionaries_;  // complete after Register(), constant then
};

}  // namespace anlan::dictionary
