// The Runtime of one process: configured before the fork, opened after it.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "mch/app/application.h"
#include "mch/app/module.h"
#include "mch/db/slot_lease.h"

namespace mch::app {

class ProcessRuntime final : public Runtime {
  public:
    explicit ProcessRuntime(const ApplicationInfo& info);
    ~ProcessRuntime() override;

    // Takes over a checked configuration; opens nothing. `root` must outlive the runtime's use.
    void Configure(const conf::Directive& root, const std::string& prefix);
    // False for a program without a store, or a configuration without a `database` block.
    bool HasDatabase() const;
    // Opens the stores of this process. `statement_timeout_ms` 0 = as configured. Once per process.
    Result<void> OpenStores(std::int64_t statement_timeout_ms = 0);
    // Reads the keys of those names; makes missing ones when `missing` says so.
    enum class MissingKeys { kRefuse, kMake };
    Result<void> LoadKeys(const std::vector<std::string>& names, MissingKeys missing);
    // Leases a slot for row ids and starts its renewal; a lost lease ends the process, because ids
    // made after that might not be unique. The tables of mch/db must exist.
    Result<void> StartIds(std::string_view role);
    // What hints of live changes go to; none before (commands that run without workers).
    void UseLiveBus(http::LiveBus& bus) { live_ = &bus; }
    // Gives the slot back and closes the stores.
    void Close();

    const Clock& clock() override { return clock_; }
    IdGenerator& ids() override;
    db::Database& database() override;
    db::BlobStore& blobs() override;
    http::LiveBus& live() override { return *live_; }
    const conf::Directive& config() override;
    const std::string& var_folder() override { return var_folder_; }
    const std::string& share_folder() override { return share_folder_; }
    Result<std::string> Key(std::string_view name) override;
    int zone_minutes() override { return zone_minutes_; }

    const std::string& holder() const { return holder_; }

  private:
    Result<db::DatabaseOptions> ReadDatabaseOptions() const;
    void RenewUntilStopped(const std::stop_token& stop);

    const ApplicationInfo& info_;
    SystemClock clock_;
    const conf::Directive* root_ = nullptr;
    std::string prefix_;
    std::string var_folder_;
    std::string share_folder_;
    int zone_minutes_ = 0;
    std::unique_ptr<db::Database> database_;
    std::unique_ptr<db::BlobStore> blobs_;
    std::unique_ptr<IdGenerator> ids_;
    http::LiveBus* live_;
    std::string holder_;
    db::SlotLease lease_;
    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::map<std::string, std::string, std::less<>> keys_;  // complete before threads start
    std::jthread renewal_;
};

// Reads the key `name` in `folder`, held against its fingerprint in table mch_key; a key that was
// never made is made when `make`. Errors: key.missing, key.changed, key.write.
Result<std::string> LoadKey(db::Database& database, const Clock& clock, const std::string& folder,
                            std::string_view name, ProcessRuntime::MissingKeys missing);

// Creates `path` and its parents with the owner of the nearest existing parent.
Result<void> MakeFolder(const std::string& path);

}  // namespace mch::app
