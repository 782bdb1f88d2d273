#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "mch/base/text.h"
#include "mch/db/fault.h"
#include "mch/db/pool.h"
#include "session.h"
#include "storage/mysql.h"

namespace mch::storage {
namespace {

constexpr std::int64_t kReadLimitMs = 5000;
constexpr int kDeadlockRuns = 8;
constexpr int kLockWaitRuns = 2;
constexpr int kConnectionRuns = 3;

// Ends the transaction of a session unless it was committed.
class OpenTransaction {
  public:
    explicit OpenTransaction(MysqlSession& session) : session_(&session) {}
    OpenTransaction(const OpenTransaction&) = delete;
    OpenTransaction& operator=(const OpenTransaction&) = delete;
    ~OpenTransaction() {
        if (session_ != nullptr) session_->Rollback();
    }
    void Committed() { session_ = nullptr; }

  private:
    MysqlSession* session_;
};

class MysqlTransaction final : public db::Transaction {
  public:
    MysqlTransaction(MysqlSession& session, const db::Dialect& dialect, const Deadline& deadline)
        : session_(session), dialect_(dialect), deadline_(deadline) {}

    Result<db::Rows> Query(std::string_view sql, const db::Params& params) override {
        MCH_CHECK(BeforeStatement());
        db::Rows rows;
        MCH_CHECK(session_.Run(sql, params, Fetch::kAll, [&](db::Row row) {
            rows.push_back(std::move(row));
            return true;
        }));
        return rows;
    }
    Result<void> Each(std::string_view sql, const db::Params& params,
                      const std::function<bool(const db::Row&)>& each) override {
        MCH_CHECK(BeforeStatement());
        bool late = false;
        MCH_CHECK(session_.Run(sql, params, Fetch::kCursor, [&](const db::Row& row) {
            late = deadline_.Passed();
            return !late && each(row);
        }));
        if (late)
            return Error(ErrorKind::kTimeout, "db.timeout", "no time left while reading rows");
        return {};
    }
    Result<std::int64_t> Execute(std::string_view sql, const db::Params& params) override {
        MCH_CHECK(BeforeStatement());
        // DDL is not worth a prepared statement, and some of it cannot be one.
        if (!params.empty()) return session_.Run(sql, params, Fetch::kAll, nullptr);
        MCH_CHECK(session_.Control(sql));
        return session_.AffectedRows();
    }
    void AfterCommit(std::function<void()> action) override {
        after_commit_.push_back(std::move(action));
    }
    void BeforeCommit(std::function<Result<void>(db::Transaction&)> action) override {
        before_commit_.push_back(std::move(action));
    }
    const db::Dialect& dialect() const override { return dialect_; }

    Result<void> RunBeforeCommit() {
        // By index: an action may add another.
        for (std::size_t i = 0; i < before_commit_.size(); ++i) {
            const auto action = std::move(before_commit_[i]);
            MCH_CHECK(action(*this));
        }
        return {};
    }
    std::vector<std::function<void()>> TakeAfterCommit() { return std::move(after_commit_); }

  private:
    Result<void> BeforeStatement() {
        if (session_.fate() != Fate::kGoesOn) {
            return Error(ErrorKind::kUnavailable, "db.busy",
                         "the transaction was given up at an earlier statement");
        }
        if (deadline_.Passed()) {
            return Error(ErrorKind::kTimeout, "db.timeout", "no time left before a statement");
        }
        return session_.LimitStatements(deadline_.RemainingMs());
    }

