#include <gtest/gtest.h>

#include "mch/app/testing.h"
#include "modules/audit/api/testing.h"
#include "modules/notify/app/outbox_service.h"
#include "modules/notify/module.h"
#include "storage/testing.h"

namespace anlan::notify {
namespace {

class OutboxTest : public testing::TestWithParam<mch::db::Engine> {
  protected:
    OutboxTest() : database_(GetParam(), app_.runtime.var_folder()) {}
    void SetUp() override {
        if (!database_.available()) GTEST_SKIP() << "ANLAN_TEST_MYSQL_URL is not set";
        app_.runtime.SetDatabase(database_.Open(app_.runtime.clock()));
        app_.context.Provide<audit::AuditLog>(audit_);
        Register(app_.context);
        const auto migrated = app_.Migrate();
        ASSERT_TRUE(migrated) << migrated.error().ToString();
        outbox_ = std::static_pointer_cast<OutboxService>(app_.context.Get<Outbox>());
        ASSERT_TRUE(app_.messages.Add("zh-CN", R"({"test.title":"隐患 {no} 待复核"})"));
        ASSERT_TRUE(app_.messages.Add("en", R"({"test.title":"Hazard {no} awaits review"})"));
    }

    mch::Deadline Soon() { return mch::Deadline(app_.runtime.clock(), 20'000); }
    Message Telling(std::string event, std::vector<mch::Id> recipients) {
        Message message;
        message.event = std::move(event);
        message.recipients = std::move(recipients);
        message.title_code = "test.title";
        message.title_params = {{"no", "YH-1"}};
        message.link = "/hazards/1";
        return message;
    }
    mch::Result<void> Add(const Message& message) {
        return app_.runtime.database().Write(
            Soon(), [&](mch::db::Transaction& tx) { return outbox_->Add(tx, message); });
    }
    std::int64_t Number(std::string_view sql) {
        const auto rows = app_.runtime.database().Read(
            Soon(), [&](mch::db::Reader& reader) { return reader.Query(sql); });
        return rows ? rows->at(0).Int(0) : -1;
    }
    mch::Result<mch::http::Response> Call(std::string_view method, std::string_view path,
                                          mch::Id user_id, std::string query = {}) {
        const auto match = app_.routes.Find(method, path);
        EXPECT_NE(match.route, nullptr) << path;
        mch::http::Request request;
        request.query = std::move(query);
        request.path_parameters = match.parameters;
        mch::http::Context context(app_.runtime.clock(), Soon());
        context.principal.user_id = user_id;
        context.principal.permissions = {"hazard:case:list", "notify:notice:list"};
        context.language = "en";
        return match.route->handler(request, context);
    }

    mch::app::TestApplication app_;
    mch::storage::TestDatabase database_;
    std::shared_ptr<audit::RecordingAudit> audit_ = std::make_shared<audit::RecordingAudit>();
    std::shared_ptr<OutboxService> outbox_;
};

INSTANTIATE_TEST_SUITE_P(Stores, OutboxTest,
                         testing::Values(mch::db::Engine::kSqlite, mch::db::Engine::kMysql),
                         mch::storage::EngineName);

TEST_P(OutboxTest, TheSameEventReachesEachRecipientOnce) {
    ASSERT_TRUE(Add(Telling("hazard.accept:1:2", {7, 8, 7, 0})));
    ASSERT_TRUE(Add(Telling("hazard.accept:1:2", {8, 9})));
    EXPECT_EQ(Number("SELECT COUNT(*) FROM notify_outbox"), 3);
    ASSERT_TRUE(outbox_->Deliver(Soon()));
    ASSERT_TRUE(outbox_->Deliver(Soon()));
    EXPECT_EQ(Number("SELECT COUNT(*) FROM notify_notice"), 3);
    EXPECT_EQ(Number("SELECT COUNT(*) FROM notify_notice WHERE user_id = 8"), 1);
    EXPECT_EQ(Number("SELECT COUNT(*) FROM notify_outbox WHERE state = 'done'"), 3);
}

TEST_P(OutboxTest, ARolledBackUseCaseTellsNobody) {
    const auto failed =
        app_.runtime.database().Write(Soon(), [&](mch::db::Transaction& tx) -> mch::Result<void> {
            MCH_CHECK(outbox_->Add(tx, Telling("e:1", {7})));
            outbox_->Hint(tx, "hazard", 1, 2);
            return mch::Conflict("test.refused");
        });
    ASSERT_FALSE(failed);
    EXPECT_EQ(Number("SELECT COUNT(*) FROM notify_outbox"), 0);
    EXPECT_TRUE(app_.runtime.bus().Take().empty());
}

TEST_P(OutboxTest, ADeathBetweenClaimAndDeliveryLosesAndDoublesNothing) {
    ASSERT_TRUE(Add(Telling("e:1", {7})));
    const auto dead = outbox_->ClaimWaiting(Soon());
    ASSERT_TRUE(dead);
    ASSERT_EQ(dead->size(), 1u);
    // The holder died. Nobody takes the row before its claim ran out.
    ASSERT_TRUE(outbox_->Deliver(Soon()));
    EXPECT_EQ(Number("SELECT COUNT(*) FROM notify_notice"), 0);
    app_.runtime.manual_clock().Advance(61'000);
    ASSERT_TRUE(outbox_->Deliver(Soon()));
    EXPECT_EQ(Number("SELECT COUNT(*) FROM notify_notice"), 1);
    // It was only slow and comes back: its fence is old.
    const auto late = outbox_->DeliverOne(Soon(), dead->front());
    ASSERT_TRUE(late);
    EXPECT_FALSE(*late);
    EXPECT_EQ(Number("SELECT COUNT(*) FROM notify_notice"), 1);
}

TEST_P(OutboxTest, ATakenOverClaimIsNotDeliveredByItsFirstHolder) {
    ASSERT_TRUE(Add(Telling("e:1", {7})));
    const auto first = outbox_->ClaimWaiting(Soon());
    app_.runtime.manual_clock().Advance(61'000);
    const auto second = outbox_->ClaimWaiting(Soon());
    ASSERT_EQ(second->size(), 1u);
    EXPECT_FALSE(*outbox_->DeliverOne(Soon(), first->front()));
    EXPECT_TRUE(*outbox_->DeliverOne(Soon(), second->front()));
    EXPECT_FALSE(*outbox_->DeliverOne(Soon(), second->front()));
    EXPECT_EQ(Number("SELECT COUNT(*) FROM notify_notice"), 1);
}

TEST_P(OutboxTest, LiveHintsCarryIdsOnly) {
    const auto done =
        app_.runtime.database().Write(Soon(), [&](mch::db::Transaction& tx) -> mch::Result<void> {
            MCH_CHECK(outbox_->Add(tx, Telling("e:1", {7})));
            outbox_->Hint(tx, "hazard", 41, 3);
            return {};
        });
    ASSERT_TRUE(done);
    auto events = app_.runtime.bus().Take();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].topic, "hazard");
    EXPECT_EQ(events[0].data, R"({"id":"41","version":3})");
    ASSERT_TRUE(outbox_->Deliver(Soon()));
    events = app_.runtime.bus().Take();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].topic, "user:7");
    EXPECT_EQ(events[0].type, "notice");
    EXPECT_EQ(events[0].data, R"({"count":1})");
}

TEST_P(OutboxTest, NoticesAreReadByTheirOwnerInHisLanguage) {
    for (int i = 1; i <= 3; ++i) ASSERT_TRUE(Add(Telling("e:" + std::to_string(i), {7})));
    ASSERT_TRUE(outbox_->Deliver(Soon()));
    auto page = Call("GET", "/api/v1/notices", 7, "limit=2");
    ASSERT_TRUE(page);
    auto json = std::move(*mch::json::Parse(page->body));
    ASSERT_EQ(json.Find("items")->AsArray().size(), 2u);
    const mch::json::Value& first = json.Find("items")->AsArray()[0];
    EXPECT_EQ(first.String("title"), "Hazard YH-1 awaits review");
    EXPECT_EQ(first.String("link"), "/hazards/1");
    EXPECT_TRUE(first.Find("read_at")->IsNull());
    const std::string id = first.String("id");
    auto rest = Call("GET", "/api/v1/notices", 7, "limit=2&cursor=" + json.String("next_cursor"));
    json = std::move(*mch::json::Parse(rest->body));
    EXPECT_EQ(json.Find("items")->AsArray().size(), 1u);
    EXPECT_TRUE(json.Find("next_cursor")->IsNull());

    // Another person's notice does not exist for one.
    EXPECT_EQ(Call("POST", "/api/v1/notices/" + id + "/read", 8).error().code(),
              "notify.notice.not_found");
    EXPECT_EQ(Call("GET", "/api/v1/notices/count", 7)->body, R"({"unread":3})");
    ASSERT_TRUE(Call("POST", "/api/v1/notices/" + id + "/read", 7));
    ASSERT_TRUE(Call("POST", "/api/v1/notices/" + id + "/read", 7));
    EXPECT_EQ(Call("GET", "/api/v1/notices/count", 7)->body, R"({"unread":2})");
    ASSERT_EQ(audit_->records.size(), 1u);
    EXPECT_EQ(audit_->records[0].action, "notify.notice.read");
    json = std::move(*mch::json::Parse(Call("GET", "/api/v1/notices", 7, "unread=true")->body));
    EXPECT_EQ(json.Find("items")->AsArray().size(), 2u);
}

TEST_P(OutboxTest, BadPagingIsRefusedByField) {
    for (const char* query : {"limit=0", "limit=101", "limit=x", "cursor=-1"}) {
        const auto answer = Call("GET", "/api/v1/notices", 7, query);
        ASSERT_FALSE(answer) << query;
        EXPECT_EQ(answer.error().code(), "request.invalid") << query;
    }
}

TEST_P(OutboxTest, LiveTopicsFollowPermissions) {
    outbox_->AllowTopic("hazard", "hazard:case:list");
    outbox_->AllowTopic("secret", "secret:thing:list");
    const auto live = Call("GET", "/api/v1/live", 7);
    ASSERT_TRUE(live);
    ASSERT_TRUE(live->stream);
    EXPECT_EQ(live->stream->topics, (std::vector<std::string>{"user:7", "hazard"}));
    EXPECT_EQ(live->stream->user_id, 7);
}

}  // namespace
}  // namespace anlan::notify
