#include "modules/region/app/region_service.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "mch/app/testing.h"
#include "mch/base/json.h"
#include "modules/audit/api/testing.h"
#include "modules/region/app/divisions.h"
#include "modules/region/module.h"
#include "storage/testing.h"

namespace anlan::region {
namespace {

// A piece of Shenzhen: two districts with squares for borders and one, 440311, without.
class RegionTest : public testing::TestWithParam<mch::db::Engine> {
  protected:
    RegionTest() : database_(GetParam(), app_.runtime.var_folder()) {}
    void SetUp() override {
        if (!database_.available()) GTEST_SKIP() << "ANLAN_TEST_MYSQL_URL is not set";
        app_.runtime.SetDatabase(database_.Open(app_.runtime.clock()));
        app_.context.Provide<audit::AuditLog>(audit_);
        share_ = app_.runtime.var_folder() + "/share";
        app_.runtime.SetShareFolder(share_);
        std::filesystem::create_directories(share_ + "/data/divisions");
        std::filesystem::create_directories(share_ + "/data/borders");
        Write("divisions/provinces.json", R"([{"code":"44","name":"广东省"}])");
        Write("divisions/cities.json", R"([{"code":"4403","name":"深圳市","provinceCode":"44"}])");
        WriteAreas("光明区");
        Write("divisions/streets.json", R"([
          {"code":"440308004","name":"海山街道","areaCode":"440308","cityCode":"4403"},
          {"code":"440311001","name":"光明街道","areaCode":"440311","cityCode":"4403"},
          {"code":"440106001","name":"elsewhere","areaCode":"440106","cityCode":"4401"}])");
        Register(app_.context);
        regions_ = std::static_pointer_cast<RegionService>(app_.context.Get<Regions>());
    }
    void Write(const std::string& name, std::string_view text) {
        std::ofstream(share_ + "/data/" + name, std::ios::binary) << text;
    }
    void WriteAreas(const std::string& third) {
        Write("divisions/areas.json",
              R"([{"code":"440306","name":"宝安区","cityCode":"4403"},
                  {"code":"440308","name":"盐田区","cityCode":"4403"},
                  {"code":"440311","name":")" +
                  third + R"(","cityCode":"4403"},
                  {"code":"440106","name":"elsewhere","cityCode":"4401"}])");
    }
    // Baoan is the square 113.8..113.9, Yantian 114.2..114.3; both 22.5..22.6 in GCJ-02.
    void WriteBorders() {
        const auto square = [](const char* code, const char* west, const char* east) {
            const std::string w = west;
            const std::string e = east;
            return std::string(R"({"id":")") + code + R"(","properties":{"name":"x","cp":[)" + w +
                   R"(,22.5]},"geometry":{"type":
                   "Polygon","coordinates":[[[)" +
                   w + ",22.5],[" + e + ",22.5],[" + e + ",22.6],[" + w + ",22.6],[" + w +
                   ",22.5]]]}}";
        };
        Write("borders/4403.json", R"({"features":[)" + square("440306", "113.8", "113.9") + "," +
                                       square("440308", "114.2", "114.3") + "]}");
    }
    void Root(std::string code) {
        mch::conf::Directive root;
        root.name = "region_root";
        root.args = {std::move(code)};
        mch::conf::Directive config;
        config.children = {root};
        app_.runtime.SetConfig(std::move(config));
    }
    mch::Deadline Soon() { return mch::Deadline(app_.runtime.clock(), 20'000); }
    template <typename F>
    auto Read(F&& f) {
        return app_.runtime.database().Read(Soon(), std::forward<F>(f));
    }
    std::int64_t Number(std::string_view sql) {
        const auto rows = Read([&](mch::db::Reader& reader) { return reader.Query(sql); });
        return rows ? rows->at(0).Int(0) : -1;
    }
    Location LocateGcj(double longitude, double latitude) {
        const Point p = Convert({longitude, latitude}, Crs::kGcj02, Crs::kWgs84);
        const auto found =
            Read([&](mch::db::Reader& reader) { return regions_->Locate(reader, p); });
        EXPECT_TRUE(found) << found.error().ToString();
        return found ? *found : Location{};
    }
    mch::Id IdOf(std::string_view code) {
        const auto region =
            Read([&](mch::db::Reader& reader) { return regions_->FindByCode(reader, code); });
        EXPECT_TRUE(region) << region.error().ToString();
        return region ? region->id : 0;
    }
    mch::Result<mch::json::Value> Get(const std::string& path, std::string query) {
        const auto match = app_.routes.Find("GET", path);
        mch::http::Request request;
        request.query = std::move(query);
        mch::http::Context context(app_.runtime.clock(), Soon());
        context.language = "en";
        MCH_TRY(const auto response, match.route->handler(request, context));
        return mch::json::Parse(response.body);
    }

    mch::app::TestApplication app_;
    mch::storage::TestDatabase database_;
    std::shared_ptr<audit::RecordingAudit> audit_ = std::make_shared<audit::RecordingAudit>();
    std::shared_ptr<RegionService> regions_;
    std::string share_;
};

INSTANTIATE_TEST_SUITE_P(Stores, RegionTest,
                         testing::Values(mch::db::Engine::kSqlite, mch::db::Engine::kMysql),
                         mch::storage::EngineName);

TEST_P(RegionTest, SeedsTheTreeOfTheRootOnce) {
    ASSERT_TRUE(app_.Migrate());
    EXPECT_EQ(Number("SELECT COUNT(*) FROM region_region"), 6);
    EXPECT_EQ(audit_->records.size(), 1u);
    const auto names = Read(
        [&](mch::db::Reader& reader) { return regions_->PathNames(reader, IdOf("440308004")); });
    ASSERT_TRUE(names);
    EXPECT_EQ(*names, (std::vector<std::string>{"深圳市", "盐田区", "海山街道"}));

    // Again: nothing. With a renamed district: one row.
    ASSERT_TRUE(app_.Migrate());
    EXPECT_EQ(audit_->records.size(), 1u);
    WriteAreas("光明新区");
    ASSERT_TRUE(app_.Migrate());
    EXPECT_EQ(Number("SELECT COUNT(*) FROM region_region"), 6);
    EXPECT_EQ(Number("SELECT COUNT(*) FROM region_region WHERE version = 2"), 1);
    ASSERT_EQ(audit_->records.size(), 2u);
    EXPECT_EQ(audit_->records[1].changes[0].field, "440311");
}

TEST_P(RegionTest, ADistrictCanBeTheRoot) {
    Root("440308");
    WriteBorders();
    ASSERT_TRUE(app_.Migrate());
    EXPECT_EQ(Number("SELECT COUNT(*) FROM region_region"), 2);
    EXPECT_EQ(LocateGcj(114.25, 22.55).region_id, IdOf("440308"));
    EXPECT_EQ(LocateGcj(114.25, 22.55).status, RegionStatus::kLocated);
    // A neighbour of the root is outside this installation.
    EXPECT_EQ(LocateGcj(113.85, 22.55).region_id, 0);
    EXPECT_EQ(LocateGcj(113.85, 22.55).note_code, "region.note.outside");
}

TEST_P(RegionTest, AnotherRootOnTheSameTreeIsRefused) {
    ASSERT_TRUE(app_.Migrate());
    Root("440308");
    EXPECT_EQ(app_.Migrate().error().code(), "region.root_changed");
}

TEST_P(RegionTest, AnUnknownRootOrMissingFilesAreNamed) {
    Root("9999");
    EXPECT_EQ(app_.Migrate().error().code(), "region.root_unknown");
    std::filesystem::remove(share_ + "/data/divisions/cities.json");
    EXPECT_EQ(app_.Migrate().error().code(), "region.data_missing");
    EXPECT_EQ(Number("SELECT COUNT(*) FROM region_region"), 0);
}

TEST_P(RegionTest, LocatesByTheBordersAndSaysWhyNot) {
    WriteBorders();
    ASSERT_TRUE(app_.Migrate());
    const mch::Id yantian = IdOf("440308");
    const Location inside = LocateGcj(114.25, 22.55);
    EXPECT_EQ(inside.region_id, yantian);
    EXPECT_EQ(inside.status, RegionStatus::kLocated);
    EXPECT_EQ(inside.note_code, "");
    const Location edge = LocateGcj(114.2001, 22.55);
    EXPECT_EQ(edge.region_id, yantian);
    EXPECT_EQ(edge.status, RegionStatus::kUnconfirmed);
    EXPECT_EQ(edge.note_code, "region.note.near_border");
    // Guangming 440311 was cut out of Baoan 440306 and has no polygon of its own.
    const Location old = LocateGcj(113.85, 22.55);
    EXPECT_EQ(old.region_id, IdOf("440306"));
    EXPECT_EQ(old.note_code, "region.note.old_layer");
    EXPECT_EQ(LocateGcj(113.5, 22.55).region_id, 0);
    EXPECT_EQ(LocateGcj(113.5, 22.55).note_code, "region.note.outside");
}

TEST_P(RegionTest, WithoutABorderFileEverythingWaitsForAPerson) {
    ASSERT_TRUE(app_.Migrate());
    EXPECT_EQ(LocateGcj(114.25, 22.55).note_code, "region.note.no_borders");
    EXPECT_EQ(Get("/api/v1/map/borders", "")->Find("features")->AsArray().size(), 0u);
}

TEST_P(RegionTest, AnUnexplainedMissingDistrictMakesTheWholeFileOld) {
    WriteBorders();
    Write("divisions/areas.json", R"([{"code":"440306","name":"a","cityCode":"4403"},
        {"code":"440308","name":"b","cityCode":"4403"},
        {"code":"440399","name":"new","cityCode":"4403"}])");
    Write("divisions/streets.json", "[]");
    ASSERT_TRUE(app_.Migrate());
    EXPECT_EQ(LocateGcj(114.25, 22.55).note_code, "region.note.old_layer");
}

TEST_P(RegionTest, RoutesShowTheTreeThePlaceAndTheBorders) {
    WriteBorders();
    ASSERT_TRUE(app_.Migrate());
    auto json = Get("/api/v1/regions", "");
    ASSERT_TRUE(json) << json.error().ToString();
    ASSERT_EQ(json->Find("items")->AsArray().size(), 1u);
    const mch::json::Value root = json->Find("items")->AsArray()[0];
    EXPECT_EQ(root.String("name"), "深圳市");
    EXPECT_TRUE(root.Bool("has_children"));
    json = Get("/api/v1/regions", "parent_id=" + root.String("id"));
    ASSERT_EQ(json->Find("items")->AsArray().size(), 3u);
    EXPECT_EQ(json->Find("items")->AsArray()[1].String("code"), "440308");
    EXPECT_NEAR(json->Find("items")->AsArray()[1].Double("longitude"), 114.2, 0.01);

    json = Get("/api/v1/regions/locate", "lon=114.25&lat=22.55&crs=gcj02");
    ASSERT_TRUE(json) << json.error().ToString();
    EXPECT_EQ(json->String("name"), "盐田区");
    EXPECT_EQ(json->String("status"), "located");
    json = Get("/api/v1/regions/locate", "lon=1&lat=1");
    EXPECT_EQ(json->String("status"), "unconfirmed");
    EXPECT_NE(json->String("note").find("outside"), std::string::npos);
    for (const char* bad : {"lon=1", "lat=1", "lon=x&lat=1", "lon=181&lat=1", "lon=1&lat=-91",
                            "lon=nan&lat=1", "lon=1&lat=1&crs=mars"}) {
        const auto refused = Get("/api/v1/regions/locate", bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(refused.error().code(), "request.invalid") << bad;
    }

    json = Get("/api/v1/map/borders", "");
    ASSERT_EQ(json->Find("features")->AsArray().size(), 2u);
    EXPECT_EQ(json->Find("features")->AsArray()[1].Find("properties")->String("id"),
              mch::FormatId(IdOf("440308")));
}

TEST(Divisions, AMunicipalityHasTheNameOfItsProvince) {
    const auto file = [](std::string_view name) -> mch::Result<std::string> {
        if (name == "provinces.json") return std::string(R"([{"code":"11","name":"北京市"}])");
        if (name == "cities.json") return std::string(R"([{"code":"1101","name":"市辖区"}])");
        return std::string("[]");
    };
    const auto divisions = DivisionsUnder("1101", file);
    ASSERT_TRUE(divisions);
    EXPECT_EQ(divisions->front().name, "北京市");
    EXPECT_EQ(
        DivisionsUnder(
            "1101", [](std::string_view) -> mch::Result<std::string> { return std::string("{}"); })
            .error()
            .code(),
        "region.divisions_invalid");
}

}  // namespace
}  // namespace anlan::region