    MysqlSession& session_;
    const db::Dialect& dialect_;
    const Deadline& deadline_;
    std::vector<std::function<Result<void>(db::Transaction&)>> before_commit_;
    std::vector<std::function<void()>> after_commit_;
};

// Waits a little, differently in each thread, so that those who met do not meet again.
void BackOff(int run, const Deadline& deadline) {
    thread_local std::minstd_rand random(std::random_device{}());
    const std::int64_t most = std::min<std::int64_t>(5 * run, deadline.RemainingMs());
    std::uniform_int_distribution<std::int64_t> pause(0, most * 1000);
    std::this_thread::sleep_for(std::chrono::microseconds(pause(random)));
}

int RunsAllowed(Fate fate) {
    switch (fate) {
        case Fate::kGoesOn:
            return 1;
        case Fate::kDeadlock:
            return kDeadlockRuns;
        case Fate::kLockWait:
            return kLockWaitRuns;
        case Fate::kConnection:
            return kConnectionRuns;
    }
    return 1;
}

class MysqlDatabase final : public db::Database {
  public:
    MysqlDatabase(MysqlUrl url, const db::DatabaseOptions& options, const Clock& clock)
        : url_(std::move(url)), options_(options), clock_(clock) {}

    ~MysqlDatabase() override {
        if (getpid() == owner_) return;
        // In a forked child closing would say goodbye to the server in the parent's name.
        readers_.Abandon();
        writers_.Abandon();
    }

    // Connects the first writer, so that a wrong address or account shows at start. The other
    // sessions connect at their first use.
    Result<void> Open();

    const db::Dialect& dialect() const override { return dialect_; }
    std::string Describe() const override { return description_; }
    Result<void> Backup(const std::string&) override {
        return Error(ErrorKind::kUnsupported, "db.backup_unsupported",
                     "use mariadb-backup, or mariadb-dump --single-transaction, on the server");
    }
    Result<void> Checkpoint(const Deadline&) override { return {}; }

  protected:
    Result<void> DoRead(const Deadline& deadline,
                        const std::function<Result<void>(db::Reader&)>& body) override;
    Result<void> DoWrite(const Deadline& deadline,
                         const std::function<Result<void>(db::Transaction&)>& body) override;

  private:
    Result<void> CheckServer(MysqlSession& session);
    Result<void> WriteOnce(const Deadline& deadline,
                           const std::function<Result<void>(db::Transaction&)>& body, Fate* fate);

