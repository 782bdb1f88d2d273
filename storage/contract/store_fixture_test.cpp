#include "store_fixture.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace mch::storage {

void StoreTest::SetUp() {
    static int count = 0;
    if (IsSqlite()) {
        std::string pattern = testing::TempDir() + "anlan-store-XXXXXX";
        ASSERT_NE(nullptr, mkdtemp(pattern.data()));
        folder_ = pattern;
        url_ = "sqlite:" + folder_ + "/test.db";
    } else {
        const char* server = std::getenv("ANLAN_TEST_MYSQL_URL");
        if (server == nullptr) GTEST_SKIP() << "ANLAN_TEST_MYSQL_URL is not set";
        // mysql://user@/NAME?...: this process's own database in place of NAME.
        const std::string given = server;
        const std::size_t slash = given.find('/', std::string_view("mysql://").size());
        const std::size_t query = std::min(given.find('?'), given.size());
        ASSERT_NE(std::string::npos, slash);
        url_ = fmt::format("{}/anlan_test_{}_{}{}", given.substr(0, slash), getpid(), ++count,
                           given.substr(query));
    }
    database_ = Open();
    ASSERT_NE(nullptr, database_);
}

void StoreTest::TearDown() {
    if (database_ && !IsSqlite()) {
        const std::size_t slash = url_.rfind('/', url_.find('?'));
        const std::string name = url_.substr(slash + 1, url_.find('?') - slash - 1);
        ASSERT_OK(Execute("DROP DATABASE " + name));
    }
    database_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
}

std::unique_ptr<db::Database> StoreTest::Open(std::int64_t lock_timeout_ms) const {
    db::DatabaseOptions options;
    options.url = url_;
    options.lock_timeout_ms = lock_timeout_ms;
    auto opened = OpenDatabase(options, clock_);
    if (!opened) {
        ADD_FAILURE() << opened.error().ToString();
        return nullptr;
    }
    return std::move(*opened);
}

Result<std::int64_t> StoreTest::Execute(std::string_view sql, const db::Params& params) {
    return database_->Write(Soon(), [&](db::Transaction& tx) { return tx.Execute(sql, params); });
}

Result<db::Rows> StoreTest::Query(std::string_view sql, const db::Params& params) {
    return database_->Read(Soon(), [&](db::Reader& reader) { return reader.Query(sql, params); });
}

std::int64_t StoreTest::Number(std::string_view sql, const db::Params& params) {
    const auto rows = Query(sql, params);
    if (!rows) {
        ADD_FAILURE() << rows.error().ToString();
        return -1;
    }
    return rows->at(0).Int(0);
}

pid_t StoreTest::StartProcess(const std::function<bool(db::Database&)>& work) {
    database_.reset();
    const pid_t pid = fork();
    if (pid != 0) {
        database_ = Open();
        return pid;
    }
    const auto database = Open();
    _exit(database != nullptr && work(*database) ? 0 : 1);
}

int StoreTest::Join(pid_t pid) {
    int status = 0;
    EXPECT_EQ(pid, waitpid(pid, &status, 0));
    return status;
}

void StoreTest::InProcess(const std::function<bool(db::Database&)>& work, End end) {
    const int status = Join(StartProcess(work));
    if (end == End::kKilled) {
        EXPECT_TRUE(WIFSIGNALED(status));
        EXPECT_EQ(SIGKILL, WTERMSIG(status));
    } else {
        EXPECT_EQ(0, status);
    }
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreTest,
                         testing::Values(db::Engine::kSqlite, db::Engine::kMysql), EngineName);

}  // namespace mch::storage
