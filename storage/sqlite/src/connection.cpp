#include "connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "errors.h"

namespace mch::storage {
namespace {

constexpr std::size_t kCachedStatements = 256;
constexpr int kProgressSteps = 1000;  // virtual machine steps between two looks at the clock

constexpr const char* kPragmas =
    "PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = ON;"
    // Without it INSERT OR REPLACE removes audit rows past the trigger that protects them.
    "PRAGMA recursive_triggers = ON;"
    // A checkpoint outside the write lock could meet a writer (SQLite's WAL-reset bug).
    "PRAGMA wal_autocheckpoint = 0;"
    // The log keeps its size from one checkpoint to the next, up to this.
    "PRAGMA journal_size_limit = 67108864;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA mmap_size = 67108864;"
    // As utf8mb4_nopad_bin on MariaDB: a query means the same on both stores.
    "PRAGMA case_sensitive_like = ON;";

int Bind(sqlite3_stmt* statement, int index, const db::Value& value) {
    const auto& data = value.data();
    if (const auto* number = std::get_if<std::int64_t>(&data)) {
        return sqlite3_bind_int64(statement, index, *number);
    }
    if (const auto* real = std::get_if<double>(&data)) {
        return sqlite3_bind_double(statement, index, *real);
    }
    if (const auto* text = std::get_if<std::string>(&data)) {
        return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC,
                                   SQLITE_UTF8);
    }
    if (const auto* blob = std::get_if<db::Blob>(&data)) {
        // An empty blob needs a pointer that is not null, or it would be NULL.
        const char* bytes = blob->bytes.empty() ? "" : blob->bytes.data();
        return sqlite3_bind_blob64(statement, index, bytes, blob->bytes.size(), SQLITE_STATIC);
    }
    return sqlite3_bind_null(statement, index);
}

db::Row ReadRow(sqlite3_stmt* statement) {
    const int count = sqlite3_column_count(statement);
    std::vector<db::Value> values;
    values.reserve(static_cast<std::size_t>(count));
    for (int column = 0; column < count; ++column) {
        switch (sqlite3_column_type(statement, column)) {
            case SQLITE_INTEGER:
                values.emplace_back(std::int64_t{sqlite3_column_int64(statement, column)});
                break;
            case SQLITE_FLOAT:
                values.emplace_back(sqlite3_column_double(statement, column));
                break;
            case SQLITE_TEXT: {
                const auto* text =
                    reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
                const int size = sqlite3_column_bytes(statement, column);
                values.emplace_back(std::string(text, static_cast<std::size_t>(size)));
                break;
            }
            case SQLITE_BLOB: {
                const auto* bytes =
                    static_cast<const char*>(sqlite3_column_blob(statement, column));
                const int size = sqlite3_column_bytes(statement, column);
                db::Blob blob;
                if (size > 0) blob.bytes.assign(bytes, static_cast<std::size_t>(size));
                values.emplace_back(std::move(blob));
                break;
            }
            default:
                values.emplace_back();
        }
    }
    return db::Row(std::move(values));
}

}  // namespace

// A statement while it runs: reset afterwards, or finalised when it is not from the cache.
class Connection::Use {
  public:
    explicit Use(Statement* cached) : cached_(cached), handle_(cached->handle) {
        cached_->running = true;
    }
    explicit Use(sqlite3_stmt* own) : handle_(own) {}
    Use(Use&& other) noexcept
        : cached_(std::exchange(other.cached_, nullptr)),
          handle_(std::exchange(other.handle_, nullptr)) {}
    Use& operator=(Use&&) = delete;
    ~Use() {
        if (cached_ != nullptr) {
            sqlite3_reset(handle_);
            sqlite3_clear_bindings(handle_);
            cached_->running = false;
        } else {
            sqlite3_finalize(handle_);
        }
    }
    sqlite3_stmt* get() const { return handle_; }

  private:
    Statement* cached_ = nullptr;
    sqlite3_stmt* handle_;
};

