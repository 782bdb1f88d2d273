// A fresh database of either engine for a module's test. Never linked into a program.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "storage/open.h"

namespace mch::storage {

// For INSTANTIATE_TEST_SUITE_P names.
inline std::string EngineName(const testing::TestParamInfo<db::Engine>& tested) {
    return tested.param == db::Engine::kSqlite ? "Sqlite" : "Mariadb";
}

// The database of one test, opened as often as it likes; dropped at the end.
class TestDatabase {
  public:
    // `folder` takes the SQLite file.
    TestDatabase(db::Engine engine, const std::string& folder) {
        if (engine == db::Engine::kSqlite) {
            url_ = "sqlite:" + folder + "/test.db";
            return;
        }
        // mysql://user@/NAME?...: an own database in place of NAME.
        const char* server = std::getenv("ANLAN_TEST_MYSQL_URL");
        if (server == nullptr || *server == 0) return;
        static int count = 0;
        const std::string given = server;
        const std::size_t slash = given.find('/', std::string("mysql://").size());
        const std::size_t query = std::min(given.find('?'), given.size());
        name_ = "anlan_module_" + std::to_string(getpid()) + "_" + std::to_string(++count);
        url_ = given.substr(0, slash + 1) + name_ + given.substr(query);
    }
    ~TestDatabase() {
        if (name_.empty()) return;
        const SystemClock clock;
        auto database = OpenDatabase({.url = url_}, clock);
        if (!database) return;
        const auto dropped = (*database)->Write(Deadline(clock, 20'000), [&](db::Transaction& tx) {
            return tx.Execute("DROP DATABASE " + name_);
        });
        EXPECT_TRUE(dropped);
    }
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    // False: this engine is not there (ANLAN_TEST_MYSQL_URL is not set) and the test skips.
    bool available() const { return !url_.empty(); }
    std::unique_ptr<db::Database> Open(const Clock& clock) const {
        auto opened = OpenDatabase({.url = url_}, clock);
        if (!opened) {
            ADD_FAILURE() << opened.error().ToString();
            return nullptr;
        }
        return std::move(*opened);
    }

  private:
    std::string url_;
    std::string name_;
};

}  // namespace mch::storage
