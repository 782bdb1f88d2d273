// Atomicity, order of the hooks, isolation, deadlines, several threads and processes.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "mch/db/fault.h"
#include "store_fixture.h"

namespace mch::storage {
namespace {

constexpr std::string_view kTable =
    "CREATE TABLE counter (id BIGINT NOT NULL PRIMARY KEY, amount BIGINT NOT NULL)";
constexpr std::string_view kAdd = "UPDATE counter SET amount = amount + ? WHERE id = ?";
constexpr std::string_view kAmount = "SELECT amount FROM counter WHERE id = ?";

class StoreTransactionTest : public StoreTest {
  protected:
    void SetUp() override {
        StoreTest::SetUp();
        if (!database_) return;
        ASSERT_OK(Execute(kTable));
        ASSERT_OK(Execute("INSERT INTO counter (id, amount) VALUES (1, 0)"));
        ASSERT_OK(Execute("INSERT INTO counter (id, amount) VALUES (2, 0)"));
    }
    // Adds by read and write, so that a lost update would show.
    static Result<void> AddOne(db::Database& database, const Deadline& deadline) {
        return database.Write(deadline, [](db::Transaction& tx) -> Result<void> {
            const std::string read = std::string(kAmount) + tx.dialect().ForUpdate();
            MCH_TRY(const db::Row row, tx.QueryOne(read, {1}, "counter.not_found"));
            MCH_CHECK(tx.Execute("UPDATE counter SET amount = ? WHERE id = 1", {row.Int(0) + 1}));
            return {};
        });
    }
};

TEST_P(StoreTransactionTest, RollsBackOnAnError) {
    std::vector<std::string> calls;
    const auto answer = database_->Write(Soon(), [&](db::Transaction& tx) -> Result<int> {
        tx.AfterCommit([&] { calls.push_back("after"); });
        tx.BeforeCommit([&](db::Transaction&) -> Result<void> {
            calls.push_back("before");
            return {};
        });
        MCH_CHECK(tx.Execute(kAdd, {5, 1}));
        return Conflict("counter.full");
    });
    EXPECT_CODE("counter.full", answer);
    EXPECT_TRUE(calls.empty());
    EXPECT_EQ(0, Number(kAmount, {1}));
}

TEST_P(StoreTransactionTest, GoesOnAfterARefusedStatement) {
    ASSERT_OK(database_->Write(Soon(), [&](db::Transaction& tx) -> Result<void> {
        EXPECT_CODE("db.unique", tx.Execute("INSERT INTO counter (id, amount) VALUES (1, 9)"));
        MCH_CHECK(tx.Execute(kAdd, {5, 1}));
        return {};
    }));
    EXPECT_EQ(5, Number(kAmount, {1}));
}

TEST_P(StoreTransactionTest, RunsHooksInOrder) {
    std::vector<std::string> calls;
    ASSERT_OK(database_->Write(Soon(), [&](db::Transaction& tx) -> Result<void> {
        tx.AfterCommit([&] {
            calls.push_back("after");
            EXPECT_EQ(8, Number(kAmount, {1}));
        });
        tx.BeforeCommit([&](db::Transaction& inner) -> Result<void> {
            calls.push_back("first");
            MCH_CHECK(inner.Execute(kAdd, {1, 1}));
            inner.BeforeCommit([&](db::Transaction& last) -> Result<void> {
                calls.push_back("added");
                MCH_CHECK(last.Execute(kAdd, {2, 1}));
                return {};
            });
            return {};
        });
        tx.BeforeCommit([&](db::Transaction&) -> Result<void> {
            calls.push_back("second");
            return {};
        });
        calls.push_back("body");
        MCH_CHECK(tx.Execute(kAdd, {5, 1}));
        return {};
    }));
    EXPECT_EQ((std::vector<std::string>{"body", "first", "second", "added", "after"}), calls);
}

TEST_P(StoreTransactionTest, RollsBackWhenABeforeCommitHookFails) {
    const auto answer = database_->Write(Soon(), [&](db::Transaction& tx) -> Result<void> {
        tx.BeforeCommit([](db::Transaction&) -> Result<void> { return Internal("audit.failed"); });
        MCH_CHECK(tx.Execute(kAdd, {5, 1}));
        return {};
    });
    EXPECT_CODE("audit.failed", answer);
    EXPECT_EQ(0, Number(kAmount, {1}));
}

TEST_P(StoreTransactionTest, RollsBackOnAnException) {
    EXPECT_THROW((void)database_->Write(Soon(),
                                        [&](db::Transaction& tx) -> Result<void> {
                                            MCH_CHECK(tx.Execute(kAdd, {5, 1}));
                                            throw std::runtime_error("bug");
                                        }),
                 std::runtime_error);
    EXPECT_EQ(0, Number(kAmount, {1}));
    ASSERT_OK(Execute(kAdd, {1, 1}));
    EXPECT_EQ(1, Number(kAmount, {1}));
}

TEST_P(StoreTransactionTest, ReadsOneSnapshot) {
    ASSERT_OK(database_->Read(Soon(), [&](db::Reader& reader) -> Result<void> {
        MCH_TRY(const db::Row first, reader.QueryOne(kAmount, {1}, "counter.not_found"));
        MCH_CHECK(Execute(kAdd, {1, 1}));
        MCH_CHECK(Execute(kAdd, {1, 2}));
        MCH_TRY(const db::Row again, reader.QueryOne(kAmount, {1}, "counter.not_found"));
        MCH_TRY(const db::Row other, reader.QueryOne(kAmount, {2}, "counter.not_found"));
        EXPECT_EQ(first.Int(0), again.Int(0));
        EXPECT_EQ(0, other.Int(0));
        return {};
    }));
    EXPECT_EQ(1, Number(kAmount, {2}));
}

TEST_P(StoreTransactionTest, RefusesWritesOfAReader) {
    EXPECT_CODE("db.failed", database_->Read(Soon(), [&](db::Reader& reader) {
        return reader.Query(kAdd, {1, 1});
    }));
    EXPECT_EQ(0, Number(kAmount, {1}));
}

TEST_P(StoreTransactionTest, LosesNoUpdateOfThreadsAndProcesses) {
    constexpr int kThreads = 8;
    constexpr int kRounds = 25;
    const auto work = [this](db::Database& database) {
        std::atomic<int> failed{0};
        std::vector<std::jthread> threads;
        for (int i = 0; i < kThreads; ++i) {
            threads.emplace_back([&] {
                for (int round = 0; round < kRounds; ++round) {
                    if (const auto done = AddOne(database, Soon(60'000)); !done) {
                        ADD_FAILURE() << done.error().ToString();
                        ++failed;
                    }
                }
            });
        }
        threads.clear();
        return failed == 0;
    };
    const pid_t first = StartProcess(work);
    const pid_t second = StartProcess(work);
    EXPECT_TRUE(work(*database_));
    EXPECT_EQ(0, Join(first));
    EXPECT_EQ(0, Join(second));
    EXPECT_EQ(3 * kThreads * kRounds, Number(kAmount, {1}));
}

TEST_P(StoreTransactionTest, GoesOnWhenAWriterIsKilled) {
    const auto killed_inside = [this](db::Database& database) {
        (void)database.Write(Soon(), [](db::Transaction& tx) -> Result<void> {
            MCH_CHECK(tx.Execute(kAdd, {100, 1}));
            raise(SIGKILL);
            return {};
        });
        return false;
    };
    for (int i = 1; i <= 3; ++i) {
        InProcess(killed_inside, End::kKilled);
        ASSERT_OK(AddOne(*database_, Soon()));
        EXPECT_EQ(i, Number(kAmount, {1}));
    }
}

// A writer in another process that holds row 1 (SQLite: the write lock) until told to end.
class Holder {
  public:
    explicit Holder(const std::function<pid_t(const std::function<bool(db::Database&)>&)>& start,
                    const Clock& clock) {
        EXPECT_EQ(0, pipe(ready_));
        EXPECT_EQ(0, pipe(end_));
        pid_ = start([&](db::Database& database) {
            return database
                .Write(Deadline(clock, 60'000),
                       [&](db::Transaction& tx) -> Result<void> {
                           MCH_CHECK(tx.Execute(kAdd, {10, 1}));
                           char byte = 'r';
                           if (write(ready_[1], &byte, 1) != 1) return Internal("test.pipe");
                           if (read(end_[0], &byte, 1) != 1) return Internal("test.pipe");
                           return {};
                       })
                .has_value();
        });
        char byte = 0;
        EXPECT_EQ(1, read(ready_[0], &byte, 1));
    }
    void End() {
        char byte = 'e';
        EXPECT_EQ(1, write(end_[1], &byte, 1));
        int status = 0;
        EXPECT_EQ(pid_, waitpid(pid_, &status, 0));
        EXPECT_EQ(0, status);
    }

  private:
    int ready_[2] = {};
    int end_[2] = {};
    pid_t pid_ = 0;
};

TEST_P(StoreTransactionTest, StopsWaitingAtTheDeadline) {
    Holder holder([this](const auto& work) { return StartProcess(work); }, clock_);
    const std::int64_t start = clock_.Monotonic();
    const auto answer = AddOne(*database_, Soon(200));
    EXPECT_CODE("db.timeout", answer);
    EXPECT_EQ(ErrorKind::kTimeout, answer.error().kind());
    EXPECT_LT(clock_.Monotonic() - start, 5000);
    // Readers do not wait for it.
    EXPECT_EQ(0, Number(kAmount, {1}));
    holder.End();
    EXPECT_EQ(10, Number(kAmount, {1}));
    ASSERT_OK(AddOne(*database_, Soon()));
}

TEST_P(StoreTransactionTest, IsBusyWhenTheLockTimeoutIsShorter) {
    Holder holder([this](const auto& work) { return StartProcess(work); }, clock_);
    const auto impatient = Open(1000);  // whole seconds on MariaDB
    EXPECT_CODE("db.busy", AddOne(*impatient, Soon(60'000)));
    holder.End();
    ASSERT_OK(AddOne(*impatient, Soon()));
    EXPECT_EQ(11, Number(kAmount, {1}));
}

TEST_P(StoreTransactionTest, StopsAStatementAtTheDeadline) {
    constexpr std::string_view kLong =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)"
        " SELECT COUNT(*) FROM n a, n b, n c, n d WHERE a.i + b.i + c.i + d.i = 7";
    const std::int64_t start = clock_.Monotonic();
    EXPECT_CODE("db.timeout", database_->Read(Soon(300), [&](db::Reader& reader) {
        return reader.Query(kLong);
    }));
    EXPECT_CODE("db.timeout",
                database_->Write(Soon(300), [&](db::Transaction& tx) { return tx.Query(kLong); }));
    EXPECT_LT(clock_.Monotonic() - start, 5000);
    EXPECT_EQ(0, Number(kAmount, {1}));  // the connections are still good
    ASSERT_OK(AddOne(*database_, Soon()));
}

TEST_P(StoreTransactionTest, DiesAtANamedFaultPoint) {
    const struct {
        const char* plan;
        int added;  // what stays of two transactions
    } cases[] = {{"db.before_commit", 0},
                 {"db.after_commit", 1},
                 {"db.before_commit:2", 1},
                 {"db.after_commit:2", 2}};
    std::int64_t expected = 0;
    for (const auto& c : cases) {
        InProcess(
            [&](db::Database& database) {
                db::ProcessFaultPlan().Arm(c.plan);
                return AddOne(database, Soon()) && AddOne(database, Soon());
            },
            End::kKilled);
        expected += c.added;
        EXPECT_EQ(expected, Number(kAmount, {1})) << c.plan;
    }
    if (IsSqlite()) {
        InProcess(
            [&](db::Database& database) {
                db::ProcessFaultPlan().Arm("db.during_checkpoint");
                return database.Checkpoint(Soon()).has_value();
            },
            End::kKilled);
        EXPECT_EQ(expected, Number(kAmount, {1}));
        ASSERT_OK(database_->Checkpoint(Soon()));
    }
    ASSERT_OK(AddOne(*database_, Soon()));
    EXPECT_EQ(expected + 1, Number(kAmount, {1}));
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreTransactionTest,
                         testing::Values(db::Engine::kSqlite, db::Engine::kMysql), EngineName);

}  // namespace
}  // namespace mch::storage
