#include "modules/hazard/app/report.h"

#include <set>

#include "modules/hazard/app/test_world.h"
#include "modules/hazard/domain/number.h"

namespace anlan::hazard {
namespace {

class ReportTest : public WorldTest {
  protected:
    mch::Result<ReportAnswer> Send(const std::string& account, const ReportFields& fields,
                                   const std::string& uuid = mch::RandomUuid()) {
        return ReportHazard(*services_, As(account), uuid, fields);
    }
    // "field code" of the only field error.
    std::string Refused(const std::string& account, const ReportFields& fields) {
        const auto answer = Send(account, fields);
        if (answer) return "accepted";
        if (answer.error().fields().size() != 1) return answer.error().ToString();
        return answer.error().fields().front().field + " " + answer.error().fields().front().code;
    }
};
INSTANTIATE_TEST_SUITE_P(, ReportTest, testing::Values("sqlite", "mysql"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST_P(ReportTest, StoresEverythingOfTheReport) {
    ReportFields fields = GoodReport("wang");
    fields.floor = "-1";
    fields.part = "3 号桩";
    fields.cause = "老化";
    fields.consequence = "触电";
    fields.affected_people = 20;
    fields.reporter_name = "李先生";
    fields.reporter_phone = "13812345678";
    const auto answer = Send("wang", fields);
    ASSERT_TRUE(answer) << answer.error().ToString();
    EXPECT_TRUE(answer->created);
    const auto shown = ShowCase(*services_, As("wang"), answer->detail.row.id);
    ASSERT_TRUE(shown) << shown.error().ToString();
    const CaseRow& row = shown->row;
    EXPECT_TRUE(row.hazard_no.starts_with("YH20261124-"));
    EXPECT_TRUE(HasValidCheck(row.hazard_no));
    EXPECT_EQ(row.state, State::kReported);
    EXPECT_EQ(row.version, 1);
    EXPECT_EQ(row.region_id, kStreet);
    EXPECT_EQ(row.region_status, "located");
    EXPECT_EQ(row.org_id, kEnterprise);
    EXPECT_EQ(row.floor, "-1");
    EXPECT_EQ(row.part, "3 号桩");
    EXPECT_EQ(row.cause, "老化");
    EXPECT_EQ(row.consequence, "触电");
    EXPECT_EQ(row.affected_people, 20);
    EXPECT_DOUBLE_EQ(row.longitude, 114.25);
    EXPECT_FALSE(row.hazard_grade.has_value());
    EXPECT_FALSE(row.risk_grade.has_value());
    // 08:00 on a Tuesday in Shanghai: acceptance is due at the end of Wednesday.
    EXPECT_EQ(row.due_at, EndOfDay(Day(1), 480));
    EXPECT_EQ(row.cover_photo_id, fields.photo_ids.front());
    ASSERT_EQ(shown->parts.photos.size(), 1U);
    EXPECT_EQ(shown->parts.photos[0].kind, "report");
    EXPECT_EQ(shown->asset->id, 500);
    EXPECT_EQ(shown->reporter_name, "李先生");
    EXPECT_EQ(shown->reporter_phone, "138****5678");
    EXPECT_EQ(row.reporter_phone_sealed.find("13812345678"), std::string::npos);

    ASSERT_EQ(audit_->records.size(), 1U);
    EXPECT_EQ(audit_->records[0].second.action, "hazard.report");
    EXPECT_EQ(audit_->records[0].second.object_id, row.id);
    ASSERT_EQ(outbox_->messages.size(), 1U);
    // Those who may accept here, not the reporter and not the other street.
    EXPECT_EQ(std::set<mch::Id>(outbox_->messages[0].recipients.begin(),
                                outbox_->messages[0].recipients.end()),
              (std::set<mch::Id>{UserId("li"), UserId("zhao"), UserId("sun")}));
    EXPECT_TRUE(app_.messages.Has("zh-CN", outbox_->messages[0].title_code));
    EXPECT_EQ(outbox_->hints.size(), 1U);
}

TEST_P(ReportTest, TheSameUploadIsOneCase) {
    const std::string uuid = mch::RandomUuid();
    const ReportFields fields = GoodReport("wang");
    const auto first = Send("wang", fields, uuid);
    ASSERT_TRUE(first) << first.error().ToString();
    // The phone repeats the very same request; its photo is attached by now.
    const auto again = Send("wang", fields, uuid);
    ASSERT_TRUE(again) << again.error().ToString();
    EXPECT_FALSE(again->created);
    EXPECT_EQ(again->detail.row.id, first->detail.row.id);
    EXPECT_EQ(CountRows("hazard_case"), 1);
    EXPECT_EQ(CountRows("hazard_event"), 1);
    EXPECT_EQ(audit_->records.size(), 1U);
    const auto stolen = Send("li", GoodReport("li"), uuid);
    ASSERT_FALSE(stolen);
    EXPECT_EQ(stolen.error().code(), "hazard.client_uuid.taken");
}

TEST_P(ReportTest, WrongInputStoresNothing) {
    ReportFields fields = GoodReport("wang");
    fields.photo_ids = {};
    EXPECT_EQ(Refused("wang", fields), "photo_ids field.too_few");
    fields = GoodReport("wang");
    fields.photo_ids = {Upload("li")};
    EXPECT_EQ(Refused("wang", fields), "photo_ids file.not_attachable");
    fields = GoodReport("wang");
    fields.reporter_phone = "call me";
    EXPECT_EQ(Refused("wang", fields), "reporter_phone hazard.phone.invalid");
    fields = GoodReport("wang");
    fields.asset_id = 999;
    EXPECT_EQ(Refused("wang", fields), "asset_id hazard.asset.unknown");
    fields = GoodReport("wang");
    fields.region_id = 77;
    EXPECT_EQ(Refused("wang", fields), "region_id hazard.region.unknown");
    fields.region_id = kOtherDistrict;
    EXPECT_EQ(Refused("wang", fields), "region_id hazard.region.mismatch");
    fields = GoodReport("wang");
    fields.longitude = 113.5;
    EXPECT_EQ(Refused("wang", fields), "longitude hazard.point.outside");
    EXPECT_EQ(CountRows("hazard_case"), 0);
    EXPECT_EQ(CountRows("hazard_event"), 0);
    EXPECT_EQ(CountRows("hazard_photo"), 0);
    EXPECT_TRUE(audit_->records.empty());
    EXPECT_TRUE(outbox_->messages.empty());
}

TEST_P(ReportTest, ATelephoneCallNeedsNoPhoto) {
    ReportFields fields = GoodReport("wang");
    fields.source = "hotline";
    fields.photo_ids = {};
    EXPECT_EQ(Refused("wang", fields), "accepted");
}

TEST_P(ReportTest, PlaceComesFromWhatIsKnown) {
    struct Case {
        const char* account;
        mch::Id asset, said;
        double longitude;
        mch::Id region;
        const char* status;
    };
    const Case cases[] = {
        {"li", 500, 0, 114.25, kStreet, "located"},  // the asset's street
        {"li", 0, 0, 114.25, kDistrict, "located"},  // the border's district
        {"li", 0, kOtherStreet, 114.25, kOtherStreet, "located"},
        {"li", 0, kCity, 114.25, kDistrict, "located"},     // never coarser than the point
        {"wang", 0, 0, 114.25, kStreet, "located"},         // a patrol's own street
        {"wang", 0, 0, 114.05, kOtherDistrict, "located"},  // unless the point lies elsewhere
        {"wang", 0, kOtherStreet, 114.25, kOtherStreet, "located"},
        {"li", 0, 0, 114.15, kDistrict, "unconfirmed"},     // near a border
        {"li", 501, 0, 113.9, kStreet, "unconfirmed"},      // at an asset beyond the borders
        {"li", 500, 0, 114.05, kOtherDistrict, "located"},  // far from its asset
    };
    for (const Case& c : cases) {
        ReportFields fields = GoodReport(c.account);
        fields.asset_id.reset();
        if (c.asset != 0) fields.asset_id = c.asset;
        if (c.said != 0) fields.region_id = c.said;
        fields.longitude = c.longitude;
        const auto answer = Send(c.account, fields);
        ASSERT_TRUE(answer) << answer.error().ToString();
        EXPECT_EQ(answer->detail.row.region_id, c.region) << c.account << " " << c.longitude;
        EXPECT_EQ(answer->detail.row.region_status, c.status) << c.longitude;
    }
}

TEST_P(ReportTest, UrgentCasesCountInMinutes) {
    ReportFields fields = GoodReport("wang");
    fields.urgent = true;
    const auto answer = Send("wang", fields);
    ASSERT_TRUE(answer) << answer.error().ToString();
    EXPECT_EQ(answer->detail.row.due_at, app_.runtime.clock().Now() + 30 * 60 * 1000);
}

TEST_P(ReportTest, AnEnterpriseReportsOnItself) {
    ReportFields fields = GoodReport("chen");
    fields.asset_id.reset();
    auto answer = Send("chen", fields);
    ASSERT_TRUE(answer) << answer.error().ToString();
    EXPECT_EQ(answer->detail.row.org_id, kEnterprise);
    fields = GoodReport("wang");
    fields.asset_id.reset();
    answer = Send("wang", fields);
    ASSERT_TRUE(answer) << answer.error().ToString();
    EXPECT_EQ(answer->detail.row.org_id, 0);
}

}  // namespace
}  // namespace anlan::hazard
