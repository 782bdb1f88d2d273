// Seed rows (roles, menus) and the first organisations and users of an installation.
#pragma once

#include <string>
#include <vector>

#include "modules/identity/app/accounts.h"

namespace anlan::identity {

// data/roles.json and data/menus.json into the tables; repeatable.
mch::Result<void> SeedRoles(Transaction& tx, const std::string& json);
mch::Result<void> SeedMenus(Transaction& tx, const std::string& json);
// data/common_passwords.json.
mch::Result<std::vector<std::string>> ReadWords(const std::string& json);

enum class Starter { kEmpty, kWithPeople };

// Creates the administrator and, with people, the organisations and users of data/starter.json by
// the real use cases. What exists already stays as it is. Answers the passwords of those created;
// they are also in var/first-passwords.
mch::Result<std::vector<IssuedPassword>> SetUp(Parts& parts, const std::string& json,
                                               Starter starter);

}  // namespace anlan::identity
