// A Runtime for unit tests of modules: a database given by the test, a ManualClock, keys derived
// from their names, a folder of its own. Never linked into a program.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mch/app/module.h"
#include "mch/base/crypto.h"
#include "mch/db/slot_lease.h"

namespace mch::app {

// 2026-11-24T00:00:00Z, a Tuesday.
inline constexpr TimeMs kTestStart = 1795478400000;

class RecordingBus final : public http::LiveBus {
  public:
    void Publish(http::LiveEvent event) override {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
    }
    std::vector<http::LiveEvent> Take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(events_, {});
    }

  private:
    std::mutex mutex_;
    std::vector<http::LiveEvent> events_;  // guarded by mutex_
};

class TestRuntime final : public Runtime {
  public:
    TestRuntime() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "anlan-test-XXXXXX").string();
        MCH_ASSERT(mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
    }
    ~TestRuntime() override {
        database_.reset();
        std::error_code ignored;  // a leftover folder in /tmp does not fail a test
        std::filesystem::remove_all(folder_, ignored);
    }

    void SetDatabase(std::unique_ptr<db::Database> database) { database_ = std::move(database); }
    void SetBlobs(std::unique_ptr<db::BlobStore> blobs) { blobs_ = std::move(blobs); }
    void SetShareFolder(std::string folder) { share_ = std::move(folder); }
    void SetConfig(conf::Directive config) { config_ = std::move(config); }

    ManualClock& manual_clock() { return clock_; }
    RecordingBus& bus() { return bus_; }
    const Clock& clock() override { return clock_; }
    IdGenerator& ids() override { return ids_; }
    db::Database& database() override { return *database_; }
    db::BlobStore& blobs() override { return *blobs_; }
    http::LiveBus& live() override { return bus_; }
    const conf::Directive& config() override { return config_; }
    const std::string& var_folder() override { return folder_; }
    const std::string& share_folder() override { return share_; }
    Result<std::string> Key(std::string_view name) override {
        return crypto::Sha256("test key " + std::string(name));
    }
    int zone_minutes() override { return 480; }

  private:
    std::string folder_;
    std::string share_;
    conf::Directive config_;
    ManualClock clock_{kTestStart};
    IdGenerator ids_{clock_, 1};
    std::unique_ptr<db::Database> database_;
    std::unique_ptr<db::BlobStore> blobs_;
    RecordingBus bus_;
};

// What Register() functions fill, without a program around it.
struct TestApplication {
    TestRuntime runtime;
    conf::Registry directives;
    Catalogue messages;
    http::Router routes;
    std::vector<db::Migration> migrations;
    std::vector<Job> jobs;
    std::vector<Command> commands;
    std::vector<std::string> keys;
    std::vector<std::function<Result<void>(db::Transaction&)>> seeds;
    std::shared_ptr<http::Authenticator> authenticator;
    std::function<Result<void>(std::string_view)> on_control_command;
    ModuleContext context{runtime, directives, messages, routes,        migrations,
                          jobs,    commands,   seeds,    authenticator, on_control_command,
                          keys};

    // Applies the migrations and runs the seeds, as `anlan migrate` does.
    Result<void> Migrate() {
        db::Migrator migrator(runtime.database(), runtime.clock());
        migrator.Add(db::CoreMigrations());
        migrator.Add(migrations);
        MCH_CHECK(migrator.Apply());
        const Deadline deadline(runtime.clock(), 60'000);
        return runtime.database().Write(deadline, [&](db::Transaction& tx) -> Result<void> {
            for (const auto& seed : seeds) MCH_CHECK(seed(tx));
            return {};
        });
    }
};

}  // namespace mch::app
