#include "process_runtime.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "mch/base/crypto.h"
#include "mch/base/text.h"
#include "mch/log/log.h"

namespace mch::app {
namespace {

constexpr std::int64_t kRenewEveryMs = 60'000;
constexpr std::size_t kKeyBytes = 32;
constexpr std::int64_t kKeyBudgetMs = 10'000;

// Leases of slots run on the machine's own time: a test that moves the clock by days must not end
// the leases of living processes.
class MachineClock final : public Clock {
  public:
    TimeMs Now() const override {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    }
    std::int64_t Monotonic() const override {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::steady_clock::now().time_since_epoch())
            .count();
    }
};

const MachineClock machine_clock;

// Commands that run while no worker does have nobody to tell.
class NoLiveBus final : public http::LiveBus {
  public:
    void Publish(http::LiveEvent) override {}
};

NoLiveBus no_live_bus;

std::string Absolute(const std::string& prefix, const std::string& path) {
    return path.starts_with('/') ? path : prefix + path;
}

Error SystemError(std::string code, const std::string& path) {
    return Internal(std::move(code), fmt::format("{}: {}", path, std::strerror(errno)));
}

// "+08:00" -> 480. The directive's check has refused anything else.
int ZoneMinutes(std::string_view text) {
    const int sign = text.front() == '-' ? -1 : 1;
    const auto hours = text::ParseInt(text.substr(1, 2)).value_or(0);
    const auto minutes = text::ParseInt(text.substr(4, 2)).value_or(0);
    return sign * static_cast<int>(hours * 60 + minutes);
}

Result<std::string> ReadKeyFile(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::string key((std::istreambuf_iterator<char>(in)), {});
    if (!in.good() && !in.eof()) return SystemError("key.missing", path);
    if (key.size() < kKeyBytes) return Internal("key.missing", path + " is too short");
    return key;
}

// Written beside and linked, so that a reader or a second maker never sees half a key.
Result<void> WriteKeyFile(const std::string& path) {
    const std::string temporary = fmt::format("{}.{}", path, text::ToHex(crypto::RandomBytes(6)));
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return SystemError("key.write", temporary);
    const std::string key = crypto::RandomBytes(kKeyBytes);
    const bool written =
        ::write(fd, key.data(), key.size()) == static_cast<ssize_t>(key.size()) && ::fsync(fd) == 0;
    ::close(fd);
    const bool linked =
        written && (::link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST);
    const Error error = SystemError("key.write", path);
    ::unlink(temporary.c_str());
    if (!linked) return error;
    const int folder = ::open(std::filesystem::path(path).parent_path().c_str(),
                              O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        ::fsync(folder);
        ::close(folder);
    }
    return {};
}

}  // namespace

Result<void> MakeFolder(const std::string& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return {};
    const std::string parent = std::filesystem::path(path).parent_path();
    if (!parent.empty() && parent != path) MCH_CHECK(MakeFolder(parent));
    if (::mkdir(path.c_str(), 0750) != 0 && errno != EEXIST) return SystemError("app.folder", path);
    struct stat facts{};
    if (::geteuid() == 0 && ::stat(parent.c_str(), &facts) == 0 &&
        ::chown(path.c_str(), facts.st_uid, facts.st_gid) != 0)
        return SystemError("app.folder", path);
    return {};
}

Result<std::string> LoadKey(db::Database& database, const Clock& clock, const std::string& folder,
                            std::string_view name, ProcessRuntime::MissingKeys missing) {
    const std::string path = fmt::format("{}/{}", folder, name);
    const auto fingerprint = [](const std::string& key) {
        return text::ToHex(crypto::HmacSha256(key, "anlan key fingerprint"));
    };
    const Deadline deadline(clock, kKeyBudgetMs);
    constexpr std::string_view kFind = "SELECT fingerprint FROM mch_key WHERE name = ?";
    MCH_TRY(const db::Rows known, database.Read(deadline, [&](db::Reader& reader) {
        return reader.Query(kFind, {name});
    }));
    const bool exists = ::access(path.c_str(), F_OK) == 0;
    if (!known.empty()) {
        if (!exists) return Internal("key.missing", path);
        MCH_TRY(std::string key, ReadKeyFile(path));
        if (fingerprint(key) != known[0].Text(0)) return Internal("key.changed", path);
        return key;
    }
    if (missing == ProcessRuntime::MissingKeys::kRefuse)
        return Internal("key.missing", fmt::format("{} was never made: run `migrate`", path));
    // A file without a row is one whose maker died before its commit, or whose row
    // another process is writing now: it is the key.
    if (!exists) {
        MCH_CHECK(MakeFolder(folder));
        MCH_CHECK(WriteKeyFile(path));
    }
    MCH_TRY(std::string key, ReadKeyFile(path));
    MCH_CHECK(database.Write(deadline, [&](db::Transaction& tx) -> Result<void> {
        MCH_CHECK(
            tx.Execute(tx.dialect().InsertIgnore("mch_key", {"name", "fingerprint", "made_at"}),
                       {name, fingerprint(key), clock.Now()}));
        return {};
    }));
    return key;
}

ProcessRuntime::ProcessRuntime(const ApplicationInfo& info) : info_(info), live_(&no_live_bus) {}

ProcessRuntime::~ProcessRuntime() { Close(); }

