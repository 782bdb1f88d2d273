#include "modules/asset/app/import.h"

#include <gtest/gtest.h>

#include <fstream>

#include "mch/app/embedded_files.h"
#include "mch/app/testing.h"
#include "modules/asset/app/asset_service.h"
#include "modules/asset/app/import_command.h"
#include "modules/asset/http/routes.h"
#include "modules/audit/api/testing.h"
#include "storage/testing.h"

extern const mch::EmbeddedFiles kEmbedded_module_asset;

namespace anlan::asset {
namespace {

// West of 114.1 is district 2, east of it district 3, north of 23 nowhere; 1 is the city.
class TwoDistricts final : public region::Regions {
  public:
    mch::Result<region::Region> Find(mch::db::Reader&, mch::Id id) const override {
        region::Region region;
        region.id = id;
        region.name = id == 1 ? "city" : id == 2 ? "west" : "east";
        return region;
    }
    mch::Result<region::Region> FindByCode(mch::db::Reader& reader,
                                           std::string_view) const override {
        return Find(reader, 1);
    }
    mch::Result<region::Region> Root(mch::db::Reader& reader) const override {
        return Find(reader, 1);
    }
    mch::Result<std::map<mch::Id, std::string>> Names(mch::db::Reader&,
                                                      const std::vector<mch::Id>&) const override {
        return std::map<mch::Id, std::string>{{1, "city"}, {2, "west"}, {3, "east"}};
    }
    mch::Result<std::vector<std::string>> PathNames(mch::db::Reader&, mch::Id) const override {
        return std::vector<std::string>{};
    }
    mch::Result<region::Location> Locate(mch::db::Reader&, region::Point p) const override {
        if (p.latitude > 23) {
            return region::Location{0, region::RegionStatus::kUnconfirmed, "region.note.outside"};
        }
        return region::Location{p.longitude < 114.1 ? 2 : 3, region::RegionStatus::kLocated, ""};
    }
};

class OneOwner final : public identity::Directory {
  public:
    using Reader = mch::db::Reader;
    using Users_ = std::map<mch::Id, identity::UserCard>;
    using Cards = std::vector<identity::UserCard>;
    mch::Result<identity::UserCard> User(Reader&, mch::Id) const override {
        return mch::NotFound("identity.user.not_found");
    }
    mch::Result<Users_> Users(Reader&, const std::vector<mch::Id>&) const override {
        return Users_{};
    }
    mch::Result<identity::OrganisationCard> Organisation(Reader&, mch::Id) const override {
        return mch::NotFound("identity.org.not_found");
    }
    mch::Result<std::map<mch::Id, identity::OrganisationCard>> Organisations(
        Reader&, const std::vector<mch::Id>&) const override {
        return std::map<mch::Id, identity::OrganisationCard>{};
    }
    mch::Result<identity::OrganisationCard> OrganisationByName(
        Reader&, std::string_view name) const override {
        identity::OrganisationCard card;
        if (name == "Owner") card.id = 77;
        return card;
    }
    mch::Result<Cards> HoldersOfRole(Reader&, std::string_view,
                                     const identity::Place&) const override {
        return Cards{};
    }
    mch::Result<Cards> HoldersOfPermission(Reader&, std::string_view,
                                           const identity::Place&) const override {
        return Cards{};
    }
    mch::Result<std::vector<std::string>> RolesOf(Reader&, mch::Id) const override {
        return std::vector<std::string>{};
    }
};

class ImportTest : public testing::TestWithParam<mch::db::Engine> {
  protected:
    ImportTest() : database_(GetParam(), app_.runtime.var_folder()) {}
    void SetUp() override {
        if (!database_.available()) GTEST_SKIP() << "ANLAN_TEST_MYSQL_URL is not set";
        app_.runtime.SetDatabase(database_.Open(app_.runtime.clock()));
        mch::app::AddEmbedded(app_.context, "asset", kEmbedded_module_asset);
        AddRoutes(app_.context, regions_, directory_);
        const auto migrated = app_.Migrate();
        ASSERT_TRUE(migrated) << migrated.error().ToString();
    }

