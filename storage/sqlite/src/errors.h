// SQLite result codes as errors of mch/db/database.h.
#pragma once

#include <sqlite3.h>

#include <string_view>

#include "mch/base/error.h"

namespace mch::storage {

// The error of `code` on `handle`. It may run a PRAGMA on the connection, to find the name of the
// unique index that refused.
Error SqliteError(sqlite3* handle, int code, std::string_view sql);

}  // namespace mch::storage
