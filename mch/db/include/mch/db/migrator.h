// Numbered forward migrations, one sequence per module, embedded from modules/<name>/sql/.
//
// File names: NNNN_name.sql for both engines, or NNNN_name.sqlite.sql and NNNN_name.mysql.sql where
// the text must differ. Statements end with ";" (bodies of triggers are understood). A migration of
// MariaDB is not transactional, so each statement must be repeatable (IF NOT EXISTS), and the row
// in mch_migration is written when all of them have run. On SQLite all pending migrations are one
// transaction. Statements run under the database's statement_timeout_ms: the migrate command opens
// it with a long one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mch/db/database.h"

namespace mch::db {

struct Migration {
    std::string module;
    int number = 0;  // rises by one within the module
    std::string name;
    std::string sql_sqlite = {};
    std::string sql_mysql = {};
};

class Migrator {
  public:
    Migrator(Database& database, const Clock& clock) : database_(database), clock_(clock) {}
    // In order of the list (modules in the order of the application, numbers 1, 2, 3... within a
    // module; asserted). All modules linked in are added, switched on or not.
    void Add(Migration migration);
    void Add(std::vector<Migration> migrations);

    // Migrations that are known here and not in the database.
    Result<std::vector<const Migration*>> Pending();
    // Errors: db.schema_newer when the database holds a migration that this binary does not know
    // (it must not run then), db.schema_changed when an applied one has another checksum.
    Result<void> Check();
    // Check, then apply all pending ones; answers how many. Holds the store's migration lock
    // meanwhile, so a second caller waits and then finds nothing to do. `budget_ms` bounds it all.
    // db.migration_failed {module, number} wraps the store's error.
    Result<int> Apply(std::int64_t budget_ms = 30 * 60 * 1000);

  private:
    struct Applied;
    Result<std::vector<Applied>> LoadApplied(Reader& reader) const;
    Result<void> CheckAgainst(const std::vector<Applied>& applied) const;
    std::vector<const Migration*> PendingAgainst(const std::vector<Applied>& applied) const;
    Result<int> ApplyLocked(Transaction& tx) const;
    const std::string& TextOf(const Migration& migration) const;

    Database& database_;
    const Clock& clock_;
    std::vector<Migration> migrations_;
};

// Builds migrations from embedded files named as above. `files` = (file name, text).
std::vector<Migration> MigrationsFromFiles(
    std::string_view module, const std::vector<std::pair<std::string, std::string>>& files);

}  // namespace mch::db
