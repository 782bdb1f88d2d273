// The chain on a real store: SQLite always, MariaDB when ANLAN_TEST_MYSQL_URL names a server.
#include "modules/audit/api/audit.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "mch/app/testing.h"
#include "modules/audit/app/verify.h"
#include "modules/audit/module.h"
#include "modules/audit/store/checkpoint_file.h"
#include "modules/audit/store/records.h"
#include "storage/testing.h"

namespace anlan::audit {
namespace {

using mch::db::Transaction;

class AuditTest : public testing::TestWithParam<mch::db::Engine> {
  protected:
    void SetUp() override {
        database_.emplace(GetParam(), app_.runtime.var_folder());
        if (!database_->available()) GTEST_SKIP() << "ANLAN_TEST_MYSQL_URL is not set";
        app_.runtime.SetDatabase(database_->Open(app_.runtime.clock()));
        Register(app_.context);
        const auto migrated = app_.Migrate();
        ASSERT_TRUE(migrated) << migrated.error().ToString();
    }

    mch::Deadline Soon() { return mch::Deadline(app_.runtime.clock(), 5000); }

    mch::Result<void> Append(const std::string& action) {
        return app_.runtime.database().Write(Soon(), [&](Transaction& tx) {
            Record record;
            record.action = action;
            record.object_type = "case";
            record.object_id = 7;
            record.changes = {{"state", "draft", "reported"}};
            return app_.context.Get<AuditLog>()->Append(tx, SystemActor("test"), record);
        });
    }
    void AppendMany(int count) {
        for (int i = 0; i < count; ++i) ASSERT_TRUE(Append("test." + std::to_string(i)));
    }
    // A statement of somebody who has the whole database in hand.
    void Force(const std::string& sql) {
        (void)app_.runtime.database().Write(Soon(), [&](Transaction& tx) -> mch::Result<void> {
            MCH_CHECK(tx.Execute(sql));
            return {};
        });
    }
    void DropTriggers() {
        for (const char* name : {"no_update", "no_delete", "rising"}) {
            Force("DROP TRIGGER audit_record_" + std::string(name));
        }
    }
    void MakeCheckpoint() {
        app_.runtime.manual_clock().Advance(60'000);
        const auto written = WriteCheckpoint(app_.runtime, Soon(), 60'000, 1000);
        ASSERT_TRUE(written) << written.error().ToString();
        ASSERT_TRUE(*written);
    }
    Finding Verify() {
        const auto report = VerifyChain(app_.runtime, CheckpointPath(app_.runtime));
        if (!report) {
            ADD_FAILURE() << report.error().ToString();
            return {};
        }
        return report->finding;
    }
    void ExpectFinding(std::int64_t seq, Damage damage) {
        const Finding finding = Verify();
        EXPECT_EQ(finding.seq, seq) << finding.detail;
        EXPECT_EQ(DamageName(finding.damage), DamageName(damage)) << finding.detail;
    }
    std::vector<ChainRecord> Chain() {
        auto rows = app_.runtime.database().Read(
            Soon(), [](mch::db::Reader& reader) { return ReadChain(reader, 1, 1000); });
        return rows ? *rows : std::vector<ChainRecord>();
    }
    void Replace(const ChainRecord& record) {
        Force("DELETE FROM audit_record WHERE seq = " + std::to_string(record.seq));
        (void)app_.runtime.database().Write(
            Soon(), [&](Transaction& tx) { return InsertRecord(tx, record); });
    }

    std::optional<mch::storage::TestDatabase> database_;
    mch::app::TestApplication app_;
};

TEST_P(AuditTest, WholeChainVerifies) {
    AppendMany(5);
    ExpectFinding(0, Damage::kNone);
    MakeCheckpoint();
    AppendMany(3);
    MakeCheckpoint();
    ExpectFinding(0, Damage::kNone);
    const auto chain = Chain();
    ASSERT_EQ(chain.size(), 8U);
    EXPECT_EQ(chain[0].prev_hash, ZeroHash());
    EXPECT_EQ(chain[7].prev_hash, chain[6].hash);
    EXPECT_EQ(chain[0].changes, R"([["state","draft","reported"]])");
}

TEST_P(AuditTest, RefusedUseCaseLeavesNoRecord) {
    const auto done =
        app_.runtime.database().Write(Soon(), [&](Transaction& tx) -> mch::Result<void> {
            Record record;
            record.action = "test.refused";
            record.object_type = "case";
            MCH_CHECK(app_.context.Get<AuditLog>()->Append(tx, SystemActor("test"), record));
            return mch::Conflict("test.conflict");
        });
    EXPECT_EQ(done.error().code(), "test.conflict");
    EXPECT_TRUE(Chain().empty());
}

TEST_P(AuditTest, TriggersRefuseChanges) {
    AppendMany(2);
    const std::vector<std::string> attempts = {
        "UPDATE audit_record SET note = 'x' WHERE seq = 1",
        "DELETE FROM audit_record WHERE seq = 1",
        "REPLACE INTO audit_record SELECT * FROM audit_record WHERE seq = 1",
    };
    for (const auto& sql : attempts) {
        const auto done =
            app_.runtime.database().Write(Soon(), [&](Transaction& tx) { return tx.Execute(sql); });
        EXPECT_FALSE(done) << sql;
    }
    EXPECT_EQ(Chain().size(), 2U);
    ExpectFinding(0, Damage::kNone);
}

TEST_P(AuditTest, NamesChangedRecord) {
    AppendMany(6);
    DropTriggers();
    Force("UPDATE audit_record SET note = 'innocent' WHERE seq = 4");
    ExpectFinding(4, Damage::kChanged);
}

TEST_P(AuditTest, NamesRemovedRecord) {
    AppendMany(6);
    DropTriggers();
    Force("DELETE FROM audit_record WHERE seq = 3");
    ExpectFinding(3, Damage::kRemoved);
}

TEST_P(AuditTest, NamesSwappedRecords) {
    AppendMany(6);
    DropTriggers();
    auto chain = Chain();
    std::swap(chain[1].seq, chain[3].seq);
    Force("DELETE FROM audit_record WHERE seq IN (2, 4)");
    Replace(chain[1]);
    Replace(chain[3]);
    ExpectFinding(2, Damage::kUnlinked);
}

TEST_P(AuditTest, NamesInsertedRecord) {
    AppendMany(4);
    DropTriggers();
    // At the end, with a right hash: everything but the key.
    ChainRecord forged = Chain().back();
    forged.seq = 5;
    forged.action = "test.forged";
    forged.prev_hash = Chain().back().hash;
    forged.hash = HashOf(forged);
    Replace(forged);
    ExpectFinding(5, Damage::kForged);
    Force("UPDATE audit_head SET seq = 5, hash = '" + forged.hash + "'");
    ExpectFinding(5, Damage::kForged);
}

TEST_P(AuditTest, NamesInsertedRecordInTheMiddle) {
    AppendMany(4);
    DropTriggers();
    const auto chain = Chain();
    Force("DELETE FROM audit_record WHERE seq > 2");
    ChainRecord forged = chain[1];
    forged.seq = 3;
    forged.action = "test.forged";
    Replace(forged);
    for (std::size_t i = 2; i < 4; ++i) {
        ChainRecord moved = chain[i];
        ++moved.seq;
        Replace(moved);
    }
    Force("UPDATE audit_head SET seq = 5");
    ExpectFinding(3, Damage::kUnlinked);
}

TEST_P(AuditTest, NamesRehashFromRecordWithoutKey) {
    AppendMany(6);
    MakeCheckpoint();
    DropTriggers();
    auto chain = Chain();
    for (std::size_t i = 3; i < chain.size(); ++i) {
        if (i == 3) chain[i].note = "rewritten";
        const std::string mac = chain[i].mac;
        Seal(chain[i], chain[i - 1].hash, "a key of the attacker's own........");
        chain[i].key_id = Chain().front().key_id;
        chain[i].hash = HashOf(chain[i]);
        Replace(chain[i]);
    }
    Force("UPDATE audit_head SET hash = '" + chain.back().hash + "'");
    ExpectFinding(4, Damage::kForged);
}

TEST_P(AuditTest, NamesCutTailAgainstCheckpoint) {
    AppendMany(6);
    MakeCheckpoint();
    DropTriggers();
    Force("DELETE FROM audit_record WHERE seq > 4");
    Force("UPDATE audit_head SET seq = 4, hash = '" + Chain().back().hash + "'");
    ExpectFinding(5, Damage::kCutTail);
    app_.runtime.manual_clock().Advance(60'000);
    const auto next = WriteCheckpoint(app_.runtime, Soon(), 60'000, 1000);
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().code(), "audit.chain_damaged");
}

TEST_P(AuditTest, NamesCutTailAgainstHead) {
    AppendMany(6);
    DropTriggers();
    Force("DELETE FROM audit_record WHERE seq > 4");
    ExpectFinding(5, Damage::kCutTail);
}

TEST_P(AuditTest, NamesRestoredOldBackup) {
    AppendMany(3);
    MakeCheckpoint();
    const auto backup = Chain();
    AppendMany(3);
    MakeCheckpoint();
    DropTriggers();
    // The database goes back to record 3 and the platform works on, with its own key.
    Force("DELETE FROM audit_record WHERE seq > 3");
    Force("UPDATE audit_head SET seq = 3, hash = '" + backup.back().hash + "'");
    AppendMany(5);
    ExpectFinding(4, Damage::kReplaced);
    app_.runtime.manual_clock().Advance(60'000);
    EXPECT_FALSE(WriteCheckpoint(app_.runtime, Soon(), 60'000, 1000));
}

TEST_P(AuditTest, NamesChangedCheckpointFile) {
    AppendMany(3);
    MakeCheckpoint();
    AppendMany(3);
    MakeCheckpoint();
    const std::string path = CheckpointPath(app_.runtime);
    const auto file = ReadCheckpoints(path);
    ASSERT_TRUE(file);
    ASSERT_EQ(file->checkpoints.size(), 2U);
    std::ofstream(path, std::ios::trunc) << FormatCheckpoint(file->checkpoints[1]) << "\n";
    ExpectFinding(1, Damage::kBadCheckpoint);
}

TEST_P(AuditTest, CheckpointIsWrittenByTimeOrCount) {
    AppendMany(2);
    MakeCheckpoint();
    AppendMany(2);
    const auto early = WriteCheckpoint(app_.runtime, Soon(), 60'000, 3);
    ASSERT_TRUE(early);
    EXPECT_FALSE(*early);
    AppendMany(1);
    const auto full = WriteCheckpoint(app_.runtime, Soon(), 60'000, 3);
    ASSERT_TRUE(full);
    EXPECT_TRUE(*full);
    app_.runtime.manual_clock().Advance(600'000);
    const auto nothing_new = WriteCheckpoint(app_.runtime, Soon(), 60'000, 3);
    ASSERT_TRUE(nothing_new);
    EXPECT_FALSE(*nothing_new);
}

TEST_P(AuditTest, TornCheckpointLineIsReplaced) {
    AppendMany(2);
    MakeCheckpoint();
    const std::string path = CheckpointPath(app_.runtime);
    std::ofstream(path, std::ios::app) << R"({"format":1,"first":3,)";
    AppendMany(1);
    MakeCheckpoint();
    const auto file = ReadCheckpoints(path);
    ASSERT_TRUE(file);
    EXPECT_EQ(file->checkpoints.size(), 2U);
    EXPECT_FALSE(file->torn);
    ExpectFinding(0, Damage::kNone);
}

TEST_P(AuditTest, ParallelWritersLeaveNoForkOrGap) {
    std::atomic<int> failed{0};
    {
        std::vector<std::jthread> writers;
        for (int w = 0; w < 20; ++w) {
            writers.emplace_back([&] {
                for (int i = 0; i < 5; ++i) {
                    if (!Append("test.parallel")) ++failed;
                }
            });
        }
    }
    EXPECT_EQ(failed, 0);
    const auto chain = Chain();
    ASSERT_EQ(chain.size(), 100U);
    EXPECT_EQ(chain.back().seq, 100);
    ExpectFinding(0, Damage::kNone);
}

TEST_P(AuditTest, ReadingIsRecorded) {
    AppendMany(3);
    const auto match = app_.routes.Find("GET", "/api/v1/audit/records");
    ASSERT_NE(match.route, nullptr);
    mch::http::Context context(app_.runtime.clock(), Soon());
    context.principal.user_id = 5;
    context.principal.account = "audit";
    context.client_address = "192.0.2.7";
    context.language = "en";
    context.route = match.route;
    mch::http::Request request;
    request.query = "limit=2&action=test.1";
    const auto response = match.route->handler(request, context);
    ASSERT_TRUE(response) << response.error().ToString();
    const auto body = mch::json::Parse(response->body);
    ASSERT_TRUE(body);
    ASSERT_EQ(body->Find("items")->AsArray().size(), 1U);
    EXPECT_EQ(body->Find("items")->AsArray()[0].String("seq"), "2");
    const auto chain = Chain();
    ASSERT_EQ(chain.size(), 4U);
    EXPECT_EQ(chain[3].action, "audit.read");
    EXPECT_EQ(chain[3].address, "192.0.2.7");
    EXPECT_EQ(chain[3].route, "GET /api/v1/audit/records");
}

INSTANTIATE_TEST_SUITE_P(Stores, AuditTest,
                         testing::Values(mch::db::Engine::kSqlite, mch::db::Engine::kMysql),
                         mch::storage::EngineName);

}  // namespace
}  // namespace anlan::audit