void ProcessRuntime::Configure(const conf::Directive& root, const std::string& prefix) {
    root_ = &root;
    prefix_ = prefix;
    const conf::Directive& own = config();
    var_folder_ = Absolute(prefix, own.Text("var", "var"));
    share_folder_ = Absolute(prefix, own.Text("share", "share"));
    zone_minutes_ = ZoneMinutes(own.Text("zone_offset", "+08:00"));
}

bool ProcessRuntime::HasDatabase() const {
    return info_.open_database && root_ != nullptr && root_->Find("database") != nullptr;
}

Result<db::DatabaseOptions> ProcessRuntime::ReadDatabaseOptions() const {
    const conf::Directive& block = *root_->Find("database");
    db::DatabaseOptions options;
    options.url = block.Text("url");
    if (const conf::Directive* file = block.Find("url_file"); file != nullptr) {
        // The password stays out of the configuration and of `-T`.
        const std::string path = Absolute(prefix_, file->args[0]);
        std::ifstream in(path);
        if (!std::getline(in, options.url))
            return Invalid("conf.invalid", fmt::format("{}: cannot read {}", file->Where(), path));
    }
    if (options.url.empty())
        return Invalid("conf.invalid", fmt::format("{}: \"database\" needs \"url\" or \"url_file\"",
                                                   block.Where()));
    constexpr std::string_view kSqlite = "sqlite:";
    if (options.url.starts_with(kSqlite))
        options.url = std::string(kSqlite) + Absolute(prefix_, options.url.substr(kSqlite.size()));
    options.readers = static_cast<int>(block.Integer("readers", options.readers));
    options.writers = static_cast<int>(block.Integer("writers", options.writers));
    options.statement_timeout_ms =
        block.Duration("statement_timeout", options.statement_timeout_ms);
    options.lock_timeout_ms = block.Duration("lock_timeout", options.lock_timeout_ms);
    return options;
}

Result<void> ProcessRuntime::OpenStores(std::int64_t statement_timeout_ms) {
    MCH_ASSERT(database_ == nullptr);
    MCH_TRY(db::DatabaseOptions options, ReadDatabaseOptions());
    if (statement_timeout_ms > 0) options.statement_timeout_ms = statement_timeout_ms;
    MCH_TRY(database_, info_.open_database(options, clock_));
    MCH_TRY(blobs_,
            info_.open_blobs(Absolute(prefix_, config().Text("blobs", var_folder_ + "/blobs"))));
    return {};
}

Result<void> ProcessRuntime::StartIds(std::string_view role) {
    char host[256] = {};
    ::gethostname(host, sizeof host - 1);
    holder_ =
        fmt::format("{}/{}/{}/{}", host, role, ::getpid(), text::ToHex(crypto::RandomBytes(4)));
    MCH_TRY(lease_, db::AcquireSlot(*database_, machine_clock, holder_));
    ids_ = std::make_unique<IdGenerator>(clock_, lease_.slot);
    renewal_ = std::jthread([this](const std::stop_token& stop) { RenewUntilStopped(stop); });
    return {};
}

void ProcessRuntime::RenewUntilStopped(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, stop, std::chrono::milliseconds(kRenewEveryMs), [] {
        return false;
    }) && !stop.stop_requested()) {
        lock.unlock();
        const auto renewed = db::RenewSlot(*database_, machine_clock, holder_, lease_);
        if (!renewed && renewed.error().code() == "db.slot_lost") {
            MCH_LOG(kEmerg, "the slot of this process for row ids is lost; ending",
                    {{"holder", holder_}});
            ::_exit(1);
        }
        if (!renewed)
            MCH_LOG(kError, "cannot renew the slot for row ids",
                    {{"error", renewed.error().ToString()}});
        lock.lock();
    }
}

void ProcessRuntime::Close() {
    if (renewal_.joinable()) {
        renewal_.request_stop();
        renewal_.join();
        // Best effort: an expired lease frees the slot too.
        if (const auto released = db::ReleaseSlot(*database_, holder_, lease_); !released)
            MCH_LOG(kWarn, "cannot give back the slot for row ids",
                    {{"error", released.error().ToString()}});
    }
    ids_.reset();
    blobs_.reset();
    database_.reset();
}

IdGenerator& ProcessRuntime::ids() {
    MCH_ASSERT(ids_ != nullptr);
    return *ids_;
}

db::Database& ProcessRuntime::database() {
    MCH_ASSERT(database_ != nullptr);
    return *database_;
}

db::BlobStore& ProcessRuntime::blobs() {
    MCH_ASSERT(blobs_ != nullptr);
    return *blobs_;
}

const conf::Directive& ProcessRuntime::config() {
    static const conf::Directive kNone{};
    const conf::Directive* block = root_ == nullptr ? nullptr : root_->Find("anlan");
    return block == nullptr ? kNone : *block;
}

Result<void> ProcessRuntime::LoadKeys(const std::vector<std::string>& names, MissingKeys missing) {
    for (const std::string& name : names) {
        MCH_TRY(std::string key, LoadKey(database(), clock_, var_folder_ + "/keys", name, missing));
        keys_[name] = std::move(key);
    }
    return {};
}

Result<std::string> ProcessRuntime::Key(std::string_view name) {
    const auto known = keys_.find(name);
    if (known == keys_.end())
        return Internal("key.missing", fmt::format("no module declared the key {}", name));
    return known->second;
}

}  // namespace mch::app
