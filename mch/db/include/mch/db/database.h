// The port to the business store. Modules know only this header; storage/sqlite and storage/mysql
// implement it and storage/ is chosen by the `database` block of the configuration.
//
//   MCH_TRY(auto rows, db.Read(deadline, [&](Reader& reader) {
//       return reader.Query(kFindHazard, {id});
//   }));
//   return db.Write(deadline, [&](Transaction& tx) -> Result<Id> { ... });
//
// SQL is constant text with `?` parameters, the same for both stores where it can be; what must
// differ goes through Dialect; storage/README.md lists what keeps a text common to both.
//
// Errors:
//   db.timeout (kTimeout)          the deadline, or the limit of a statement or a read, passed
//   db.busy (kUnavailable)         no connection or lock in time; deadlock retries used up
//   db.unavailable (kUnavailable)  the store cannot be reached or written
//   db.commit_unknown (kUnavailable)  connection lost during COMMIT: it may have happened
//   db.unique (kConflict)          parameter `constraint`: PRIMARY, or the name of a unique index
//                                  made by CREATE UNIQUE INDEX; `table` where the engine tells it
//   db.reference (kConflict)       a foreign key refuses
//   db.refused (kConflict)         a trigger refuses (RAISE(ABORT) / SIGNAL SQLSTATE '45000')
//   db.check (kInternal)           CHECK, NOT NULL, length, range: the domain should have caught it
//   db.failed (kInternal)          anything else: our own SQL is wrong, or the file is damaged
//
// The sentences for people are in mch/http/messages.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mch/base/clock.h"
#include "mch/base/result.h"

namespace mch::db {

// Raw bytes, as opposed to text.
struct Blob {
    std::string bytes;
};

// One parameter or column value.
class Value {
  public:
    Value() = default;
    Value(std::nullptr_t) {}                                // NOLINT: conversions are the point
    Value(bool v) : data_(static_cast<std::int64_t>(v)) {}  // NOLINT
    Value(int v) : data_(static_cast<std::int64_t>(v)) {}   // NOLINT
    Value(std::int64_t v) : data_(v) {}                     // NOLINT
    Value(double v) : data_(v) {}                           // NOLINT
    Value(std::string v) : data_(std::move(v)) {}           // NOLINT
    Value(std::string_view v) : data_(std::string(v)) {}    // NOLINT
    Value(const char* v) : data_(std::string(v)) {}         // NOLINT
    Value(Blob v) : data_(std::move(v)) {}                  // NOLINT

    bool IsNull() const { return std::holds_alternative<std::monostate>(data_); }
    const std::variant<std::monostate, std::int64_t, double, std::string, Blob>& data() const {
        return data_;
    }

  private:
    std::variant<std::monostate, std::int64_t, double, std::string, Blob> data_;
};

// 0 stored as NULL: for optional references and times.
inline Value NullIfZero(std::int64_t v) { return v == 0 ? Value() : Value(v); }
inline Value NullIfEmpty(std::string_view v) { return v.empty() ? Value() : Value(v); }

using Params = std::vector<Value>;

// One row of a result. Column access by position in the SELECT list; NULL reads as 0, "" or 0.0.
class Row {
  public:
    explicit Row(std::vector<Value> values) : values_(std::move(values)) {}
    bool IsNull(std::size_t column) const { return values_[column].IsNull(); }
    std::int64_t Int(std::size_t column) const;
    double Double(std::size_t column) const;
    std::string Text(std::size_t column) const;
    std::string Bytes(std::size_t column) const;
    std::size_t size() const { return values_.size(); }
    const Value& operator[](std::size_t column) const { return values_[column]; }

  private:
    std::vector<Value> values_;
};

using Rows = std::vector<Row>;

enum class Engine { kSqlite, kMysql };

// What the two engines say differently. Everything returned is SQL text for that engine.
class Dialect {
  public:
    explicit Dialect(Engine engine) : engine_(engine) {}
    Engine engine() const { return engine_; }
    // "INSERT INTO table (columns) VALUES (?, ...)" that does nothing when a unique key exists:
    // ON CONFLICT DO NOTHING / ON DUPLICATE KEY UPDATE with an idempotent assignment, which locks
    // the row that exists. Execute answers 1 when the row was inserted, 0 when it existed.
    std::string InsertIgnore(std::string_view table,
                             std::initializer_list<std::string_view> columns) const;
    // Insert, or update `update` columns from the given values when `keys` (the columns of one
    // unique index) exist; the table must have no second unique index that could be hit. Execute
    // answers 1 in both cases.
    std::string Upsert(std::string_view table, std::initializer_list<std::string_view> columns,
                       std::initializer_list<std::string_view> keys,
                       std::initializer_list<std::string_view> update) const;
    // Suffix of a SELECT inside a write transaction that locks its rows: "" / " FOR UPDATE".
    std::string ForUpdate() const;