Result<std::unique_ptr<Connection>> Connection::Open(const std::string& path, Access access,
                                                     const Clock& clock) {
    sqlite3* handle = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    if (handle == nullptr) return Error(ErrorKind::kUnavailable, "db.unavailable", "out of memory");
    auto connection = std::unique_ptr<Connection>(new Connection(handle, clock));
    if (code != SQLITE_OK) return SqliteError(handle, code, "open " + path);

    sqlite3_busy_timeout(handle, 5000);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    // "text" is a column and never a string, as in MariaDB's ANSI_QUOTES.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    MCH_CHECK(connection->Control(kPragmas));
    if (access == Access::kRead) MCH_CHECK(connection->Control("PRAGMA query_only = ON"));
    sqlite3_progress_handler(handle, kProgressSteps, &Connection::OnProgress, connection.get());
    connection->SetLimit(std::numeric_limits<std::int64_t>::max(), 5000);
    return connection;
}

Connection::~Connection() {
    for (const Statement& statement : statements_) sqlite3_finalize(statement.handle);
    sqlite3_close(handle_);
}

void Connection::SetLimit(std::int64_t monotonic_ms, std::int64_t busy_ms) {
    limit_ = monotonic_ms;
    sqlite3_busy_timeout(handle_, static_cast<int>(std::clamp<std::int64_t>(busy_ms, 1, 60'000)));
}

int Connection::OnProgress(void* self) {
    return static_cast<const Connection*>(self)->LimitPassed() ? 1 : 0;
}

Error Connection::LastError(int code, std::string_view sql) {
    return SqliteError(handle_, code, sql);
}

Result<void> Connection::Control(const char* sql) {
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return LastError(code, sql);
    return {};
}

Result<sqlite3_stmt*> Connection::Prepare(std::string_view sql, unsigned flags) {
    sqlite3_stmt* statement = nullptr;
    const char* tail = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), flags,
                                        &statement, &tail);
    if (code != SQLITE_OK) return LastError(code, sql);
    const std::string_view rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
    if (statement == nullptr || rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
        sqlite3_finalize(statement);
        return Internal("db.failed", fmt::format("not one statement: {}", sql.substr(0, 200)));
    }
    return statement;
}

Result<Connection::Use> Connection::Borrow(std::string_view sql) {
    const auto found = by_text_.find(sql);
    if (found != by_text_.end()) {
        if (!found->second->running) {
            statements_.splice(statements_.begin(), statements_, found->second);
            return Use(&statements_.front());
        }
        // The same query inside the loop over its own rows.
        MCH_TRY(sqlite3_stmt * nested, Prepare(sql, 0));
        return Use(nested);
    }
    MCH_TRY(sqlite3_stmt * handle, Prepare(sql, SQLITE_PREPARE_PERSISTENT));
    statements_.push_front({.text = std::string(sql), .handle = handle});
    by_text_.emplace(statements_.front().text, statements_.begin());
    if (statements_.size() > kCachedStatements && !statements_.back().running) {
        by_text_.erase(statements_.back().text);
        sqlite3_finalize(statements_.back().handle);
        statements_.pop_back();
    }
    return Use(&statements_.front());
}

Result<std::int64_t> Connection::Run(std::string_view sql, const db::Params& params,
                                     const std::function<bool(db::Row)>& each) {
    if (LimitPassed()) {
        return Error(ErrorKind::kTimeout, "db.timeout", "no time left before a statement");
    }
    MCH_TRY(const Use use, Borrow(sql));
    sqlite3_stmt* statement = use.get();
    if (sqlite3_bind_parameter_count(statement) != static_cast<int>(params.size())) {
        return Internal("db.failed", fmt::format("{} parameters given to: {}", params.size(),
                                                 sql.substr(0, 200)));
    }
    for (std::size_t i = 0; i < params.size(); ++i) {
        const int code = Bind(statement, static_cast<int>(i) + 1, params[i]);
        if (code != SQLITE_OK) return LastError(code, sql);
    }
    const std::int64_t changes_before = sqlite3_total_changes64(handle_);
    for (;;) {
        const int code = sqlite3_step(statement);
        if (code == SQLITE_DONE) break;
        if (code != SQLITE_ROW) return LastError(code, sql);
        if (each && !each(ReadRow(statement))) break;
        // A slow consumer must not keep the snapshot either.
        if (LimitPassed()) {
            return Error(ErrorKind::kTimeout, "db.timeout", "no time left while reading rows");
        }
    }
    // Without the rows that triggers and cascades touched: sqlite3_changes counts only this
    // statement's, but keeps an older value when the statement was no write.
    return sqlite3_total_changes64(handle_) == changes_before ? 0 : sqlite3_changes64(handle_);
}

}  // namespace mch::storage
