#include "mch/db/slot_lease.h"

namespace mch::db {
namespace {

constexpr std::int64_t kLeaseMs = 10 * 60 * 1000;
constexpr std::int64_t kBudgetMs = 5000;
constexpr int kSlots = 1024;

constexpr std::string_view kCreateTables =
    "CREATE TABLE IF NOT EXISTS mch_slot (\n"
    "    slot INTEGER NOT NULL PRIMARY KEY,\n"
    "    holder VARCHAR(128) NOT NULL,\n"
    "    fence BIGINT NOT NULL,\n"
    "    expires_at BIGINT NOT NULL\n"
    ");\n"
    "CREATE TABLE IF NOT EXISTS mch_lease (\n"
    "    name VARCHAR(64) NOT NULL PRIMARY KEY,\n"
    "    holder VARCHAR(128) NOT NULL,\n"
    "    fence BIGINT NOT NULL,\n"
    "    expires_at BIGINT NOT NULL\n"
    ");\n";

// Ids end before expires_at, so a slot is safe again only after that time, even if it was released.
constexpr std::string_view kFindExpired =
    "SELECT slot, fence FROM mch_slot WHERE expires_at <= ? ORDER BY expires_at, slot LIMIT 1";
constexpr std::string_view kFindReleased =
    "SELECT slot, fence FROM mch_slot WHERE holder = '' ORDER BY expires_at, slot LIMIT 1";
constexpr std::string_view kNextSlot = "SELECT COALESCE(MAX(slot), -1) + 1 FROM mch_slot";
constexpr std::string_view kTakeSlot =
    "UPDATE mch_slot SET holder = ?, fence = fence + 1, expires_at = ? WHERE slot = ? AND fence = "
    "?";
constexpr std::string_view kRenewSlot =
    "UPDATE mch_slot SET expires_at = ?"
    " WHERE slot = ? AND holder = ? AND fence = ? AND expires_at > ?";
constexpr std::string_view kReleaseSlot =
    "UPDATE mch_slot SET holder = '' WHERE slot = ? AND holder = ? AND fence = ?";

// `fence` stands first: MariaDB reads columns already assigned, SQLite the old ones.
constexpr std::string_view kTakeLease =
    "UPDATE mch_lease SET"
    " fence = fence + CASE WHEN holder = ? AND expires_at > ? THEN 0 ELSE 1 END,"
    " holder = ?, expires_at = ?"
    " WHERE name = ? AND (holder = ? OR expires_at <= ?)";
constexpr std::string_view kLeaseFence = "SELECT fence FROM mch_lease WHERE name = ?";

// A slot with its current fence, or none.
Result<Rows> FindSlot(Transaction& tx, std::int64_t now) {
    const std::string lock = tx.dialect().ForUpdate();
    return tx.Query(std::string(kFindExpired) + lock, {now});
}

Result<SlotLease> TakeSlot(Transaction& tx, std::int64_t now, std::string_view holder) {
    MCH_TRY(Rows found, FindSlot(tx, now));
    if (found.empty()) {
        MCH_TRY(const Row next, tx.QueryOne(kNextSlot, {}, "db.failed"));
        const auto slot = static_cast<int>(next.Int(0));
        if (slot < kSlots) {
            const std::string insert =
                tx.dialect().InsertIgnore("mch_slot", {"slot", "holder", "fence", "expires_at"});
            MCH_TRY(const std::int64_t inserted,
                    tx.Execute(insert, {slot, holder, 1, now + kLeaseMs}));
            if (inserted == 1) return SlotLease{.slot = slot, .fence = 1};
            // On MariaDB another process took the same new number: try the whole again.
            return Error(ErrorKind::kUnavailable, "db.slot_raced");
        }
        MCH_TRY(found, tx.Query(std::string(kFindReleased) + tx.dialect().ForUpdate()));
    }
    if (found.empty()) {
        return Error(ErrorKind::kUnavailable, "db.no_slot", "all 1024 process slots are leased");
    }
    const SlotLease lease{.slot = static_cast<int>(found[0].Int(0)), .fence = found[0].Int(1) + 1};
    MCH_TRY(const std::int64_t taken,
            tx.Execute(kTakeSlot, {holder, now + kLeaseMs, lease.slot, lease.fence - 1}));
    if (taken != 1) return Error(ErrorKind::kUnavailable, "db.slot_raced");
    return lease;
}

}  // namespace

std::vector<Migration> CoreMigrations() {
    return {{.module = "mch",
             .number = 1,
             .name = "slots_and_leases",
             .sql_sqlite = std::string(kCreateTables),
             .sql_mysql = std::string(kCreateTables)}};
}

Result<SlotLease> AcquireSlot(Database& database, const Clock& clock, std::string_view holder) {
    MCH_ASSERT(!holder.empty());
    const Deadline deadline(clock, kBudgetMs);
    constexpr int kAttempts = 32;  // each loser of a race means that another process won
    for (int attempt = 1;; ++attempt) {
        auto lease = database.Write(
            deadline, [&](Transaction& tx) { return TakeSlot(tx, clock.Now(), holder); });
        if (lease || lease.error().code() != "db.slot_raced" || attempt == kAttempts) return lease;
    }
}

Result<void> RenewSlot(Database& database, const Clock& clock, std::string_view holder,
                       const SlotLease& lease) {
    return database.Write(Deadline(clock, kBudgetMs), [&](Transaction& tx) -> Result<void> {
        const TimeMs now = clock.Now();
        MCH_TRY(const std::int64_t renewed,
                tx.Execute(kRenewSlot, {now + kLeaseMs, lease.slot, holder, lease.fence, now}));
        if (renewed != 1) {
            return Error(ErrorKind::kUnavailable, "db.slot_lost",
                         "the lease of the slot has ended");
        }
        return {};
    });
}

Result<void> ReleaseSlot(Database& database, std::string_view holder, const SlotLease& lease) {
    const SystemClock clock;
    return database.Write(Deadline(clock, kBudgetMs), [&](Transaction& tx) -> Result<void> {
        MCH_CHECK(tx.Execute(kReleaseSlot, {lease.slot, holder, lease.fence}));
        return {};
    });
}

Result<bool> TakeLease(Database& database, const Clock& clock, std::string_view name,
                       std::string_view holder, std::int64_t ttl_ms, std::int64_t* fence) {
    return database.Write(Deadline(clock, kBudgetMs), [&](Transaction& tx) -> Result<bool> {
        const TimeMs now = clock.Now();
        MCH_TRY(std::int64_t taken,
                tx.Execute(kTakeLease, {holder, now, holder, now + ttl_ms, name, holder, now}));
        if (taken == 0) {
            const std::string insert =
                tx.dialect().InsertIgnore("mch_lease", {"name", "holder", "fence", "expires_at"});
            MCH_TRY(taken, tx.Execute(insert, {name, holder, 1, now + ttl_ms}));
            if (taken == 0) return false;
        }
        MCH_TRY(const Row row, tx.QueryOne(kLeaseFence, {name}, "db.failed"));
        *fence = row.Int(0);
        return true;
    });
}

}  // namespace mch::db