  private:
    Engine engine_;
};

// Read access inside one consistent snapshot.
class Reader {
  public:
    virtual ~Reader() = default;
    // All rows. A query that could return many must carry its own LIMIT.
    virtual Result<Rows> Query(std::string_view sql, const Params& params = {}) = 0;
    // Streams rows to `each` (false stops); for exports and imports.
    virtual Result<void> Each(std::string_view sql, const Params& params,
                              const std::function<bool(const Row&)>& each) = 0;
    virtual const Dialect& dialect() const = 0;

    // The first row, or `not_found` as a kNotFound error.
    Result<Row> QueryOne(std::string_view sql, const Params& params, std::string_view not_found);
};

// A write transaction. It ends with the function given to Database::Write: COMMIT on a value,
// ROLLBACK on an error.
class Transaction : public Reader {
  public:
    // Rows changed (matched rows on MariaDB too: CLIENT_FOUND_ROWS).
    virtual Result<std::int64_t> Execute(std::string_view sql, const Params& params = {}) = 0;
    // Run after COMMIT in this process, in order; for live events and caches. Never for anything
    // that must not be lost: that is what the outbox is for.
    virtual void AfterCommit(std::function<void()> action) = 0;
    // Statements that must be the last before COMMIT (the head of the audit chain), in order. An
    // error rolls the transaction back.
    virtual void BeforeCommit(std::function<Result<void>(Transaction&)> action) = 0;
};

// A store with its pools. Thread safe. Never crosses a fork: each process opens its own.
class Database {
  public:
    virtual ~Database() = default;

    // Runs `use_case` in a read snapshot on a reader connection; at most 5 s.
    template <typename F>
    auto Read(const Deadline& deadline, F&& use_case) -> std::invoke_result_t<F, Reader&> {
        using R = std::invoke_result_t<F, Reader&>;
        R answer = Error(ErrorKind::kInternal, "db.not_run");
        auto done = DoRead(deadline, [&](Reader& reader) -> Result<void> {
            answer = use_case(reader);
            if (!answer) return answer.error();
            return {};
        });
        if (!done && answer) return done.error();
        return answer ? std::move(answer) : R(done.error());
    }

    // Runs `use_case` in a write transaction. It may run more than once (deadlock, lost
    // connection before commit): it must take all its effects through `tx`.
    template <typename F>
    auto Write(const Deadline& deadline, F&& use_case) -> std::invoke_result_t<F, Transaction&> {
        using R = std::invoke_result_t<F, Transaction&>;
        R answer = Error(ErrorKind::kInternal, "db.not_run");
        auto done = DoWrite(deadline, [&](Transaction& tx) -> Result<void> {
            answer = use_case(tx);
            if (!answer) return answer.error();
            return {};
        });
        if (!done) return R(done.error());
        return answer;
    }

    virtual const Dialect& dialect() const = 0;
    // One line for the status page, for example "SQLite 3.40.1, var/db/anlan.db".
    virtual std::string Describe() const = 0;
    // Writes a consistent copy to `path`, which must not exist (db.backup_exists). SQLite only
    // (VACUUM INTO); MariaDB answers db.backup_unsupported and names the tool in the detail.
    virtual Result<void> Backup(const std::string& path) = 0;
    // Moves the write-ahead log into the database file while holding the write lock (SQLite);
    // nothing on MariaDB. Called by the scheduler only. db.busy when a reader still needs the log:
    // what could be moved has been moved, call again later.
    virtual Result<void> Checkpoint(const Deadline& deadline) = 0;

  protected:
    virtual Result<void> DoRead(const Deadline& deadline,
                                const std::function<Result<void>(Reader&)>& body) = 0;
    virtual Result<void> DoWrite(const Deadline& deadline,
                                 const std::function<Result<void>(Transaction&)>& body) = 0;
};

struct DatabaseOptions {
    // "sqlite:PATH" or "mysql://user:password@host:port/name" or "mysql://user@/name?socket=/path".
    // storage/README.md lists the further parameters of the second form.
    std::string url;
    int readers = 4;  // reader connections of this process
    int writers = 2;  // MariaDB only; SQLite has one writer
    std::int64_t statement_timeout_ms = 5000;
    std::int64_t lock_timeout_ms = 5000;
};

}  // namespace mch::db
