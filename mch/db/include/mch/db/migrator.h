// Numbered forward migrations, one sequence per module, embedded from modules/<name>/sql/.
//
// File names: NNNN_name.sql for both engines, or NNNN_name.sqlite.sql and NNNN_name.mysql.sql where
// the text must differ. Statements end with ";" at a line's end. A migration of MariaDB is not
// transactional, so each statement must be repeatable (IF NOT EXISTS), and the row in
// mch_migration is written when all of them have run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mch/db/database.h"

namespace mch::db {

struct Migration {
    std::string module;
    int number = 0;      // rises by one within the module
    std::string name;
    std::string sql_sqlite;
    std::string sql_mysql;
};

class Migrator {
  public:
    explicit Migrator(Database& database) : database_(database) {}
    // In order of the list (modules in the order of the application, numbers rising).
    void Add(Migration migration) { migrations_.push_back(std::move(migration)); }

    // Migrations that are known here and not in the database.
    Result<std::vector<const Migration*>> Pending();
    // Errors: db.schema_newer when the database holds a migration that this binary does not know
    // (it must not run then), db.schema_changed when an applied one has another checksum.
    Result<void> Check();
    // Check, then apply all pending ones. Holds the store's migration lock meanwhile.
    Result<int> Apply();

  private:
    Database& database_;
    std::vector<Migration> migrations_;
};

// Builds migrations from embedded files named as above. `files` = (file name, text).
std::vector<Migration> MigrationsFromFiles(
    std::string_view module, const std::vector<std::pair<std::string, std::string>>& files);

}  // namespace mch::db
