// Lease of a process slot (0..1023) for row ids, in table mch_slot. One per process that writes.
#pragma once

#include <memory>
#include <string>

#include "mch/base/ids.h"
#include "mch/db/database.h"
#include "mch/db/migrator.h"

namespace mch::db {

// Migrations of module "mch": the tables of this header. The application adds them first.
std::vector<Migration> CoreMigrations();

struct SlotLease {
    int slot = 0;
    std::int64_t fence = 0;  // grows with each holder of the slot
};

// Takes an expired or never used slot for `holder` (host, pid and a random part). The lease runs
// for 10 minutes; the owner renews it every minute (RenewSlot) and must stop making ids when it is
// lost. A slot that was given back is used again only after its lease time, or when no other is
// left, so a clock step back cannot repeat ids. Errors: db.no_slot, db.slot_lost, and the store's.
Result<SlotLease> AcquireSlot(Database& database, const Clock& clock, std::string_view holder);
Result<void> RenewSlot(Database& database, const Clock& clock, std::string_view holder,
                       const SlotLease& lease);
Result<void> ReleaseSlot(Database& database, std::string_view holder, const SlotLease& lease);

// A named singleton lease with a fencing number (table mch_lease), for jobs of which only one may
// run. True also renews it. `fence` (not null) grows with each change of holder; it is untouched
// when another holder has the lease (false).
Result<bool> TakeLease(Database& database, const Clock& clock, std::string_view name,
                       std::string_view holder, std::int64_t ttl_ms, std::int64_t* fence);

}  // namespace mch::db
