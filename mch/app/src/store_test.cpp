// What needs a real store: keys held against their fingerprints, and jobs under a lease.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>

#include "commands.h"
#include "mch/process/shared_state.h"
#include "process_runtime.h"
#include "scheduler.h"
#include "storage/blob.h"
#include "storage/open.h"

namespace mch::app {
namespace {

class StoreTest : public ::testing::Test {
  protected:
    void SetUp() override {
        char pattern[] = "/tmp/anlan-app-XXXXXX";
        folder_ = ::mkdtemp(pattern);
        info_ = {.program = "test",
                 .version = "0",
                 .default_configuration = "",
                 .open_database = storage::OpenDatabase,
                 .open_blobs = storage::OpenBlobDirectory};
        ASSERT_TRUE(Declare(info_, {}, declared_for_, declarations_));
        auto root = conf::Parse(declarations_.directives,
                                "database { url sqlite:" + folder_ + "/anlan.db; }\n" +
                                    "anlan { var " + folder_ + "; zone_offset -03:30; }",
                                "test");
        ASSERT_TRUE(root) << root.error().detail();
        root_ = std::move(*root);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::unique_ptr<ProcessRuntime> Open() {
        auto runtime = std::make_unique<ProcessRuntime>(info_);
        runtime->Configure(root_, "");
        EXPECT_TRUE(runtime->OpenStores());
        db::Migrator migrator(runtime->database(), runtime->clock());
        for (const db::Migration& migration : declarations_.migrations) migrator.Add(migration);
        EXPECT_TRUE(migrator.Apply());
        return runtime;
    }

    std::string folder_;
    ApplicationInfo info_;
    ProcessRuntime declared_for_{info_};
    Declarations declarations_;
    conf::Directive root_;
};

using Missing = ProcessRuntime::MissingKeys;

TEST_F(StoreTest, ALostOrExchangedKeyIsNoticed) {
    std::string first;
    {
        auto runtime = Open();
        EXPECT_EQ(runtime->zone_minutes(), -210);
        EXPECT_EQ(runtime->LoadKeys({"audit"}, Missing::kRefuse).error().code(), "key.missing");
        EXPECT_FALSE(runtime->Key("audit"));
        ASSERT_TRUE(runtime->LoadKeys({"audit"}, Missing::kMake));
        first = *runtime->Key("audit");
        EXPECT_EQ(first.size(), 32u);
    }
    const std::string path = folder_ + "/keys/audit";
    EXPECT_EQ(std::filesystem::status(path).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    {
        auto runtime = Open();
        ASSERT_TRUE(runtime->LoadKeys({"audit"}, Missing::kRefuse));
        EXPECT_EQ(*runtime->Key("audit"), first);
    }
    std::ofstream(path, std::ios::trunc) << std::string(32, 'x');
    EXPECT_EQ(Open()->LoadKeys({"audit"}, Missing::kMake).error().code(), "key.changed");
    std::filesystem::remove(path);
    EXPECT_EQ(Open()->LoadKeys({"audit"}, Missing::kMake).error().code(), "key.missing");
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(StoreTest, PendingMigrationsKeepAProcessFromStarting) {
    ProcessRuntime runtime(info_);
    runtime.Configure(root_, "");
    ASSERT_TRUE(runtime.OpenStores());
    EXPECT_EQ(CheckSchema(runtime, declarations_).error().code(), "app.migrations_pending");
}

TEST_F(StoreTest, OneOfTwoSchedulersRunsAJobAndFailuresAreShown) {
    auto runtime = Open();
    std::atomic<int> runs{0};
    std::promise<void> failed_once;
    const Job job{
        .name = "test.count", .interval_ms = 1, .run = [&](const Deadline&) -> Result<void> {
            if (++runs == 3) failed_once.set_value();
            if (runs >= 3) throw std::runtime_error("third");
            return {};
        }};
    process::SharedState* first_state = process::SharedState::Map();
    process::SharedState* second_state = process::SharedState::Map();
    {
        Scheduler first(*runtime, "first", {job}, first_state);
        failed_once.get_future().wait();
        // The first holds the lease, so the second never runs the job.
        Scheduler second(*runtime, "second", {job}, second_state);
        while (first_state->Jobs().empty() || first_state->Jobs()[0].failures_in_row == 0)
            std::this_thread::yield();
    }
    EXPECT_TRUE(second_state->Jobs().empty());
    const process::JobRow row = first_state->Jobs().at(0);
    EXPECT_EQ(row.name.ToString(), "test.count");
    EXPECT_EQ(row.error.ToString(), "job.exception: third");
    EXPECT_GE(row.runs, 3);
}

}  // namespace
}  // namespace mch::app
