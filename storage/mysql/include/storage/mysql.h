// The business store on MariaDB 10.11 (tested) through libmariadb; MySQL 8 is expected to work.
//
// Writes run in READ COMMITTED and are repeated as a whole after a deadlock or a connection lost
// before COMMIT; reads run in a consistent snapshot. A connection lost during COMMIT is
// db.commit_unknown and never repeated. Sessions use ANSI quotes, || as concatenation and no
// backslash escapes, so that SQL reads as on SQLite; texts compare by bytes (utf8mb4_nopad_bin).
#pragma once

#include <memory>

#include "mch/db/database.h"

namespace mch::storage {

// Opens the database of `options.url`; storage/README.md has its parameters. Creates the database
// when it is absent and the account may, and gives an existing one the collation for new tables.
// `clock` must outlive the database. Errors: db.url, db.unavailable, db.not_durable (the server
// answers commits before they are on disk), db.collation.
Result<std::unique_ptr<db::Database>> OpenMysql(const db::DatabaseOptions& options,
                                                const Clock& clock);

}  // namespace mch::storage
