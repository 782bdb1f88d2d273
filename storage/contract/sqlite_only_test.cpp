// What only SQLite has: one file, its backup, its log, and limits of a read.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "store_fixture.h"

namespace mch::storage {
namespace {

namespace fs = std::filesystem;

class SqliteTest : public StoreTest {
  protected:
    void SetUp() override {
        StoreTest::SetUp();
        ASSERT_OK(Execute("CREATE TABLE sample (id BIGINT NOT NULL PRIMARY KEY, words TEXT)"));
    }
    std::string Path(const char* name) const { return folder_ + "/" + name; }
    void Fill(int rows) {
        ASSERT_OK(database_->Write(Soon(), [&](db::Transaction& tx) -> Result<void> {
            for (int id = 1; id <= rows; ++id) {
                MCH_CHECK(tx.Execute("INSERT INTO sample (id, words) VALUES (?, ?)",
                                     {id, std::string(100, 'w')}));
            }
            return {};
        }));
    }
};

TEST_P(SqliteTest, KeepsItsSettingsOnEveryConnection) {
    const struct {
        const char* pragma;
        const char* value;
    } settings[] = {{"PRAGMA journal_mode", "wal"},     {"PRAGMA synchronous", "2"},
                    {"PRAGMA foreign_keys", "1"},       {"PRAGMA recursive_triggers", "1"},
                    {"PRAGMA wal_autocheckpoint", "0"}, {"PRAGMA trusted_schema", "0"}};
    for (const auto& setting : settings) {
        const auto read = Query(setting.pragma);
        ASSERT_OK(read);
        EXPECT_EQ(setting.value, read->at(0).Text(0)) << setting.pragma;
        const auto written =
            database_->Write(Soon(), [&](db::Transaction& tx) { return tx.Query(setting.pragma); });
        ASSERT_OK(written);
        EXPECT_EQ(setting.value, written->at(0).Text(0)) << setting.pragma;
    }
}

TEST_P(SqliteTest, BacksUpACopyThatIsEqual) {
    Fill(1000);
    ASSERT_OK(database_->Backup(Path("copy.db")));
    Fill(0);
    struct stat status = {};
    ASSERT_EQ(0, stat(Path("copy.db").c_str(), &status));
    EXPECT_EQ(0600u, status.st_mode & 0777);

    const auto all = [this](db::Database& database) {
        return database.Read(Soon(), [](db::Reader& reader) -> Result<std::string> {
            MCH_TRY(const db::Row row,
                    reader.QueryOne("SELECT GROUP_CONCAT(id || words) FROM (SELECT id, words FROM"
                                    " sample ORDER BY id)",
                                    {}, "sample.none"));
            return row.Text(0);
        });
    };
    db::DatabaseOptions options;
    options.url = "sqlite:" + Path("copy.db");
    auto copy = OpenDatabase(options, clock_);
    ASSERT_OK(copy);
    const auto original_rows = all(*database_);
    const auto copy_rows = all(**copy);
    ASSERT_OK(original_rows);
    ASSERT_OK(copy_rows);
    EXPECT_FALSE(original_rows->empty());
    EXPECT_EQ(*original_rows, *copy_rows);

    EXPECT_CODE("db.backup_exists", database_->Backup(Path("copy.db")));
    EXPECT_CODE("db.unavailable", database_->Backup(Path("absent/copy.db")));
    for (const auto& entry : fs::directory_iterator(folder_)) {
        EXPECT_EQ(std::string::npos, entry.path().string().find(".part-")) << entry.path();
    }
}

TEST_P(SqliteTest, UsesTheLogAgainAfterACheckpointOnly) {
    const auto log_size = [this] { return fs::file_size(Path("test.db-wal")); };
    Fill(2000);
    const auto size = log_size();
    EXPECT_GT(size, 200'000u);
    ASSERT_OK(Execute("DELETE FROM sample"));
    const auto grown = log_size();
    EXPECT_GT(grown, size);
    ASSERT_OK(database_->Checkpoint(Soon()));
    Fill(1000);
    EXPECT_EQ(grown, log_size());
    EXPECT_EQ(1000, Number("SELECT COUNT(*) FROM sample"));
}

TEST_P(SqliteTest, LeavesTheLogToAReaderThatNeedsIt) {
    Fill(10);
    ASSERT_OK(database_->Read(Soon(), [&](db::Reader& reader) -> Result<void> {
        MCH_CHECK(reader.Query("SELECT COUNT(*) FROM sample"));
        MCH_CHECK(Execute("INSERT INTO sample (id, words) VALUES (11, '')"));
        EXPECT_CODE("db.busy", database_->Checkpoint(Soon()));
        MCH_TRY(const db::Rows rows, reader.Query("SELECT COUNT(*) FROM sample"));
        EXPECT_EQ(10, rows[0].Int(0));
        return {};
    }));
    ASSERT_OK(database_->Checkpoint(Soon()));
    EXPECT_EQ(11, Number("SELECT COUNT(*) FROM sample"));
}

TEST_P(SqliteTest, EndsAReadAfterFiveSeconds) {
    Fill(10);
    ManualClock clock(0);
    db::DatabaseOptions options;
    options.url = url_;
    auto database = OpenDatabase(options, clock);
    ASSERT_OK(database);
    int rows = 0;
    EXPECT_CODE("db.timeout", (*database)->Read(Deadline(clock, 60'000), [&](db::Reader& reader) {
        return reader.Each("SELECT id FROM sample", {}, [&](const db::Row&) {
            clock.Advance(2000);
            ++rows;
            return true;
        });
    }));
    EXPECT_EQ(3, rows);
    EXPECT_CODE("db.timeout", (*database)->Read(Deadline(clock, 60'000), [&](db::Reader& reader) {
        clock.Advance(5001);
        return reader.Query("SELECT id FROM sample");
    }));
}

TEST_P(SqliteTest, RefusesUrlsAndPlacesThatItCannotOpen) {
    const struct {
        std::string url;
        const char* code;
    } cases[] = {{"sqlite:", "db.url"},
                 {"postgres://x", "db.url"},
                 {"sqlite:" + Path("absent/x.db"), "db.unavailable"}};
    for (const auto& c : cases) {
        db::DatabaseOptions options;
        options.url = c.url;
        EXPECT_CODE(c.code, OpenDatabase(options, clock_));
    }
    std::ofstream(Path("broken.db")) << std::string(4096, 'x');
    db::DatabaseOptions options;
    options.url = "sqlite:" + Path("broken.db");
    EXPECT_CODE("db.failed", OpenDatabase(options, clock_));
}

// As after a power cut: the file's content is of an earlier boot, and locked.
TEST_P(SqliteTest, StartsAnewWithALockOfAnEarlierBoot) {
    database_.reset();
    const std::string lock = Path("test.db-lock");
    ASSERT_TRUE(fs::exists(lock));
    std::fstream file(lock, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8);  // after the magic
    file << "00000000-0000-0000-0000-000000000000";
    const std::string garbage(40, '\x55');
    file.seekp(48);  // the mutex
    file << garbage;
    file.close();
    database_ = Open();
    ASSERT_NE(nullptr, database_);
    Fill(3);
    EXPECT_EQ(3, Number("SELECT COUNT(*) FROM sample"));
}

using SqliteDeathTest = SqliteTest;

TEST_P(SqliteDeathTest, RefusesAWriteInsideAWriteAndAFork) {
    EXPECT_DEATH((void)database_->Write(
                     Soon(), [&](db::Transaction&) { return Execute("DELETE FROM sample"); }),
                 "assertion failed");
    EXPECT_DEATH(
        {
            if (fork() == 0) (void)Execute("DELETE FROM sample");
            int status = 0;
            if (wait(&status) > 0 && WIFSIGNALED(status)) raise(WTERMSIG(status));
        },
        "assertion failed");
}

INSTANTIATE_TEST_SUITE_P(Only, SqliteDeathTest, testing::Values(db::Engine::kSqlite), EngineName);
INSTANTIATE_TEST_SUITE_P(Only, SqliteTest, testing::Values(db::Engine::kSqlite), EngineName);

}  // namespace
}  // namespace mch::storage