    ImportOptions Options(const std::string& text) {
        ImportOptions options;
        options.file = app_.runtime.var_folder() + "/stations.csv";
        options.map = "asset_no=id,longitude=lon,latitude=lat,ext.fast=fast";
        options.name_pattern = "站 {id}";
        std::ofstream(options.file, std::ios::binary) << text;
        return options;
    }
    mch::Result<ImportReport> Import(const ImportOptions& options) {
        AssetImport import(app_.runtime, regions_, directory_, audit_);
        return import.Run(options);
    }
    mch::Result<ImportReport> Import(const std::string& text) { return Import(Options(text)); }
    std::int64_t Number(std::string_view sql) {
        const auto rows = app_.runtime.database().Read(
            Soon(), [&](mch::db::Reader& reader) { return reader.Query(sql); });
        EXPECT_TRUE(rows) << rows.error().ToString();
        return rows ? rows->at(0).Int(0) : -1;
    }
    mch::Deadline Soon() { return mch::Deadline(app_.runtime.clock(), 20'000); }
    mch::Result<mch::json::Value> Get(std::string path, std::string query,
                                      mch::http::ScopeGrant grant) {
        const auto match = app_.routes.Find("GET", path);
        mch::http::Request request;
        request.query = std::move(query);
        request.path_parameters = match.parameters;
        mch::http::Context context(app_.runtime.clock(), Soon());
        context.principal.user_id = 9;
        context.principal.scopes = {std::move(grant)};
        MCH_TRY(const auto response, match.route->handler(request, context));
        return mch::json::Parse(response.body);
    }

    mch::app::TestApplication app_;
    mch::storage::TestDatabase database_;
    std::shared_ptr<region::Regions> regions_ = std::make_shared<TwoDistricts>();
    std::shared_ptr<identity::Directory> directory_ = std::make_shared<OneOwner>();
    std::shared_ptr<audit::RecordingAudit> audit_ = std::make_shared<audit::RecordingAudit>();
};

INSTANTIATE_TEST_SUITE_P(Stores, ImportTest,
                         testing::Values(mch::db::Engine::kSqlite, mch::db::Engine::kMysql),
                         mch::storage::EngineName);

constexpr const char* kThree =
    "id,lat,lon,fast\n"
    "1,22.5,114.0,5\n"
    "2,22.6,114.2,0\n"
    "3,23.5,114.0,1\n";

TEST_P(ImportTest, ASecondRunChangesNothing) {
    const auto first = Import(kThree);
    ASSERT_TRUE(first) << first.error().ToString();
    EXPECT_EQ(first->rows, 3);
    EXPECT_EQ(first->added, 3);
    EXPECT_EQ(first->unconfirmed, 1);
    EXPECT_EQ(first->by_region,
              (std::map<std::string, std::int64_t>{{"city", 1}, {"east", 1}, {"west", 1}}));
    ASSERT_EQ(audit_->records.size(), 1u);
    EXPECT_EQ(audit_->records[0].action, "asset.import");

    app_.runtime.manual_clock().Advance(1000);
    const auto second = Import(kThree);
    ASSERT_TRUE(second) << second.error().ToString();
    EXPECT_EQ(second->added, 0);
    EXPECT_EQ(second->changed, 0);
    EXPECT_EQ(second->unchanged, 3);
    EXPECT_EQ(audit_->records.size(), 1u);
    EXPECT_EQ(Number("SELECT COUNT(*) FROM asset_asset WHERE version = 1"), 3);
}

TEST_P(ImportTest, ARowThatDiffersIsUpdatedOnce) {
    ASSERT_TRUE(Import(kThree));
    const auto next = Import(
        "id,lat,lon,fast\n"
        "1,22.5,114.0,6\n"
        "2,22.6,114.05,0\n"
        "4,22.5,114.0,1\n");
    ASSERT_TRUE(next);
    EXPECT_EQ(next->added, 1);
    EXPECT_EQ(next->changed, 2);
    EXPECT_EQ(Number("SELECT COUNT(*) FROM asset_asset"), 4);
    EXPECT_EQ(Number("SELECT version FROM asset_asset WHERE asset_no = '2'"), 2);
    EXPECT_EQ(Number("SELECT region_id FROM asset_asset WHERE asset_no = '2'"), 2);
}

TEST_P(ImportTest, PositionsOfAnotherSystemAreStoredAsWgs84) {
    ImportOptions options = Options("id,lat,lon,fast\n1,22.5,114.1,5\n");
    options.crs = "gcj02";
    const auto report = Import(options);
    ASSERT_TRUE(report);
    // The shift is some 500 m to the west here: across the line of the two districts.
    EXPECT_EQ(report->by_region, (std::map<std::string, std::int64_t>{{"west", 1}}));
    EXPECT_EQ(Number("SELECT COUNT(*) FROM asset_asset WHERE crs_source = 'gcj02' AND "
                     "longitude < 114.097 AND longitude > 114.09"),
              1);
}

TEST_P(ImportTest, APersonsDecisionOnTheRegionStays) {
    ASSERT_TRUE(Import(kThree));
    ASSERT_TRUE(app_.runtime.database().Write(Soon(), [](mch::db::Transaction& tx) {
        return tx.Execute(
            "UPDATE asset_asset SET region_id = 3, region_status = 'located' WHERE asset_no = '3'");
    }));
    const auto again = Import(kThree);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->unchanged, 3);
    EXPECT_EQ(Number("SELECT region_id FROM asset_asset WHERE asset_no = '3'"), 3);
}

TEST_P(ImportTest, BadRowsAreNamedAndTheOthersGoIn) {
    const auto report = Import(
        "id,lat,lon,fast\n"
        "1,22.5,114.0,5\n"
        "2,north,114.2,0\n"
        "1,22.5,114.0,1\n"
        ",22.5,114.0,1\n"
        "5,22.5\n");
    ASSERT_TRUE(report);
    EXPECT_EQ(report->rows, 5);
    EXPECT_EQ(report->added, 1);
    std::vector<std::pair<int, std::string>> rejected;
    for (const Rejection& r : report->rejected) rejected.emplace_back(r.line, r.reason.code());
    EXPECT_EQ(rejected, (std::vector<std::pair<int, std::string>>{{3, "asset.import.not_a_number"},
                                                                  {4, "asset.import.twice"},
                                                                  {5, "field.required"},
                                                                  {6, "asset.import.cells"}}));
}

TEST_P(ImportTest, NothingIsWrittenByATrialOrABrokenFile) {
    ImportOptions options = Options(kThree);
    options.dry_run = true;
    const auto trial = Import(options);
    ASSERT_TRUE(trial);
    EXPECT_EQ(trial->unconfirmed, 1);
    EXPECT_EQ(Import("id,lat,lon,fast\n1,22.5,114.0,5\n2,\"22").error().code(),
              "csv.unclosed_quote");
    EXPECT_EQ(Import("").error().code(), "asset.import.empty");
    EXPECT_EQ(Import("\xff\xff").error().code(), "asset.import.encoding");
    options = Options(kThree);
    options.organisation = "Nobody";
    EXPECT_EQ(Import(options).error().code(), "asset.import.organisation");
    options = Options(kThree);
    options.crs = "mars";
    EXPECT_EQ(Import(options).error().code(), "region.crs_unknown");
    options.file = "/nowhere.csv";
    EXPECT_EQ(Import(options).error().code(), "asset.import.file");
    EXPECT_EQ(Number("SELECT COUNT(*) FROM asset_asset"), 0);
    EXPECT_TRUE(audit_->records.empty());
}

TEST_P(ImportTest, TheListIsPagedFilteredAndScoped) {
    ImportOptions options = Options(kThree);
    options.organisation = "Owner";
    ASSERT_TRUE(Import(options));
    const mch::http::ScopeGrant all{mch::http::ScopeKind::kAll, 0, 0, ""};
    const auto count = [&](const std::string& query, const mch::http::ScopeGrant& grant) {
        const auto json = Get("/api/v1/assets", query, grant);
        EXPECT_TRUE(json) << json.error().ToString();
        return json ? json->Find("items")->AsArray().size() : 99;
    };
    EXPECT_EQ(count("", all), 3u);
    EXPECT_EQ(count("bbox=113.9,22,114.05,23", all), 1u);
    EXPECT_EQ(count("sector=elevator", all), 0u);
    EXPECT_EQ(count("q=%E7%AB%99%202", all), 1u);
    EXPECT_EQ(count("q=%25", all), 0u);
    EXPECT_EQ(count("", {mch::http::ScopeKind::kOrganisation, 0, 77, ""}), 3u);
    EXPECT_EQ(count("", {mch::http::ScopeKind::kOrganisation, 0, 78, ""}), 0u);
    auto page = Get("/api/v1/assets", "limit=2", all);
    ASSERT_EQ(page->Find("items")->AsArray().size(), 2u);
    EXPECT_EQ(count("limit=2&cursor=" + page->String("next_cursor"), all), 1u);
    const std::string id = page->Find("items")->AsArray()[0].String("id");
    EXPECT_EQ(Get("/api/v1/assets/" + id, "", all)->Find("extra")->Int("fast"), 5);
    EXPECT_EQ(Get("/api/v1/assets/" + id, "", {mch::http::ScopeKind::kOrganisation, 0, 78, ""})
                  .error()
                  .code(),
              "asset.not_found");
    EXPECT_EQ(Get("/api/v1/assets", "bbox=1,2,3", all).error().fields()[0].field, "bbox");
}

TEST(ImportCommand, RefusesSwitchesItDoesNotKnow) {
    const std::vector<std::string> bad[] = {
        {},
        {"f.csv"},
        {"f.csv", "--map"},
        {"f.csv", "--map", "a=b", "--unknown", "x"},
        {"f.csv", "g.csv", "--map", "a=b"},
    };
    for (const auto& args : bad) {
        const auto options = ParseImportOptions(args);
        ASSERT_FALSE(options);
        EXPECT_EQ(options.error().code(), "command.usage");
    }
    const auto good = ParseImportOptions({"f.csv", "--map", "a=b", "--dry-run", "--crs", "gcj02"});
    ASSERT_TRUE(good);
    EXPECT_TRUE(good->dry_run);
    EXPECT_EQ(good->crs, "gcj02");
}

}  // namespace
}  // namespace anlan::asset
