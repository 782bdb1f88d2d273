#include "storage/open.h"

#include "storage/mysql.h"
#include "storage/sqlite.h"

namespace mch::storage {

Result<std::unique_ptr<db::Database>> OpenDatabase(const db::DatabaseOptions& options,
                                                   const Clock& clock) {
    if (options.url.starts_with("sqlite:")) return OpenSqlite(options, clock);
    if (options.url.starts_with("mysql:")) return OpenMysql(options, clock);
    // The URL is not repeated: it may hold a password.
    return Invalid("db.url", "a database URL starts with sqlite: or mysql:");
}

}  // namespace mch::storage
