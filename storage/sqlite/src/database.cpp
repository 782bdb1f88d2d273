#include <fcntl.h>
#include <fmt/format.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "connection.h"
#include "errors.h"
#include "mch/base/crypto.h"
#include "mch/base/text.h"
#include "mch/db/fault.h"
#include "mch/db/pool.h"
#include "process_lock.h"
#include "storage/sqlite.h"

namespace mch::storage {
namespace {

constexpr std::int64_t kReadLimitMs = 5000;
constexpr std::int64_t kOpenWaitMs = 30'000;

Error SystemError(const std::string& what) {
    return Error(ErrorKind::kUnavailable, "db.unavailable",
                 fmt::format("{}: {}", what, std::strerror(errno)));
}

std::string FolderOf(std::string path) { return dirname(path.data()); }

class SqliteReader final : public db::Reader {
  public:
    SqliteReader(Connection& connection, const db::Dialect& dialect)
        : connection_(connection), dialect_(dialect) {}

    Result<db::Rows> Query(std::string_view sql, const db::Params& params) override {
        db::Rows rows;
        MCH_CHECK(connection_.Run(sql, params, [&](db::Row row) {
            rows.push_back(std::move(row));
            return true;
        }));
        return rows;
    }
    Result<void> Each(std::string_view sql, const db::Params& params,
                      const std::function<bool(const db::Row&)>& each) override {
        MCH_CHECK(connection_.Run(sql, params, [&](db::Row row) { return each(row); }));
        return {};
    }
    const db::Dialect& dialect() const override { return dialect_; }

  private:
    Connection& connection_;
    const db::Dialect& dialect_;
};

class SqliteTransaction final : public db::Transaction {
  public:
    SqliteTransaction(Connection& connection, const db::Dialect& dialect, const Clock& clock,
                      const Deadline& deadline, std::int64_t statement_ms)
        : connection_(connection),
          reader_(connection, dialect),
          clock_(clock),
          deadline_(deadline),
          statement_ms_(statement_ms) {}

    Result<db::Rows> Query(std::string_view sql, const db::Params& params) override {
        MCH_CHECK(BeforeStatement());
        return reader_.Query(sql, params);
    }
    Result<void> Each(std::string_view sql, const db::Params& params,
                      const std::function<bool(const db::Row&)>& each) override {
        MCH_CHECK(BeforeStatement());
        return reader_.Each(sql, params, each);
    }
    Result<std::int64_t> Execute(std::string_view sql, const db::Params& params) override {
        MCH_CHECK(BeforeStatement());
        return connection_.Run(sql, params, nullptr);
    }
    void AfterCommit(std::function<void()> action) override {
        after_commit_.push_back(std::move(action));
    }
    void BeforeCommit(std::function<Result<void>(db::Transaction&)> action) override {
        before_commit_.push_back(std::move(action));
    }
    const db::Dialect& dialect() const override { return reader_.dialect(); }

    Result<void> RunBeforeCommit() {
        // By index: an action may add another.
        for (std::size_t i = 0; i < before_commit_.size(); ++i) {
            const auto action = std::move(before_commit_[i]);
            MCH_CHECK(action(*this));
        }
        return {};
    }
    void RunAfterCommit() {
        for (const auto& action : after_commit_) action();
    }
    // Some failures (disk full, I/O) end the transaction inside SQLite. What came after would then
    // commit by itself, statement by statement.
    Result<void> StillOpen() const {
        if (connection_.InTransaction()) return {};
        return Error(ErrorKind::kUnavailable, "db.unavailable",
                     "the transaction was rolled back by an earlier error");
    }

  private:
    Result<void> BeforeStatement() {
        MCH_CHECK(StillOpen());
        const std::int64_t left = std::min(statement_ms_, deadline_.RemainingMs());
        connection_.SetLimit(clock_.Monotonic() + left, left);
        return {};
    }

    Connection& connection_;
    SqliteReader reader_;
    const Clock& clock_;
    const Deadline& deadline_;
    std::int64_t statement_ms_;
    std::vector<std::function<Result<void>(db::Transaction&)>> before_commit_;
    std::vector<std::function<void()>> after_commit_;
};

// The write lock while held; and the end of a transaction that was left by an error or exception.
class HeldLock {
  public:
    explicit HeldLock(ProcessLock& lock) : lock_(&lock) {}
    HeldLock(const HeldLock&) = delete;
    HeldLock& operator=(const HeldLock&) = delete;
    ~HeldLock() { Release(); }
    void Release() {
        if (lock_ != nullptr) std::exchange(lock_, nullptr)->Unlock();
    }

  private:
    ProcessLock* lock_;
};

class OpenTransaction {
  public:
    explicit OpenTransaction(Connection& connection) : connection_(connection) {}
    OpenTransaction(const OpenTransaction&) = delete;
    OpenTransaction& operator=(const OpenTransaction&) = delete;
    ~OpenTransaction() {
        // A failing ROLLBACK means that there is no transaction any more.
        if (connection_.InTransaction()) (void)connection_.Control("ROLLBACK");
    }

