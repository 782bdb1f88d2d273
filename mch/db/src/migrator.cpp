#include "mch/db/migrator.h"

#include <fmt/format.h>

#include <algorithm>

#include "mch/base/crypto.h"
#include "mch/base/text.h"
#include "mch/db/split_sql.h"

namespace mch::db {
namespace {

constexpr std::string_view kTableExistsSqlite =
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'mch_migration'";
constexpr std::string_view kTableExistsMysql =
    "SELECT 1 FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_name = 'mch_migration'";
constexpr std::string_view kCreateTable =
    "CREATE TABLE IF NOT EXISTS mch_migration ("
    " module VARCHAR(64) NOT NULL,"
    " number INTEGER NOT NULL,"
    " name VARCHAR(128) NOT NULL,"
    " checksum CHAR(64) NOT NULL,"
    " applied_at BIGINT NOT NULL,"
    " PRIMARY KEY (module, number))";
constexpr std::string_view kListApplied =
    "SELECT module, number, checksum FROM mch_migration ORDER BY module, number";
constexpr std::string_view kRecord =
    "INSERT INTO mch_migration (module, number, name, checksum, applied_at) VALUES (?, ?, ?, ?, ?)";

// One name per database, because a named lock of MariaDB belongs to the server.
constexpr std::string_view kLock = "SELECT GET_LOCK(CONCAT('mch_migration.', SHA1(DATABASE())), ?)";
constexpr std::string_view kUnlock =
    "SELECT RELEASE_LOCK(CONCAT('mch_migration.', SHA1(DATABASE())))";
constexpr int kLockWaitSeconds = 4;

std::string Checksum(std::string_view sql) { return text::ToHex(crypto::Sha256(sql)); }

bool IsSqlite(const Reader& reader) { return reader.dialect().engine() == Engine::kSqlite; }

// SQLite's migration lock is the write transaction itself. MariaDB commits at every DDL statement,
// so there a named lock of the connection covers the whole run.
class MigrationLock {
  public:
    explicit MigrationLock(Transaction& tx) : tx_(tx) {}
    MigrationLock(const MigrationLock&) = delete;
    MigrationLock& operator=(const MigrationLock&) = delete;
    ~MigrationLock() {
        // A lost connection has released the lock already; nothing else can go wrong here.
        if (held_) (void)tx_.Query(kUnlock);
    }
    // db.busy while another process migrates.
    Result<void> Take() {
        if (IsSqlite(tx_)) return {};
        MCH_TRY(const Row row, tx_.QueryOne(kLock, {kLockWaitSeconds}, "db.failed"));
        if (row.Int(0) != 1) {
            return Error(ErrorKind::kUnavailable, "db.busy", "another process is migrating");
        }
        held_ = true;
        return {};
    }

