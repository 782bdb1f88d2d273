// PersonalData with one key; see api/personal_data.h.
#pragma once

#include <functional>
#include <utility>

#include "modules/identity/api/personal_data.h"

namespace anlan::identity {

class KeyedPersonalData final : public PersonalData {
  public:
    using KeySource = std::function<mch::Result<std::string>()>;
    explicit KeyedPersonalData(KeySource key) : key_(std::move(key)) {}
    mch::Result<std::string> Seal(std::string_view column, std::string_view plain) override;
    mch::Result<std::string> Open(std::string_view column, std::string_view sealed) override;
    mch::Result<std::string> Index(std::string_view column, std::string_view plain) override;

  private:
    KeySource key_;
};

}  // namespace anlan::identity
