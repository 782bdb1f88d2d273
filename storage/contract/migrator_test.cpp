// Migrations and leases on every store.
#include "mch/db/migrator.h"

#include <thread>

#include "mch/db/slot_lease.h"
#include "store_fixture.h"

namespace mch::storage {
namespace {

constexpr const char* kTables =
    "-- two; tables\n"
    "CREATE TABLE IF NOT EXISTS place (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(80) NOT "
    "NULL);\n"
    "CREATE TABLE IF NOT EXISTS note (id BIGINT NOT NULL PRIMARY KEY, place_id BIGINT NOT NULL);\n";
constexpr const char* kTriggerSqlite =
    "CREATE TRIGGER note_no_delete BEFORE DELETE ON note BEGIN\n"
    "    SELECT RAISE(ABORT, 'notes stay;');\n"
    "END;\n"
    "INSERT INTO place (id, name) VALUES (1, '盐田区; 海山街道');\n";
constexpr const char* kTriggerMysql =
    "CREATE TRIGGER IF NOT EXISTS note_no_delete BEFORE DELETE ON note FOR EACH ROW BEGIN\n"
    "    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'notes stay;';\n"
    "END;\n"
    "INSERT IGNORE INTO place (id, name) VALUES (1, '盐田区; 海山街道');\n";

std::vector<db::Migration> Version1() {
    return {{.module = "place",
             .number = 1,
             .name = "tables",
             .sql_sqlite = kTables,
             .sql_mysql = kTables}};
}
std::vector<db::Migration> Version2() {
    auto migrations = Version1();
    migrations.push_back({.module = "place",
                          .number = 2,
                          .name = "trigger",
                          .sql_sqlite = kTriggerSqlite,
                          .sql_mysql = kTriggerMysql});
    return migrations;
}

class StoreMigratorTest : public StoreTest {
  protected:
    db::Migrator Migrator(std::vector<db::Migration> migrations) {
        db::Migrator migrator(*database_, clock_);
        migrator.Add(db::CoreMigrations());
        migrator.Add(std::move(migrations));
        return migrator;
    }
};

TEST_P(StoreMigratorTest, AppliesFromEmptyOnce) {
    auto migrator = Migrator(Version2());
    ASSERT_OK(migrator.Check());
    auto pending = migrator.Pending();
    ASSERT_OK(pending);
    EXPECT_EQ(3u, pending->size());
    const auto applied = migrator.Apply();
    ASSERT_OK(applied);
    EXPECT_EQ(3, *applied);
    const auto again = migrator.Apply();
    ASSERT_OK(again);
    EXPECT_EQ(0, *again);
    ASSERT_OK(migrator.Check());

    const auto rows = Query("SELECT name FROM place");
    ASSERT_OK(rows);
    ASSERT_EQ(1u, rows->size());
    EXPECT_EQ("盐田区; 海山街道", rows->at(0).Text(0));
    ASSERT_OK(Execute("INSERT INTO note (id, place_id) VALUES (1, 1)"));
    EXPECT_CODE("db.refused", Execute("DELETE FROM note"));
}

TEST_P(StoreMigratorTest, AppliesTheNextRelease) {
    ASSERT_OK(Migrator(Version1()).Apply());
    ASSERT_OK(Execute("INSERT INTO note (id, place_id) VALUES (7, 1)"));
    auto next = Migrator(Version2());
    const auto pending = next.Pending();
    ASSERT_OK(pending);
    ASSERT_EQ(1u, pending->size());
    EXPECT_EQ("trigger", pending->at(0)->name);
    ASSERT_OK(next.Check());
    const auto applied = next.Apply();
    ASSERT_OK(applied);
    EXPECT_EQ(1, *applied);
    EXPECT_EQ(7, Number("SELECT id FROM note"));
}

TEST_P(StoreMigratorTest, RefusesANewerSchema) {
    ASSERT_OK(Migrator(Version2()).Apply());
    auto older = Migrator(Version1());
    EXPECT_CODE("db.schema_newer", older.Check());
    EXPECT_CODE("db.schema_newer", older.Apply());
}

TEST_P(StoreMigratorTest, RefusesAChangedMigration) {
    ASSERT_OK(Migrator(Version2()).Apply());
    auto changed = Version2();
    changed[0].sql_sqlite += "-- changed\n";
    changed[0].sql_mysql += "-- changed\n";
    EXPECT_CODE("db.schema_changed", Migrator(changed).Check());
    EXPECT_CODE("db.schema_changed", Migrator(changed).Apply());
}

TEST_P(StoreMigratorTest, NamesTheMigrationThatFails) {
    auto broken = Version1();
    broken.push_back({.module = "place",
                      .number = 2,
                      .name = "broken",
                      .sql_sqlite = "CREATE TABLE half (id BIGINT); CREATE TABEL;",
                      .sql_mysql = "CREATE TABLE half (id BIGINT); CREATE TABEL;"});
    const auto applied = Migrator(broken).Apply();
    EXPECT_CODE("db.migration_failed", applied);
    EXPECT_EQ("place", applied.error().params()[0].second);
    EXPECT_EQ("2", applied.error().params()[1].second);
    // What failed is not recorded, and the lock is free again.
    auto first = Migrator(Version1());
    ASSERT_OK(first.Check());
    ASSERT_OK(first.Apply());
    if (IsSqlite()) {
        EXPECT_CODE("db.failed", Query("SELECT * FROM half"));
    }
}

TEST_P(StoreMigratorTest, AppliesOnceWhenSeveralStart) {
    const auto migrate = [&](db::Database& database) {
        db::Migrator migrator(database, clock_);
        migrator.Add(db::CoreMigrations());
        migrator.Add(Version2());
        return migrator.Apply().has_value();
    };
    const pid_t first = StartProcess(migrate);
    const pid_t second = StartProcess(migrate);
    EXPECT_TRUE(migrate(*database_));
    EXPECT_EQ(0, Join(first));
    EXPECT_EQ(0, Join(second));
    EXPECT_EQ(3, Number("SELECT COUNT(*) FROM mch_migration"));
}

TEST_P(StoreMigratorTest, LeasesEachSlotToOneHolder) {
    ASSERT_OK(Migrator({}).Apply());
    ManualClock clock(1'700'000'000'000);
    const auto first = db::AcquireSlot(*database_, clock, "a");
    const auto second = db::AcquireSlot(*database_, clock, "b");
    ASSERT_OK(first);
    ASSERT_OK(second);
    EXPECT_EQ(0, first->slot);
    EXPECT_EQ(1, second->slot);
    ASSERT_OK(db::RenewSlot(*database_, clock, "a", *first));
    EXPECT_CODE("db.slot_lost", db::RenewSlot(*database_, clock, "b", *first));

    // Given back, but its ids may lie in the coming minutes: a new slot is taken instead.
    ASSERT_OK(db::ReleaseSlot(*database_, "b", *second));
    EXPECT_CODE("db.slot_lost", db::RenewSlot(*database_, clock, "b", *second));
    const auto third = db::AcquireSlot(*database_, clock, "c");
    ASSERT_OK(third);
    EXPECT_EQ(2, third->slot);

    // After the lease time the longest expired one is taken again, with a higher fence.
    clock.Advance(9 * 60 * 1000);
    ASSERT_OK(db::RenewSlot(*database_, clock, "a", *first));
    clock.Advance(2 * 60 * 1000);
    const auto fourth = db::AcquireSlot(*database_, clock, "d");
    ASSERT_OK(fourth);
    EXPECT_EQ(1, fourth->slot);
    EXPECT_EQ(2, fourth->fence);
    EXPECT_CODE("db.slot_lost", db::RenewSlot(*database_, clock, "c", *third));
    ASSERT_OK(db::RenewSlot(*database_, clock, "a", *first));
}

TEST_P(StoreMigratorTest, LeasesSlotsToManyAtOnce) {
    ASSERT_OK(Migrator({}).Apply());
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([this, i] {
            const auto lease = db::AcquireSlot(*database_, clock_, "holder " + std::to_string(i));
            EXPECT_TRUE(IsOk(lease));
        });
    }
    threads.clear();
    EXPECT_EQ(8, Number("SELECT COUNT(DISTINCT holder) FROM mch_slot"));
}

TEST_P(StoreMigratorTest, UsesReleasedSlotsWhenAllAreTakenAndThenRefuses) {
    ASSERT_OK(Migrator({}).Apply());
    ManualClock clock(1'700'000'000'000);
    ASSERT_OK(Execute("INSERT INTO mch_slot (slot, holder, fence, expires_at) VALUES (?, ?, 1, ?)",
                      {1023, "last", clock.Now() + 1000}));
    EXPECT_CODE("db.no_slot", db::AcquireSlot(*database_, clock, "a"));
    ASSERT_OK(db::ReleaseSlot(*database_, "last", {.slot = 1023, .fence = 1}));
    const auto lease = db::AcquireSlot(*database_, clock, "a");
    ASSERT_OK(lease);
    EXPECT_EQ(1023, lease->slot);
}

TEST_P(StoreMigratorTest, GivesASingletonLeaseToOne) {
    ASSERT_OK(Migrator({}).Apply());
    ManualClock clock(1'700'000'000'000);
    const struct {
        const char* holder;
        std::int64_t advance_ms;
        bool taken;
        std::int64_t fence;
    } steps[] = {
        {"a", 0, true, 1},    {"b", 0, false, 1}, {"a", 5000, true, 1},   {"b", 6000, false, 1},
        {"b", 4000, true, 2}, {"a", 0, false, 2}, {"b", 20'000, true, 3},
    };
    std::int64_t fence = 0;
    for (const auto& step : steps) {
        clock.Advance(step.advance_ms);
        const auto taken =
            db::TakeLease(*database_, clock, "scheduler", step.holder, 10'000, &fence);
        ASSERT_OK(taken);
        EXPECT_EQ(step.taken, *taken) << step.holder;
        EXPECT_EQ(step.fence, fence);
    }
    ASSERT_OK(db::TakeLease(*database_, clock, "other", "a", 10'000, &fence));
    EXPECT_EQ(1, fence);
}

INSTANTIATE_TEST_SUITE_P(Engines, StoreMigratorTest,
                         testing::Values(db::Engine::kSqlite, db::Engine::kMysql), EngineName);

}  // namespace
}  // namespace mch::storage