  private:
    Transaction& tx_;
    bool held_ = false;
};

}  // namespace

struct Migrator::Applied {
    std::string module;
    int number = 0;
    std::string checksum;
};

void Migrator::Add(Migration migration) {
    int last = 0;
    for (const Migration& known : migrations_) {
        if (known.module == migration.module) last = known.number;
    }
    MCH_ASSERT(migration.number == last + 1);
    migrations_.push_back(std::move(migration));
}

void Migrator::Add(std::vector<Migration> migrations) {
    for (Migration& migration : migrations) Add(std::move(migration));
}

const std::string& Migrator::TextOf(const Migration& migration) const {
    return database_.dialect().engine() == Engine::kSqlite ? migration.sql_sqlite
                                                           : migration.sql_mysql;
}

Result<std::vector<Migrator::Applied>> Migrator::LoadApplied(Reader& reader) const {
    MCH_TRY(const Rows exists,
            reader.Query(IsSqlite(reader) ? kTableExistsSqlite : kTableExistsMysql));
    std::vector<Applied> applied;
    if (exists.empty()) return applied;
    MCH_TRY(const Rows rows, reader.Query(kListApplied));
    for (const Row& row : rows) {
        applied.push_back({row.Text(0), static_cast<int>(row.Int(1)), row.Text(2)});
    }
    return applied;
}

Result<void> Migrator::CheckAgainst(const std::vector<Applied>& applied) const {
    for (const Applied& done : applied) {
        const auto known =
            std::find_if(migrations_.begin(), migrations_.end(), [&](const Migration& migration) {
                return migration.module == done.module && migration.number == done.number;
            });
        const std::string name = fmt::format("{} {}", done.module, done.number);
        if (known == migrations_.end()) {
            return Error(ErrorKind::kUnavailable, "db.schema_newer",
                         "the database holds migration " + name + ", unknown to this program")
                .With("migration", name);
        }
        if (Checksum(TextOf(*known)) != done.checksum) {
            return Error(ErrorKind::kUnavailable, "db.schema_changed",
                         "migration " + name + " was changed after it had been applied")
                .With("migration", name);
        }
    }
    return {};
}

std::vector<const Migration*> Migrator::PendingAgainst(const std::vector<Applied>& applied) const {
    std::vector<const Migration*> pending;
    for (const Migration& migration : migrations_) {
        const bool done = std::any_of(applied.begin(), applied.end(), [&](const Applied& row) {
            return row.module == migration.module && row.number == migration.number;
        });
        if (!done) pending.push_back(&migration);
    }
    return pending;
}

Result<std::vector<const Migration*>> Migrator::Pending() {
    MCH_TRY(const auto applied, database_.Read(Deadline(clock_, 5000), [&](Reader& reader) {
        return LoadApplied(reader);
    }));
    return PendingAgainst(applied);
}

Result<void> Migrator::Check() {
    MCH_TRY(const auto applied, database_.Read(Deadline(clock_, 5000), [&](Reader& reader) {
        return LoadApplied(reader);
    }));
    return CheckAgainst(applied);
}

Result<int> Migrator::ApplyLocked(Transaction& tx) const {
    MigrationLock lock(tx);
    MCH_CHECK(lock.Take());
    MCH_TRY(const auto applied, LoadApplied(tx));
    MCH_CHECK(CheckAgainst(applied));
    MCH_CHECK(tx.Execute(kCreateTable));
    int count = 0;
    for (const Migration* migration : PendingAgainst(applied)) {
        for (const std::string& statement : SplitStatements(TextOf(*migration))) {
            auto done = tx.Execute(statement);
            if (!done) {
                return Error(done.error().kind(), "db.migration_failed",
                             fmt::format("{} {} {}: {}; statement: {}", migration->module,
                                         migration->number, migration->name,
                                         done.error().ToString(), statement.substr(0, 200)))
                    .With("module", migration->module)
                    .With("number", std::to_string(migration->number));
            }
        }
        MCH_CHECK(tx.Execute(kRecord, {migration->module, migration->number, migration->name,
                                       Checksum(TextOf(*migration)), clock_.Now()}));
        ++count;
    }
    return count;
}

Result<int> Migrator::Apply(std::int64_t budget_ms) {
    const Deadline deadline(clock_, budget_ms);
    // Another process's run is waited for in short steps, each within the statement time limit.
    for (;;) {
        auto count = database_.Write(deadline, [&](Transaction& tx) { return ApplyLocked(tx); });
        if (count || count.error().code() != "db.busy" || deadline.Passed()) return count;
    }
}

std::vector<Migration> MigrationsFromFiles(
    std::string_view module, const std::vector<std::pair<std::string, std::string>>& files) {
    constexpr std::string_view kSql = ".sql";
    std::vector<Migration> migrations;
    for (const auto& [path, sql] : files) {
        // Other embedded files (messages, seed data) of the module are not ours.
        if (!path.ends_with(kSql)) continue;
        std::string_view name = path;
        name = name.substr(name.rfind('/') + 1);
        name.remove_suffix(kSql.size());
        const bool only_sqlite = name.ends_with(".sqlite");
        const bool only_mysql = name.ends_with(".mysql");
        name = name.substr(0, name.find('.'));
        const auto number = text::ParseInt(name.substr(0, std::min<std::size_t>(4, name.size())));
        MCH_ASSERT(name.size() > 5 && name[4] == '_' && number.has_value() && *number > 0);

        auto found = std::find_if(migrations.begin(), migrations.end(),
                                  [&](const Migration& m) { return m.number == *number; });
        if (found == migrations.end()) {
            migrations.push_back({.module = std::string(module),
                                  .number = static_cast<int>(*number),
                                  .name = std::string(name.substr(5))});
            found = std::prev(migrations.end());
        }
        MCH_ASSERT(found->name == name.substr(5));
        if (!only_mysql) found->sql_sqlite = sql;
        if (!only_sqlite) found->sql_mysql = sql;
    }
    std::sort(migrations.begin(), migrations.end(),
              [](const Migration& a, const Migration& b) { return a.number < b.number; });
    return migrations;
}

}  // namespace mch::db
