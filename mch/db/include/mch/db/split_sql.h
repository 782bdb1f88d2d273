// Splits a migration into statements. Understands '...', "..." and `...` (doubled quote inside),
// -- and /* */ comments, and the BEGIN ... END body of CREATE TRIGGER, PROCEDURE and FUNCTION.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mch::db {

// Statements without their ";", trimmed, comments kept; pieces of only comments are dropped. Text
// after the last ";" is a statement too. Never fails: text that does not close a quote ends in one
// last statement, which the engine refuses.
std::vector<std::string> SplitStatements(std::string_view sql);

}  // namespace mch::db
