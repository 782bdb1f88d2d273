// One connection to MariaDB with its settings and its cache of prepared statements. Used by one
// thread at a time.
#pragma once

#include <mariadb/mysql.h>

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "errors.h"
#include "mch/db/database.h"
#include "url.h"

namespace mch::storage {

enum class SessionKind { kReads, kWrites };

// How the rows of a query come: all at once into memory, or a few at a time through a cursor of the
// server, so that other statements can run in between.
enum class Fetch { kAll, kCursor };

class MysqlSession {
  public:
    MysqlSession(const MysqlUrl& url, const db::DatabaseOptions& options, SessionKind kind)
        : url_(url), options_(options), kind_(kind) {}
    ~MysqlSession() { Close(); }
    MysqlSession(const MysqlSession&) = delete;
    MysqlSession& operator=(const MysqlSession&) = delete;

    // Connects and sets the session up; creates the database when it is absent.
    Result<void> Connect();
    // Starts a transaction, on a fresh connection when there is none or the old one has died.
    Result<void> Begin(std::int64_t statement_ms);
    Result<void> Commit() { return Control("COMMIT"); }
    // Drops the connection when even that fails: the server then rolls back.
    void Rollback();
    void Close();
    // Leaves the connection to the parent process.
    void Abandon();

    // Limits the time of the following statements; costs a round trip only when the limit has to
    // shrink by more than half or to grow.
    Result<void> LimitStatements(std::int64_t ms);

    // One statement with bound parameters. `each` gets its rows (false stops) and may be empty.
    // Answers the rows that it changed (matched).
    Result<std::int64_t> Run(std::string_view sql, const db::Params& params, Fetch fetch,
                             const std::function<bool(db::Row)>& each);
    // A statement without parameters and rows, not prepared: BEGIN, SET, DDL.
    Result<void> Control(std::string_view sql);
    std::int64_t AffectedRows() const {
        return static_cast<std::int64_t>(mysql_affected_rows(handle_));
    }
    // The first column of the first row, for our own questions to the server.
    Result<std::string> Ask(std::string_view sql);

    // What the statements since Begin did to the transaction.
    Fate fate() const { return fate_; }
    bool IsMariadb() const { return mariadb_connection(handle_) != 0; }
    std::string ServerVersion() const { return mysql_get_server_info(handle_); }

  private:
    struct CloseStatement {
        void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
    };
    using StatementPtr = std::unique_ptr<MYSQL_STMT, CloseStatement>;
    struct Cached {
        std::string text;
        StatementPtr statement;
    };

    Result<void> ConnectTo(const char* database);
    Result<void> CreateDatabase();
    Result<void> SetUp();
    Result<StatementPtr> Prepare(std::string_view sql);
    Result<MYSQL_STMT*> Cache(std::string_view sql);
    Result<void> ReadRows(MYSQL_STMT* statement, std::string_view sql,
                          const std::function<bool(db::Row)>& each);
    Error Failed(unsigned number, std::string_view message, std::string_view sql);

    const MysqlUrl& url_;
    const db::DatabaseOptions& options_;
    const SessionKind kind_;
    MYSQL* handle_ = nullptr;
    Fate fate_ = Fate::kGoesOn;
    std::int64_t statement_ms_ = 0;  // the server's present limit
    // Most recently used first; the map's keys point into the list's texts.
    std::list<Cached> statements_;
    std::unordered_map<std::string_view, std::list<Cached>::iterator> by_text_;
};

}  // namespace mch::storage