  private:
    Connection& connection_;
};

class SqliteDatabase final : public db::Database {
  public:
    SqliteDatabase(std::string path, const db::DatabaseOptions& options, const Clock& clock,
                   std::unique_ptr<ProcessLock> lock, std::unique_ptr<Connection> writer)
        : path_(std::move(path)),
          options_(options),
          clock_(clock),
          lock_(std::move(lock)),
          writer_(std::move(writer)) {}

    ~SqliteDatabase() override {
        if (getpid() == owner_) return;
        // In a forked child closing would drop the parent's file locks: leave all to the exit.
        readers_.Abandon();
        (void)writer_.release();
        (void)lock_.release();
    }

    void AddReader(std::unique_ptr<Connection> reader) { readers_.Add(std::move(reader)); }

    const db::Dialect& dialect() const override { return dialect_; }
    std::string Describe() const override {
        return fmt::format("SQLite {}, {}", sqlite3_libversion(), path_);
    }
    Result<void> Backup(const std::string& path) override;
    Result<void> Checkpoint(const Deadline& deadline) override;

  protected:
    Result<void> DoRead(const Deadline& deadline,
                        const std::function<Result<void>(db::Reader&)>& body) override;
    Result<void> DoWrite(const Deadline& deadline,
                         const std::function<Result<void>(db::Transaction&)>& body) override;

  private:
    Result<void> TakeWriteLock(const Deadline& deadline) {
        MCH_ASSERT(getpid() == owner_);  // no connection crosses a fork
        if (lock_->Lock(std::min(deadline.RemainingMs(), options_.lock_timeout_ms))) return {};
        return db::WaitedTooLong(deadline, "another transaction holds the write lock");
    }

