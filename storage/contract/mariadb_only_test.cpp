// What only MariaDB has: deadlocks, connections that are lost, and the settings of its server.
#include <atomic>
#include <thread>

#include "store_fixture.h"

namespace mch::storage {
namespace {

constexpr std::string_view kAdd = "UPDATE counter SET amount = amount + ? WHERE id = ?";
constexpr std::string_view kAmount = "SELECT amount FROM counter WHERE id = ?";

class MariadbTest : public StoreTest {
  protected:
    void SetUp() override {
        StoreTest::SetUp();
        if (!database_) return;
        ASSERT_OK(
            Execute("CREATE TABLE counter (id BIGINT NOT NULL PRIMARY KEY,"
                    " amount BIGINT NOT NULL)"));
        ASSERT_OK(Execute("INSERT INTO counter (id, amount) VALUES (1, 0), (2, 0)"));
    }
    // Ends the connection with this id from another one, as an administrator or a crash would.
    void Kill(std::int64_t connection) {
        const auto other = Open();
        ASSERT_NE(nullptr, other);
        ASSERT_OK(other->Write(Soon(), [&](db::Transaction& tx) {
            return tx.Execute("KILL CONNECTION " + std::to_string(connection));
        }));
    }
    static Result<std::int64_t> ConnectionOf(db::Reader& reader) {
        MCH_TRY(const db::Row row, reader.QueryOne("SELECT CONNECTION_ID()", {}, "test.none"));
        return row.Int(0);
    }
};

TEST_P(MariadbTest, RetriesADeadlockedUseCase) {
    // Two transactions take the same two rows in opposite order; the flags make sure that each
    // holds its first row before it asks for the second. One of them dies and runs again.
    std::atomic<int> holding{0};
    std::atomic<int> runs{0};
    const auto work = [&](int first, int second) {
        const auto done = database_->Write(Soon(60'000), [&](db::Transaction& tx) -> Result<void> {
            ++runs;
            MCH_CHECK(tx.Execute(kAdd, {1, first}));
            ++holding;
            while (holding < 2) std::this_thread::yield();
            MCH_CHECK(tx.Execute(kAdd, {1, second}));
            return {};
        });
        EXPECT_TRUE(IsOk(done));
    };
    {
        std::jthread other([&] { work(2, 1); });
        work(1, 2);
    }
    EXPECT_EQ(3, runs);
    EXPECT_EQ(2, Number(kAmount, {1}));
    EXPECT_EQ(2, Number(kAmount, {2}));
}

TEST_P(MariadbTest, RunsAgainWhenTheConnectionIsLostBeforeCommit) {
    int runs = 0;
    int committed = 0;
    ASSERT_OK(database_->Write(Soon(), [&](db::Transaction& tx) -> Result<void> {
        tx.AfterCommit([&] { ++committed; });
        MCH_CHECK(tx.Execute(kAdd, {1, 1}));
        if (++runs == 1) {
            MCH_TRY(const std::int64_t connection, ConnectionOf(tx));
            Kill(connection);
        }
        MCH_CHECK(tx.Execute(kAdd, {1, 1}));
        return {};
    }));
    EXPECT_EQ(2, runs);
    EXPECT_EQ(1, committed);
    EXPECT_EQ(2, Number(kAmount, {1}));
}

TEST_P(MariadbTest, DoesNotRepeatACommitOfUnknownResult) {
    int runs = 0;
    const auto answer = database_->Write(Soon(), [&](db::Transaction& tx) -> Result<void> {
        ++runs;
        MCH_CHECK(tx.Execute(kAdd, {1, 1}));
        MCH_TRY(const std::int64_t connection, ConnectionOf(tx));
        Kill(connection);  // the next thing sent is COMMIT
        return {};
    });
    EXPECT_CODE("db.commit_unknown", answer);
    EXPECT_EQ(ErrorKind::kUnavailable, answer.error().kind());
    EXPECT_EQ(1, runs);
    ASSERT_OK(Execute(kAdd, {5, 2}));
    EXPECT_EQ(5, Number(kAmount, {2}));
}

TEST_P(MariadbTest, ReconnectsWhenTheServerClosedIdleConnections) {
    const auto read = database_->Read(Soon(), ConnectionOf);
    const auto written = database_->Write(
        Soon(), [](db::Transaction& tx) -> Result<std::int64_t> { return ConnectionOf(tx); });
    ASSERT_OK(read);
    ASSERT_OK(written);
    Kill(*read);
    Kill(*written);
    EXPECT_EQ(0, Number(kAmount, {1}));
    ASSERT_OK(Execute(kAdd, {1, 1}));
    EXPECT_EQ(1, Number(kAmount, {1}));
}

TEST_P(MariadbTest, CommitsNothingAfterAHiddenDeadlock) {
    // The use case looks away from its error and goes on: nothing of it may be stored in pieces.
    std::atomic<int> holding{0};
    std::atomic<int> hidden{0};
    const auto work = [&](int first, int second) {
        const auto done = database_->Write(Soon(60'000), [&](db::Transaction& tx) -> Result<void> {
            MCH_CHECK(tx.Execute(kAdd, {1, first}));
            ++holding;
            while (holding < 2) std::this_thread::yield();
            if (!tx.Execute(kAdd, {1, second})) {
                ++hidden;
                EXPECT_CODE("db.busy", tx.Execute(kAdd, {100, first}));
            }
            return {};
        });
        EXPECT_TRUE(IsOk(done));
    };
    {
        std::jthread other([&] { work(2, 1); });
        work(1, 2);
    }
    EXPECT_EQ(1, hidden);
    EXPECT_EQ(2, Number(kAmount, {1}));
    EXPECT_EQ(2, Number(kAmount, {2}));
}

TEST_P(MariadbTest, SetsUpItsSessions) {
    const auto settings = [](db::Reader& reader) {
        return reader.QueryOne(
            "SELECT @@tx_isolation, @@collation_connection, @@collation_database,"
            " @@time_zone, @@autocommit, @@sql_mode LIKE '%STRICT_ALL_TABLES%',"
            " @@max_statement_time > 0, @@innodb_lock_wait_timeout",
            {}, "test.none");
    };
    const auto read = database_->Read(Soon(), settings);
    const auto written = database_->Write(Soon(), settings);
    ASSERT_OK(read);
    ASSERT_OK(written);
    EXPECT_EQ("REPEATABLE-READ", read->Text(0));
    EXPECT_EQ("READ-COMMITTED", written->Text(0));
    for (const db::Row& row : {*read, *written}) {
        EXPECT_EQ("utf8mb4_nopad_bin", row.Text(1));
        EXPECT_EQ("utf8mb4_nopad_bin", row.Text(2));
        EXPECT_EQ("+00:00", row.Text(3));
        EXPECT_EQ(0, row.Int(4));
        EXPECT_EQ(1, row.Int(5));
        EXPECT_EQ(1, row.Int(6));
        EXPECT_EQ(5, row.Int(7));
    }
    EXPECT_EQ(std::string::npos, database_->Describe().find("socket"));
    EXPECT_CODE("db.backup_unsupported", database_->Backup("/tmp/x"));
    ASSERT_OK(database_->Checkpoint(Soon()));
}

TEST_P(MariadbTest, ReportsAServerThatIsNotThere) {
    db::DatabaseOptions options;
    options.url = "mysql://nobody@/anlan_test?socket=/tmp/absent-socket";
    const auto opened = OpenDatabase(options, clock_);
    EXPECT_CODE("db.unavailable", opened);
    EXPECT_EQ(ErrorKind::kUnavailable, opened.error().kind());
}

INSTANTIATE_TEST_SUITE_P(Only, MariadbTest, testing::Values(db::Engine::kMysql), EngineName);

}  // namespace
}  // namespace mch::storage
