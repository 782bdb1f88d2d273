// Encryption of personal data in columns (security-controls 55) and masking (56).
//
// A column that holds personal data is named *_sealed; exact search goes by a second column named
// *_index. Keys live outside the database (Runtime::Key("personal")).
#pragma once

#include <string>
#include <string_view>

#include "mch/base/result.h"

namespace anlan::identity {

// Provided by module identity. Thread safe.
class PersonalData {
  public:
    virtual ~PersonalData() = default;

    // AES-256-GCM with a random nonce; `column` ("identity_user.phone") is authenticated, so a
    // value moved to another column does not open. Empty stays empty. Text that fits VARCHAR(512)
    // for values up to 300 bytes.
    virtual mch::Result<std::string> Seal(std::string_view column, std::string_view plain) = 0;
    // personal_data.damaged, personal_data.other_key.
    virtual mch::Result<std::string> Open(std::string_view column, std::string_view sealed) = 0;
    // Blind index of 64 hex digits for equality; empty stays empty.
    virtual mch::Result<std::string> Index(std::string_view column, std::string_view plain) = 0;
};

// "138****0001": the first three and last four characters stay; short values are hidden whole.
std::string MaskPhone(std::string_view phone);
// Digits with an optional leading + and single spaces or hyphens, 5..20 characters.
bool IsPhone(std::string_view phone);

}  // namespace anlan::identity
