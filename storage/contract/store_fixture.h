// The fixture of the contract tests: a fresh database of each engine.
//
// MariaDB is the server of ANLAN_TEST_MYSQL_URL (tools/mariadb_test_server.sh prints it); without
// the variable its tests are skipped.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "mch/db/database.h"
#include "storage/open.h"

namespace mch::storage {

// Checks of a Result; a failing one prints the error.
template <typename T>
testing::AssertionResult IsOk(const Result<T>& result) {
    if (result) return testing::AssertionSuccess();
    return testing::AssertionFailure() << result.error().ToString();
}
template <typename T>
testing::AssertionResult HasCode(std::string_view code, const Result<T>& result) {
    if (result) return testing::AssertionFailure() << "no error";
    if (result.error().code() == code) return testing::AssertionSuccess();
    return testing::AssertionFailure() << result.error().ToString();
}
#define ASSERT_OK(...) ASSERT_TRUE(IsOk(__VA_ARGS__))
#define EXPECT_CODE(code, ...) EXPECT_TRUE(HasCode(code, __VA_ARGS__))

inline std::string EngineName(const testing::TestParamInfo<db::Engine>& tested) {
    return tested.param == db::Engine::kSqlite ? "Sqlite" : "Mariadb";
}

class StoreTest : public testing::TestWithParam<db::Engine> {
  protected:
    void SetUp() override;
    void TearDown() override;

    bool IsSqlite() const { return GetParam() == db::Engine::kSqlite; }
    // The database of this test, opened once more; for second processes and other limits.
    std::unique_ptr<db::Database> Open(std::int64_t lock_timeout_ms = 5000) const;
    Deadline Soon(std::int64_t budget_ms = 20'000) const { return Deadline(clock_, budget_ms); }

    // One statement in its own transaction.
    Result<std::int64_t> Execute(std::string_view sql, const db::Params& params = {});
    Result<db::Rows> Query(std::string_view sql, const db::Params& params = {});
    // The single number that a query gives; -1 and a failed test on an error.
    std::int64_t Number(std::string_view sql, const db::Params& params = {});
    // Runs `work` in a forked process with its own database; it must answer true, or with kKilled
    // end by SIGKILL. Reopens database_, because it must not be open across the fork.
    enum class End { kNormal, kKilled };
    void InProcess(const std::function<bool(db::Database&)>& work, End end = End::kNormal);
    // Starts one without waiting; Join waits for it.
    pid_t StartProcess(const std::function<bool(db::Database&)>& work);
    static int Join(pid_t pid);

    SystemClock clock_;
    std::string folder_;
    std::string url_;
    std::unique_ptr<db::Database> database_;
};

}  // namespace mch::storage
