// var/first-passwords: the operator's list of passwords for one use, lines ACCOUNT TAB PASSWORD.
#pragma once

#include <string>
#include <string_view>

#include "mch/base/result.h"

namespace anlan::identity {

// Every change replaces the file whole, under a lock shared by all processes; an empty list is no
// file. Errors: identity.first_passwords.
class FirstPasswords {
  public:
    explicit FirstPasswords(std::string path) : path_(std::move(path)) {}
    mch::Result<void> Set(std::string_view account, std::string_view password) const;
    mch::Result<void> Erase(std::string_view account) const;

  private:
    mch::Result<void> Change(std::string_view account, std::string_view password) const;
    std::string path_;
};

}  // namespace anlan::identity