    const MysqlUrl url_;
    const db::DatabaseOptions options_;
    const Clock& clock_;
    const db::Dialect dialect_{db::Engine::kMysql};
    const pid_t owner_ = getpid();
    std::string description_;
    db::Pool<MysqlSession> readers_;
    db::Pool<MysqlSession> writers_;
};

Result<void> MysqlDatabase::Open() {
    auto first = std::make_unique<MysqlSession>(url_, options_, SessionKind::kWrites);
    MCH_CHECK(first->Connect());
    MCH_CHECK(CheckServer(*first));
    description_ = fmt::format("{} {}, database {}", first->IsMariadb() ? "MariaDB" : "MySQL",
                               first->ServerVersion(), url_.database);
    for (int i = 1; i < std::max(options_.writers, 1); ++i) {
        writers_.Add(std::make_unique<MysqlSession>(url_, options_, SessionKind::kWrites));
    }
    writers_.Add(std::move(first));
    for (int i = 0; i < std::max(options_.readers, 1); ++i) {
        readers_.Add(std::make_unique<MysqlSession>(url_, options_, SessionKind::kReads));
    }
    return {};
}

Result<void> MysqlDatabase::CheckServer(MysqlSession& session) {
    MCH_TRY(const std::string flush, session.Ask("SELECT @@innodb_flush_log_at_trx_commit"));
    if (flush != "1" && !url_.relaxed_durability) {
        return Error(ErrorKind::kUnavailable, "db.not_durable",
                     "innodb_flush_log_at_trx_commit is " + flush +
                         ": set it to 1, or say relaxed_durability=1 in the URL");
    }
    const std::string wanted = session.IsMariadb() ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
    MCH_TRY(const std::string collation, session.Ask("SELECT @@collation_database"));
    if (collation != wanted) {
        const auto altered = session.Control(fmt::format(
            "ALTER DATABASE {} CHARACTER SET utf8mb4 COLLATE {}", url_.database, wanted));
        if (!altered) {
            return Error(ErrorKind::kUnavailable, "db.collation",
                         fmt::format("the database has collation {}, not {}: {}", collation, wanted,
                                     altered.error().detail()));
        }
    }
    session.Rollback();
    return {};
}

Result<void> MysqlDatabase::DoRead(const Deadline& deadline,
                                   const std::function<Result<void>(db::Reader&)>& body) {
    MCH_ASSERT(getpid() == owner_);  // no connection crosses a fork
    MCH_TRY(auto session, readers_.Take(deadline, options_.lock_timeout_ms));
    const Deadline limit(clock_, std::min(kReadLimitMs, deadline.RemainingMs()));
    const OpenTransaction end(*session);
    MCH_CHECK(session->Begin(limit.RemainingMs()));
    MysqlTransaction reader(*session, dialect_, limit);
    return body(reader);
}

Result<void> MysqlDatabase::DoWrite(const Deadline& deadline,
                                    const std::function<Result<void>(db::Transaction&)>& body) {
    MCH_ASSERT(getpid() == owner_);
    for (int run = 1;; ++run) {
        Fate fate = Fate::kGoesOn;
        auto done = WriteOnce(deadline, body, &fate);
        if (run >= RunsAllowed(fate)) return done;
        if (deadline.Passed()) {
            return Error(ErrorKind::kTimeout, "db.timeout", "no time left to run again");
        }
        BackOff(run, deadline);
    }
}

// `fate` says whether the whole may run again; it is kGoesOn when it must not.
Result<void> MysqlDatabase::WriteOnce(const Deadline& deadline,
                                      const std::function<Result<void>(db::Transaction&)>& body,
                                      Fate* fate) {
    std::vector<std::function<void()>> after_commit;
    {
        MCH_TRY(auto session, writers_.Take(deadline, options_.lock_timeout_ms));
        OpenTransaction open(*session);
        MCH_CHECK(session->Begin(deadline.RemainingMs()));
        MysqlTransaction tx(*session, dialect_, deadline);
        auto done = body(tx);
        if (done) done = tx.RunBeforeCommit();
        // Also when the use case hid the error: its transaction does not exist any more.
        *fate = session->fate();
        if (*fate != Fate::kGoesOn && done) {
            done = Error(ErrorKind::kUnavailable, "db.busy", "the transaction was given up");
        }
        if (!done) return done;
        db::FaultPoint("db.before_commit");
        const auto committed = session->Commit();
        if (!committed) {
            const bool answered = session->fate() == Fate::kDeadlock;
            *fate = answered ? Fate::kDeadlock : Fate::kGoesOn;
            if (answered) return committed;
            session->Close();
            return Error(ErrorKind::kUnavailable, "db.commit_unknown", committed.error().detail());
        }
        open.Committed();
        db::FaultPoint("db.after_commit");
        after_commit = tx.TakeAfterCommit();
    }
    for (const auto& action : after_commit) action();
    return {};
}

// Secrets come from a file that only the service can read, or from the configuration's environment.
Result<std::string> ReadPassword(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line)) {
        return Error(ErrorKind::kUnavailable, "db.unavailable", "cannot read " + path);
    }
    return line;
}

}  // namespace

Result<std::unique_ptr<db::Database>> OpenMysql(const db::DatabaseOptions& options,
                                                const Clock& clock) {
    static std::once_flag initialised;
    std::call_once(initialised, [] { MCH_ASSERT(mysql_library_init(0, nullptr, nullptr) == 0); });
    MCH_TRY(MysqlUrl url, ParseMysqlUrl(options.url));
    if (!url.password_file.empty()) {
        MCH_TRY(url.password, ReadPassword(url.password_file));
    }
    auto database = std::make_unique<MysqlDatabase>(std::move(url), options, clock);
    MCH_CHECK(database->Open());
    return std::unique_ptr<db::Database>(std::move(database));
}

}  // namespace mch::storage
