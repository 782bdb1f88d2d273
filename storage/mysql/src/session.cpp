#include "session.h"

#include <fmt/format.h>
#include <mariadb/errmsg.h>
#include <mariadb/mysqld_error.h>

#include <algorithm>

#include "binding.h"

namespace mch::storage {
namespace {

constexpr std::size_t kCachedStatements = 128;
constexpr unsigned kConnectSeconds = 5;
constexpr unsigned kSocketGraceSeconds = 5;  // above the statement limit, so that it answers first
constexpr unsigned long kCursorRows = 200;
constexpr std::string_view kSqlMode =
    "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_UNSIGNED_SUBTRACTION,"
    // As in SQLite: "x" is an identifier, || joins texts, \ is an ordinary character.
    "ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES";

std::int64_t SecondsUp(std::int64_t ms) { return std::max<std::int64_t>((ms + 999) / 1000, 1); }

// Frees the rows of a statement so that it can run again.
class FreeResult {
  public:
    explicit FreeResult(MYSQL_STMT* statement) : statement_(statement) {}
    FreeResult(const FreeResult&) = delete;
    FreeResult& operator=(const FreeResult&) = delete;
    ~FreeResult() { mysql_stmt_free_result(statement_); }

  private:
    MYSQL_STMT* statement_;
};

struct FreeMetadata {
    void operator()(MYSQL_RES* metadata) const { mysql_free_result(metadata); }
};

}  // namespace

Error MysqlSession::Failed(unsigned number, std::string_view message, std::string_view sql) {
    // The first fate stays: what follows a lost transaction are only its echoes.
    if (fate_ == Fate::kGoesOn) fate_ = FateOf(number);
    return MysqlError(number, message, sql);
}

void MysqlSession::Close() {
    by_text_.clear();
    statements_.clear();
    if (handle_ != nullptr) mysql_close(handle_);
    handle_ = nullptr;
}

void MysqlSession::Abandon() {
    by_text_.clear();
    for (Cached& cached : statements_) (void)cached.statement.release();
    statements_.clear();
    handle_ = nullptr;
}

Result<void> MysqlSession::ConnectTo(const char* database) {
    Close();
    handle_ = mysql_init(nullptr);
    if (handle_ == nullptr) return MysqlError(CR_OUT_OF_MEMORY, "out of memory", {});
    const unsigned socket_seconds =
        static_cast<unsigned>(SecondsUp(options_.statement_timeout_ms)) + kSocketGraceSeconds;
    const unsigned no_local_files = 0;
    mysql_options(handle_, MYSQL_OPT_CONNECT_TIMEOUT, &kConnectSeconds);
    mysql_options(handle_, MYSQL_OPT_READ_TIMEOUT, &socket_seconds);
    mysql_options(handle_, MYSQL_OPT_WRITE_TIMEOUT, &socket_seconds);
    mysql_options(handle_, MYSQL_OPT_LOCAL_INFILE, &no_local_files);
    mysql_options(handle_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (!url_.tls_ca.empty()) {
        const my_bool verify = 1;
        mysql_options(handle_, MYSQL_OPT_SSL_CA, url_.tls_ca.c_str());
        mysql_options(handle_, MYSQL_OPT_SSL_ENFORCE, &verify);
        mysql_options(handle_, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
    }
    const char* host = url_.host.empty() ? nullptr : url_.host.c_str();
    const char* socket = url_.socket.empty() ? nullptr : url_.socket.c_str();
    // CLIENT_FOUND_ROWS: an UPDATE counts the rows that it matched, as SQLite does.
    if (mysql_real_connect(handle_, host, url_.user.c_str(), url_.password.c_str(), database,
                           url_.port, socket, CLIENT_FOUND_ROWS) == nullptr) {
        return Failed(mysql_errno(handle_), mysql_error(handle_), {});
    }
    return {};
}

Result<void> MysqlSession::CreateDatabase() {
    MCH_CHECK(ConnectTo(nullptr));
    const std::string_view collation = IsMariadb() ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
    MCH_CHECK(
        Control(fmt::format("CREATE DATABASE IF NOT EXISTS {} CHARACTER SET utf8mb4 COLLATE {}",
                            url_.database, collation)));
    return ConnectTo(url_.database.c_str());
}

Result<void> MysqlSession::Connect() {
    fate_ = Fate::kGoesOn;
    auto connected = ConnectTo(url_.database.c_str());
    if (!connected && handle_ != nullptr && mysql_errno(handle_) == ER_BAD_DB_ERROR) {
        connected = CreateDatabase();
    }
    if (connected) connected = SetUp();
    if (!connected) Close();
    return connected;
}

Result<void> MysqlSession::SetUp() {
    const std::int64_t lock_seconds = SecondsUp(options_.lock_timeout_ms);
    MCH_CHECK(Control(fmt::format("SET NAMES utf8mb4 COLLATE {}",
                                  IsMariadb() ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin")));
    // Without autocommit a statement after a transaction that the server gave up commits nothing.
    MCH_CHECK(
        Control(fmt::format("SET SESSION sql_mode = '{}', time_zone = '+00:00', autocommit = 0,"
                            " innodb_lock_wait_timeout = {}, lock_wait_timeout = {}",
                            kSqlMode, lock_seconds, lock_seconds)));
    MCH_CHECK(Control(kind_ == SessionKind::kWrites
                          ? "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
                          : "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"));
    statement_ms_ = 0;
    return LimitStatements(options_.statement_timeout_ms);
}

Result<void> MysqlSession::LimitStatements(std::int64_t ms) {
    ms = std::clamp<std::int64_t>(ms, 1, options_.statement_timeout_ms);
    if (ms <= statement_ms_ && ms * 2 > statement_ms_) return {};
    MCH_CHECK(Control(
        IsMariadb() ? fmt::format("SET SESSION max_statement_time = {}.{:03}", ms / 1000, ms % 1000)
                    : fmt::format("SET SESSION max_execution_time = {}", ms)));
    statement_ms_ = ms;
    return {};
}

Result<void> MysqlSession::Begin(std::int64_t statement_ms) {
    const std::string_view begin = kind_ == SessionKind::kWrites
                                       ? "START TRANSACTION"
                                       : "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
    const auto start = [&]() -> Result<void> {
        fate_ = Fate::kGoesOn;
        MCH_CHECK(LimitStatements(statement_ms));
        return Control(begin);
    };
    if (handle_ != nullptr) {
        auto started = start();
        if (started || fate_ != Fate::kConnection) return started;
        // The server restarted, or closed a connection that was idle: nothing has run yet.
    }
    MCH_CHECK(Connect());
    return start();
}

void MysqlSession::Rollback() {
    if (handle_ == nullptr) return;
    if (fate_ == Fate::kConnection || !Control("ROLLBACK")) Close();
}

Result<void> MysqlSession::Control(std::string_view sql) {
    if (handle_ == nullptr) return Failed(CR_SERVER_GONE_ERROR, "not connected", sql);
    if (mysql_real_query(handle_, sql.data(), sql.size()) != 0) {
        return Failed(mysql_errno(handle_), mysql_error(handle_), sql);
    }
    if (mysql_field_count(handle_) != 0) mysql_free_result(mysql_store_result(handle_));
    return {};
}

Result<std::string> MysqlSession::Ask(std::string_view sql) {
    std::string answer;
    MCH_CHECK(Run(sql, {}, Fetch::kAll, [&](const db::Row& row) {
        answer = row.Text(0);
        return false;
    }));
    return answer;
}

Result<MysqlSession::StatementPtr> MysqlSession::Prepare(std::string_view sql) {
    StatementPtr statement(mysql_stmt_init(handle_));
    if (statement == nullptr) return Failed(CR_OUT_OF_MEMORY, "out of memory", sql);
    if (mysql_stmt_prepare(statement.get(), sql.data(), sql.size()) != 0) {
        return Failed(mysql_stmt_errno(statement.get()), mysql_stmt_error(statement.get()), sql);
    }
    return statement;
}

Result<MYSQL_STMT*> MysqlSession::Cache(std::string_view sql) {
    const auto found = by_text_.find(sql);
    if (found != by_text_.end()) {
        statements_.splice(statements_.begin(), statements_, found->second);
        return statements_.front().statement.get();
    }
    MCH_TRY(StatementPtr statement, Prepare(sql));
    statements_.push_front({.text = std::string(sql), .statement = std::move(statement)});
    by_text_.emplace(statements_.front().text, statements_.begin());
    if (statements_.size() > kCachedStatements) {
        by_text_.erase(statements_.back().text);
        statements_.pop_back();
    }
    return statements_.front().statement.get();
}

Result<std::int64_t> MysqlSession::Run(std::string_view sql, const db::Params& params, Fetch fetch,
                                       const std::function<bool(db::Row)>& each) {
    if (handle_ == nullptr) return Failed(CR_SERVER_GONE_ERROR, "not connected", sql);
    StatementPtr own;  // a cursor keeps its statement busy, so it is not from the cache
    MYSQL_STMT* statement = nullptr;
    if (fetch == Fetch::kCursor) {
        MCH_TRY(own, Prepare(sql));
        statement = own.get();
        const unsigned long cursor = CURSOR_TYPE_READ_ONLY;
        mysql_stmt_attr_set(statement, STMT_ATTR_CURSOR_TYPE, &cursor);
        mysql_stmt_attr_set(statement, STMT_ATTR_PREFETCH_ROWS, &kCursorRows);
    } else {
        MCH_TRY(statement, Cache(sql));
    }
    if (mysql_stmt_param_count(statement) != params.size()) {
        return Internal("db.failed", fmt::format("{} parameters given to: {}", params.size(),
                                                 sql.substr(0, 200)));
    }
    std::vector<MYSQL_BIND> binds = BindParameters(params);
    if ((!binds.empty() && mysql_stmt_bind_param(statement, binds.data()) != 0) ||
        mysql_stmt_execute(statement) != 0) {
        return Failed(mysql_stmt_errno(statement), mysql_stmt_error(statement), sql);
    }
    if (mysql_stmt_field_count(statement) != 0) {
        const FreeResult free(statement);
        if (fetch == Fetch::kAll && mysql_stmt_store_result(statement) != 0) {
            return Failed(mysql_stmt_errno(statement), mysql_stmt_error(statement), sql);
        }
        MCH_CHECK(ReadRows(statement, sql, each));
        return 0;
    }
    // The texts of Dialect: 1 for a row inserted or updated, 0 for one that InsertIgnore found.
    constexpr std::string_view kOnDuplicate = " ON DUPLICATE KEY UPDATE ";
    const auto changed = static_cast<std::int64_t>(mysql_stmt_affected_rows(statement));
    if (sql.find(kOnDuplicate) == std::string_view::npos) return changed;
    return mysql_stmt_insert_id(statement) == 1 ? 0 : std::min<std::int64_t>(changed, 1);
}

Result<void> MysqlSession::ReadRows(MYSQL_STMT* statement, std::string_view sql,
                                    const std::function<bool(db::Row)>& each) {
    const std::unique_ptr<MYSQL_RES, FreeMetadata> metadata(mysql_stmt_result_metadata(statement));
    if (metadata == nullptr) {
        return Failed(mysql_stmt_errno(statement), mysql_stmt_error(statement), sql);
    }
    ColumnBuffers columns(metadata.get());
    if (mysql_stmt_bind_result(statement, columns.binds()) != 0) {
        return Failed(mysql_stmt_errno(statement), mysql_stmt_error(statement), sql);
    }
    for (;;) {
        const int code = mysql_stmt_fetch(statement);
        if (code == MYSQL_NO_DATA) return {};
        std::vector<db::Value> values;
        // MYSQL_DATA_TRUNCATED is the normal case of a long text: Read fetches the rest.
        if ((code != 0 && code != MYSQL_DATA_TRUNCATED) || !columns.Read(statement, values)) {
            return Failed(mysql_stmt_errno(statement), mysql_stmt_error(statement), sql);
        }
        if (each && !each(db::Row(std::move(values)))) return {};
    }
}

}  // namespace mch::storage
