// One SQLite connection with its cache of prepared statements. Used by one thread at a time.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "mch/base/clock.h"
#include "mch/db/database.h"

namespace mch::storage {

enum class Access { kRead, kWrite };

class Connection {
  public:
    static Result<std::unique_ptr<Connection>> Open(const std::string& path, Access access,
                                                    const Clock& clock);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Until when statements may run, on the clock's monotonic scale, and how long one may wait for
    // a lock that a foreign program holds.
    void SetLimit(std::int64_t monotonic_ms, std::int64_t busy_ms);

    // Runs one statement; `each` gets its rows (false stops) and may be empty. Answers the rows
    // that it changed.
    Result<std::int64_t> Run(std::string_view sql, const db::Params& params,
                             const std::function<bool(db::Row)>& each);
    // Runs a statement of our own that has no rows to give: BEGIN, COMMIT, PRAGMA.
    Result<void> Control(const char* sql);

    bool InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }
    sqlite3* handle() const { return handle_; }

  private:
    struct Statement {
        std::string text;
        sqlite3_stmt* handle = nullptr;
        bool running = false;
    };
    class Use;

    Connection(sqlite3* handle, const Clock& clock) : handle_(handle), clock_(clock) {}
    static int OnProgress(void* self);
    Result<sqlite3_stmt*> Prepare(std::string_view sql, unsigned flags);
    // A cached statement that is not running, or a new one.
    Result<Use> Borrow(std::string_view sql);
    bool LimitPassed() const { return clock_.Monotonic() >= limit_; }
    Error LastError(int code, std::string_view sql);

    sqlite3* handle_;
    const Clock& clock_;
    std::int64_t limit_ = 0;
    // Most recently used first; the map's keys point into the list's texts.
    std::list<Statement> statements_;
    std::unordered_map<std::string_view, std::list<Statement>::iterator> by_text_;
};

}  // namespace mch::storage