    const std::string path_;
    const db::DatabaseOptions options_;
    const Clock& clock_;
    const db::Dialect dialect_{db::Engine::kSqlite};
    const pid_t owner_ = getpid();
    std::unique_ptr<ProcessLock> lock_;
    std::unique_ptr<Connection> writer_;  // guarded by lock_
    db::Pool<Connection> readers_;
};

Result<void> SqliteDatabase::DoRead(const Deadline& deadline,
                                    const std::function<Result<void>(db::Reader&)>& body) {
    MCH_ASSERT(getpid() == owner_);
    MCH_TRY(auto connection, readers_.Take(deadline, options_.lock_timeout_ms));
    const std::int64_t left = std::min(kReadLimitMs, deadline.RemainingMs());
    connection->SetLimit(clock_.Monotonic() + left, left);
    MCH_CHECK(connection->Control("BEGIN"));
    const OpenTransaction end(*connection);
    SqliteReader reader(*connection, dialect_);
    return body(reader);
}

Result<void> SqliteDatabase::DoWrite(const Deadline& deadline,
                                     const std::function<Result<void>(db::Transaction&)>& body) {
    MCH_CHECK(TakeWriteLock(deadline));
    HeldLock held(*lock_);
    SqliteTransaction tx(*writer_, dialect_, clock_, deadline, options_.statement_timeout_ms);
    {
        const OpenTransaction end(*writer_);
        // Only a foreign program (the sqlite3 shell) can make this wait: ours hold the lock.
        const std::int64_t left = std::min(deadline.RemainingMs(), options_.lock_timeout_ms);
        writer_->SetLimit(clock_.Monotonic() + left, left);
        MCH_CHECK(writer_->Control("BEGIN IMMEDIATE"));
        MCH_CHECK(body(tx));
        MCH_CHECK(tx.RunBeforeCommit());
        MCH_CHECK(tx.StillOpen());
        db::FaultPoint("db.before_commit");
        // No time limit from here: what is written either stays or is rolled back as a whole.
        writer_->SetLimit(std::numeric_limits<std::int64_t>::max(), options_.lock_timeout_ms);
        MCH_CHECK(writer_->Control("COMMIT"));
        db::FaultPoint("db.after_commit");
    }
    held.Release();
    tx.RunAfterCommit();
    return {};
}

Result<void> SqliteDatabase::Checkpoint(const Deadline& deadline) {
    MCH_CHECK(TakeWriteLock(deadline));
    const HeldLock held(*lock_);
    // First what does not wait for readers, so that the second step, which does, finds little to
    // do and keeps writers waiting for a moment only.
    constexpr int kWaitForReadersMs = 200;
    const auto run = [&](int mode, const char* name) -> Result<void> {
        const int code =
            sqlite3_wal_checkpoint_v2(writer_->handle(), nullptr, mode, nullptr, nullptr);
        if (code != SQLITE_OK) return SqliteError(writer_->handle(), code, name);
        return {};
    };
    writer_->SetLimit(std::numeric_limits<std::int64_t>::max(), kWaitForReadersMs);
    MCH_CHECK(run(SQLITE_CHECKPOINT_PASSIVE, "passive checkpoint"));
    db::FaultPoint("db.during_checkpoint");
    // RESTART, not TRUNCATE: writing over an existing log does not change the file's size, so a
    // durable commit costs 0.25 ms instead of 0.35 ms (storage/bench). journal_size_limit cuts a
    // log that had grown large.
    return run(SQLITE_CHECKPOINT_RESTART, "restarting checkpoint");
}

Result<void> SqliteDatabase::Backup(const std::string& path) {
    MCH_ASSERT(getpid() == owner_);
    if (access(path.c_str(), F_OK) == 0) {
        return Conflict("db.backup_exists", path + " exists").With("path", path);
    }
    const std::string temporary = path + ".part-" + text::ToHex(crypto::RandomBytes(6));
    // Made here so that the copy has its permissions before its content.
    const int file = open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return SystemError("create " + temporary);
    const auto copy = [&]() -> Result<void> {
        // Its own connection: the copy may take longer than any limit of the pools.
        MCH_TRY(const auto connection, Connection::Open(path_, Access::kWrite, clock_));
        MCH_CHECK(connection->Run("VACUUM INTO ?", {temporary}, nullptr));
        if (fsync(file) != 0) return SystemError("fsync " + temporary);
        if (rename(temporary.c_str(), path.c_str()) != 0) return SystemError("rename to " + path);
        const int folder = open(FolderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0 || fsync(folder) != 0) return SystemError("fsync the folder of " + path);
        close(folder);
        return {};
    };
    const auto done = copy();
    close(file);
    if (!done) unlink(temporary.c_str());
    return done;
}

// Creates the file when absent. It is never opened here when it exists: closing any descriptor of
// it would drop the POSIX locks that SQLite holds on it in this process.
Result<struct stat> PrepareFile(const std::string& path) {
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (file >= 0) close(file);
    if (file < 0 && errno != EEXIST) return SystemError("create " + path);
    struct stat folder = {};
    struct stat status = {};
    if (stat(FolderOf(path).c_str(), &folder) != 0) return SystemError("stat folder of " + path);
    if (stat(path.c_str(), &status) != 0) return SystemError("stat " + path);
    if (geteuid() == 0 && status.st_uid == 0 && folder.st_uid != 0) {
        if (chown(path.c_str(), folder.st_uid, folder.st_gid) != 0) {
            return SystemError("chown " + path);
        }
        status.st_uid = folder.st_uid;
        status.st_gid = folder.st_gid;
    }
    return status;
}

// Only the first opener has to; it holds the write lock, so that the others wait instead of meeting
// half of it. Later ones need no lock and start while a long write runs.
Result<void> TurnOnWal(Connection& connection, ProcessLock& lock) {
    std::string mode;
    const auto keep = [&](const db::Row& row) {
        mode = row.Text(0);
        return true;
    };
    MCH_CHECK(connection.Run("PRAGMA journal_mode", {}, keep));
    if (mode == "wal") return {};
    if (!lock.Lock(kOpenWaitMs)) {
        return Error(ErrorKind::kUnavailable, "db.busy", "the write lock was not free at start");
    }
    const HeldLock held(lock);
    MCH_CHECK(connection.Run("PRAGMA journal_mode = WAL", {}, keep));
    if (mode != "wal") {
        return Error(ErrorKind::kUnavailable, "db.unavailable",
                     "this file system cannot keep a write-ahead log (shared memory)");
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<db::Database>> OpenSqlite(const db::DatabaseOptions& options,
                                                 const Clock& clock) {
    constexpr std::string_view kScheme = "sqlite:";
    if (!options.url.starts_with(kScheme) || options.url.size() == kScheme.size()) {
        return Invalid("db.url", "expected sqlite:PATH");
    }
    // The real path, so that all names of one database share one lock file.
    const std::string given = options.url.substr(kScheme.size());
    MCH_TRY(const struct stat status, PrepareFile(given));
    char* real = realpath(given.c_str(), nullptr);
    if (real == nullptr) return SystemError("realpath " + given);
    const std::string path = real;
    std::free(real);

    MCH_TRY(auto lock,
            ProcessLock::Open(path + "-lock", status.st_mode & 0777, status.st_uid, status.st_gid));
    MCH_TRY(auto writer, Connection::Open(path, Access::kWrite, clock));
    MCH_CHECK(TurnOnWal(*writer, *lock));
    std::vector<std::unique_ptr<Connection>> readers;
    for (int i = 0; i < std::max(options.readers, 1); ++i) {
        MCH_TRY(auto reader, Connection::Open(path, Access::kRead, clock));
        readers.push_back(std::move(reader));
    }
    auto database =
        std::make_unique<SqliteDatabase>(path, options, clock, std::move(lock), std::move(writer));
    for (auto& reader : readers) database->AddReader(std::move(reader));
    return std::unique_ptr<db::Database>(std::move(database));
}

}  // namespace mch::storage
