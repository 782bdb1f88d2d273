// The district of test_world.h.
#include "modules/hazard/app/test_world.h"

#include <algorithm>
#include <cstdlib>

#include "mch/app/embedded_files.h"
#include "mch/base/text.h"
#include "modules/dictionary/api/dictionary.h"
#include "modules/hazard/module.h"
#include "storage/open.h"

extern const mch::EmbeddedFiles kEmbedded_module_region;

namespace anlan::hazard {
namespace {

using identity::UserCard;
using mch::http::ScopeKind;

const std::map<mch::Id, region::Region>& AllRegions() {
    static const std::map<mch::Id, region::Region> regions = {
        {kCity, {kCity, 0, "4403", "深圳市", region::Level::kCity, "/1/"}},
        {kDistrict, {kDistrict, kCity, "440308", "盐田区", region::Level::kDistrict, "/1/2/"}},
        {kOtherDistrict,
         {kOtherDistrict, kCity, "440303", "罗湖区", region::Level::kDistrict, "/1/9/"}},
        {kStreet, {kStreet, kDistrict, "440308001", "海山街道", region::Level::kStreet, "/1/2/3/"}},
        {kOtherStreet,
         {kOtherStreet, kDistrict, "440308002", "沙头角街道", region::Level::kStreet, "/1/2/4/"}},
    };
    return regions;
}

// Longitude decides: below 114 outside, 114..114.1 district 9, 114.1..114.2 near a border, above
// that district 2.
struct TestRegions final : region::Regions {
    mch::Result<region::Region> Find(mch::db::Reader&, mch::Id id) const override {
        const auto it = AllRegions().find(id);
        if (it == AllRegions().end()) return mch::NotFound("region.not_found");
        return it->second;
    }
    mch::Result<region::Region> FindByCode(mch::db::Reader&, std::string_view) const override {
        return mch::NotFound("region.not_found");
    }
    mch::Result<region::Region> Root(mch::db::Reader& reader) const override {
        return Find(reader, kCity);
    }
    mch::Result<std::map<mch::Id, std::string>> Names(
        mch::db::Reader&, const std::vector<mch::Id>& ids) const override {
        std::map<mch::Id, std::string> names;
        for (mch::Id id : ids) {
            if (AllRegions().count(id) == 1) names[id] = AllRegions().at(id).name;
        }
        return names;
    }
    mch::Result<std::vector<std::string>> PathNames(mch::db::Reader&, mch::Id) const override {
        return std::vector<std::string>{};
    }
    mch::Result<region::Location> Locate(mch::db::Reader&, region::Point point) const override {
        using region::RegionStatus;
        if (point.longitude < 114) {
            return region::Location{0, RegionStatus::kUnconfirmed, "region.note.outside"};
        }
        if (point.longitude < 114.1)
            return region::Location{kOtherDistrict, RegionStatus::kLocated, ""};
        if (point.longitude < 114.2) {
            return region::Location{kDistrict, RegionStatus::kUnconfirmed,
                                    "region.note.near_border"};
        }
        return region::Location{kDistrict, RegionStatus::kLocated, ""};
    }
};

// 500: a station of the enterprise; 501: one that stands outside the borders; 502: nobody's.
struct TestAssets final : asset::Assets {
    static const std::map<mch::Id, asset::AssetSummary>& All() {
        static const std::map<mch::Id, asset::AssetSummary> all = [] {
            std::map<mch::Id, asset::AssetSummary> made;
            for (mch::Id id : {500, 501, 502}) {
                asset::AssetSummary& a = made[id];
                a.id = id;
                a.asset_no = "CDZ-" + std::to_string(id);
                a.name = "海山路充电站";
                a.sector = "charging";
                a.org_id = id == 502 ? 0 : kEnterprise;
                a.region_id = kStreet;
                a.longitude = id == 501 ? 113.9 : 114.25;
                a.latitude = 22.56;
            }
            return made;
        }();
        return all;
    }
    mch::Result<asset::AssetSummary> Find(mch::db::Reader&, mch::Id id) const override {
        const auto it = All().find(id);
        if (it == All().end()) return mch::NotFound("asset.not_found");
        return it->second;
    }
    mch::Result<asset::AssetSummary> FindVisible(mch::db::Reader& reader,
                                                 const mch::http::Principal&,
                                                 mch::Id id) const override {
        return Find(reader, id);
    }
    mch::Result<std::map<mch::Id, asset::AssetSummary>> FindMany(
        mch::db::Reader&, const std::vector<mch::Id>&) const override {
        return std::map<mch::Id, asset::AssetSummary>{};
    }
};

struct TestPersonalData final : identity::PersonalData {
    mch::Result<std::string> Seal(std::string_view column, std::string_view plain) override {
        if (plain.empty()) return std::string();
        return "sealed:" + std::string(column) + ":" + mch::text::ToHex(plain);
    }
    mch::Result<std::string> Open(std::string_view column, std::string_view sealed) override {
        if (sealed.empty()) return std::string();
        const std::string prefix = "sealed:" + std::string(column) + ":";
        if (!sealed.starts_with(prefix)) return mch::Internal("personal_data.damaged");
        return mch::text::FromHex(sealed.substr(prefix.size())).value_or("");
    }
    mch::Result<std::string> Index(std::string_view, std::string_view plain) override {
        return std::string(plain);
    }
};

struct TestDictionaries final : dictionary::Dictionaries {
    mch::Result<void> Add(std::string_view json_text) override {
        return mch::json::Parse(json_text) ? mch::Result<void>()
                                           : mch::Internal("dictionary.invalid");
    }
};

std::vector<std::string> PermissionsOf(const std::string& role) {
    std::vector<std::string> actions;
    if (role == "street") actions = {"list", "view", "comment", "report", "accept"};
    if (role == "regulator") {
        actions = {"list", "view", "comment", "report", "accept", "review", "verify", "write_off"};
    }
    if (role == "supervisor") {
        actions = {"list", "view", "comment", "report", "accept", "review", "verify", "write_off"};
    }
    if (role == "enterprise") actions = {"list", "view", "comment", "report", "plan", "rectify"};
    std::vector<std::string> permissions;
    for (const std::string& action : actions) permissions.push_back("hazard:case:" + action);
    std::sort(permissions.begin(), permissions.end());
    return permissions;
}

bool Covers(const mch::http::ScopeGrant& grant, const identity::Place& place) {
    const auto inside = [&] {
        const auto region = AllRegions().find(place.region_id);
        const auto top = AllRegions().find(grant.region_id);
        return grant.region_id == 0 || (region != AllRegions().end() && top != AllRegions().end() &&
                                        region->second.path.starts_with(top->second.path));
    };
    switch (grant.kind) {
        case ScopeKind::kAll:
            return true;
        case ScopeKind::kRegionTree:
            return inside();
        case ScopeKind::kSector:
            return inside() && grant.sector == place.sector;
        case ScopeKind::kOrganisation:
        case ScopeKind::kOrganisationTree:
            return grant.org_id == place.org_id;
        case ScopeKind::kSelf:
            break;
    }
    return false;
}

void DropTables(mch::db::Database& database, const mch::Clock& clock) {
    const mch::Deadline deadline(clock, 60'000);
    (void)database.Write(deadline, [](mch::db::Transaction& tx) -> mch::Result<void> {
        for (const char* table :
             {"hazard_case", "hazard_duty", "hazard_photo", "hazard_review", "hazard_review_risk",
              "hazard_archive", "hazard_plan", "hazard_measure", "hazard_rectification",
              "hazard_verification", "hazard_write_off", "hazard_comment", "hazard_event",
              "hazard_deadline", "region_region", "mch_migration"}) {
            MCH_CHECK(tx.Execute("DROP TABLE IF EXISTS " + std::string(table)));
        }
        return {};
    });
}

}  // namespace

mch::Result<void> TestAudit::Append(mch::db::Transaction&, audit::Actor actor,
                                    audit::Record record) {
    records.emplace_back(std::move(actor), std::move(record));
    return {};
}

mch::Result<void> TestOutbox::Add(mch::db::Transaction&, const notify::Message& message) const {
    messages.push_back(message);
    return {};
}
void TestOutbox::Hint(mch::db::Transaction& tx, std::string_view, mch::Id id,
                      std::int64_t version) const {
    tx.AfterCommit([this, id, version] { hints.emplace_back(id, version); });
}
void TestOutbox::AllowTopic(std::string topic, std::string permission) {
    topics[std::move(topic)] = std::move(permission);
}

void TestFiles::RegisterGuard(std::string object_type, file::ReadGuard guard) {
    guards[std::move(object_type)] = std::move(guard);
}
mch::Result<std::vector<file::FileFacts>> TestFiles::FindMany(
    mch::db::Reader&, const std::vector<mch::Id>& ids) const {
    std::vector<file::FileFacts> found;
    for (mch::Id id : ids) {
        if (files.count(id) == 0) return mch::NotFound("file.not_found");
        found.push_back(files.at(id));
    }
    return found;
}
mch::Result<std::vector<file::FileFacts>> TestFiles::OfObject(mch::db::Reader&, std::string_view,
                                                              mch::Id object_id) const {
    std::vector<file::FileFacts> found;
    for (const auto& [id, facts] : files) {
        if (facts.object_id == object_id) found.push_back(facts);
    }
    return found;
}
mch::Result<void> TestFiles::Attach(mch::db::Transaction& tx, mch::Id user_id,
                                    const std::vector<mch::Id>& file_ids,
                                    std::string_view object_type, mch::Id object_id,
                                    std::string_view field) const {
    for (mch::Id id : file_ids) {
        const auto it = files.find(id);
        if (it == files.end() || it->second.uploaded_by != user_id || it->second.object_id != 0) {
            return mch::InvalidField(std::string(field), "file.not_attachable");
        }
    }
    tx.AfterCommit([this, file_ids, type = std::string(object_type), object_id] {
        for (mch::Id id : file_ids) {
            files[id].object_type = type;
            files[id].object_id = object_id;
        }
    });
    return {};
}

mch::Result<UserCard> TestDirectory::User(mch::db::Reader& reader, mch::Id id) const {
    MCH_TRY(auto found, Users(reader, {id}));
    if (found.empty()) return mch::NotFound("identity.user.not_found");
    return found.begin()->second;
}
mch::Result<std::map<mch::Id, UserCard>> TestDirectory::Users(
    mch::db::Reader&, const std::vector<mch::Id>& ids) const {
    std::map<mch::Id, UserCard> found;
    for (const auto& [account, person] : people) {
        if (std::count(ids.begin(), ids.end(), person.card.id) > 0) {
            found[person.card.id] = person.card;
        }
    }
    return found;
}
mch::Result<identity::OrganisationCard> TestDirectory::Organisation(mch::db::Reader&,
                                                                    mch::Id id) const {
    const auto it = organisations.find(id);
    if (it == organisations.end()) return mch::NotFound("identity.org.not_found");
    return it->second;
}
mch::Result<std::map<mch::Id, identity::OrganisationCard>> TestDirectory::Organisations(
    mch::db::Reader&, const std::vector<mch::Id>& ids) const {
    std::map<mch::Id, identity::OrganisationCard> found;
    for (mch::Id id : ids) {
        if (organisations.count(id) == 1) found[id] = organisations.at(id);
    }
    return found;
}
mch::Result<identity::OrganisationCard> TestDirectory::OrganisationByName(mch::db::Reader&,
                                                                          std::string_view) const {
    return identity::OrganisationCard{};
}
mch::Result<std::vector<UserCard>> TestDirectory::HoldersOfRole(
    mch::db::Reader&, std::string_view role, const identity::Place& place) const {
    std::vector<UserCard> holders;
    for (const auto& [account, person] : people) {
        if (person.role == role && Covers(person.grant, place)) holders.push_back(person.card);
    }
    return holders;
}
mch::Result<std::vector<UserCard>> TestDirectory::HoldersOfPermission(
    mch::db::Reader&, std::string_view permission, const identity::Place& place) const {
    std::vector<UserCard> holders;
    for (const auto& [account, person] : people) {
        const bool has = std::count(person.permissions.begin(), person.permissions.end(),
                                    std::string(permission)) > 0;
        if (has && Covers(person.grant, place)) holders.push_back(person.card);
    }
    return holders;
}
mch::Result<std::vector<std::string>> TestDirectory::RolesOf(mch::db::Reader&,
                                                             mch::Id user_id) const {
    for (const auto& [account, person] : people) {
        if (person.card.id == user_id) return std::vector<std::string>{person.role};
    }
    return std::vector<std::string>{};
}

WorldTest::WorldTest()
    : directory_(std::make_shared<TestDirectory>()),
      files_(std::make_shared<TestFiles>()),
      outbox_(std::make_shared<TestOutbox>()),
      audit_(std::make_shared<TestAudit>()) {
    const auto add = [&](const std::string& account, const std::string& name, mch::Id id,
                         mch::Id org, mch::Id region, const std::string& role,
                         mch::http::ScopeGrant grant) {
        directory_->people[account] = {{id, account, name, org, "", region, "138****0001", true},
                                       role,
                                       PermissionsOf(role),
                                       grant};
    };
    const auto organisation = [&](mch::Id id, const std::string& name, const std::string& kind) {
        directory_->organisations[id] = {id, 0, "", name, kind, kDistrict, "", true};
    };
    organisation(kStreetOffice, "海山街道办", "street");
    organisation(kOtherOffice, "沙头角街道办", "street");
    organisation(kRegulator, "区工信局", "regulator");
    organisation(kBureau, "区应急管理局", "emergency");
    organisation(kEnterprise, "深圳海山充电有限公司", "enterprise");
    organisation(kOtherEnterprise, "别的公司", "enterprise");
    add("wang", "王巡查", 10, kStreetOffice, kStreet, "street",
        {ScopeKind::kRegionTree, kStreet, 0, ""});
    add("fang", "方巡查", 15, kOtherOffice, kOtherStreet, "street",
        {ScopeKind::kRegionTree, kOtherStreet, 0, ""});
    add("li", "李复核", 11, kRegulator, kDistrict, "regulator",
        {ScopeKind::kSector, kDistrict, 0, "charging"});
    add("zhao", "赵核验", 13, kRegulator, kDistrict, "regulator",
        {ScopeKind::kSector, kDistrict, 0, "charging"});
    add("chen", "陈安全员", 12, kEnterprise, kStreet, "enterprise",
        {ScopeKind::kOrganisation, 0, kEnterprise, ""});
    add("qian", "钱安全员", 16, kOtherEnterprise, kStreet, "enterprise",
        {ScopeKind::kOrganisation, 0, kOtherEnterprise, ""});
    add("sun", "孙综合", 14, kBureau, kCity, "supervisor", {ScopeKind::kAll, 0, 0, ""});
    add("audit", "审计员", 17, kBureau, kCity, "auditor", {ScopeKind::kAll, 0, 0, ""});
}

WorldTest::~WorldTest() = default;

void WorldTest::SetUp() {
    mch::db::DatabaseOptions options;
    const bool mysql = std::string(GetParam()) == "mysql";
    if (mysql) {
        const char* url = std::getenv("ANLAN_TEST_MYSQL_URL");
        if (url == nullptr) GTEST_SKIP() << "ANLAN_TEST_MYSQL_URL is not set";
        options.url = url;
    } else {
        options.url = "sqlite:" + app_.runtime.var_folder() + "/hazard.db";
    }
    auto database = mch::storage::OpenDatabase(options, app_.runtime.clock());
    ASSERT_TRUE(database) << database.error().ToString();
    app_.runtime.SetDatabase(std::move(*database));
    if (mysql) DropTables(app_.runtime.database(), app_.runtime.clock());

    mch::app::AddEmbedded(app_.context, "region", kEmbedded_module_region);
    app_.context.Provide<dictionary::Dictionaries>(std::make_shared<TestDictionaries>());
    app_.context.Provide<audit::AuditLog>(audit_);
    app_.context.Provide<identity::Directory>(directory_);
    app_.context.Provide<identity::PersonalData>(std::make_shared<TestPersonalData>());
    app_.context.Provide<region::Regions>(std::make_shared<TestRegions>());
    app_.context.Provide<asset::Assets>(std::make_shared<TestAssets>());
    app_.context.Provide<file::Files>(files_);
    app_.context.Provide<notify::Outbox>(outbox_);
    Register(app_.context);
    const auto migrated = app_.Migrate();
    ASSERT_TRUE(migrated) << migrated.error().ToString();
    const auto regions =
        app_.runtime.database().Write(Soon(), [](mch::db::Transaction& tx) -> mch::Result<void> {
            for (const auto& [id, region] : AllRegions()) {
                MCH_CHECK(
                    tx.Execute("INSERT INTO region_region (id, parent_id, code, name, level, "
                               "path, version, created_at, created_by, updated_at, updated_by) "
                               "VALUES (?, ?, ?, ?, ?, ?, 1, 0, 0, 0, 0)",
                               {id, region.parent_id, region.code, region.name,
                                region::LevelName(region.level), region.path}));
            }
            return {};
        });
    ASSERT_TRUE(regions) << regions.error().ToString();
    services_ = std::make_unique<Services>(Services{
        app_.runtime, app_.messages, audit_, directory_, app_.context.Get<identity::PersonalData>(),
        app_.context.Get<region::Regions>(), app_.context.Get<asset::Assets>(), files_, outbox_});
}

mch::http::Context WorldTest::As(const std::string& account) {
    mch::http::Context context(app_.runtime.clock(), Soon());
    context.language = "zh-CN";
    const TestDirectory::Person& person = directory_->people.at(account);
    mch::http::Principal& principal = context.principal;
    principal.user_id = person.card.id;
    principal.account = account;
    principal.name = person.card.name;
    principal.org_id = person.card.org_id;
    principal.region_id = person.card.region_id;
    principal.roles = {person.role};
    principal.permissions = person.permissions;
    principal.scopes = {person.grant};
    return context;
}

mch::Id WorldTest::UserId(const std::string& account) const {
    return directory_->people.at(account).card.id;
}

mch::Id WorldTest::Upload(const std::string& account) {
    file::FileFacts facts;
    facts.id = app_.runtime.ids().Next();
    facts.name = "照片.jpg";
    facts.content_type = "image/jpeg";
    facts.uploaded_by = UserId(account);
    files_->files[facts.id] = facts;
    return facts.id;
}

ReportFields WorldTest::GoodReport(const std::string& account) {
    ReportFields fields;
    fields.source = "inspection";
    fields.name = "充电枪线破损";
    fields.type = "equipment_fault";
    fields.sector = "charging";
    fields.reporter_grade = HazardGrade::kOrdinary;
    fields.asset_id = 500;
    fields.address = "海山路 1 号";
    fields.longitude = 114.25;
    fields.latitude = 22.56;
    fields.nature = "枪线外皮破损，露出铜芯";
    fields.photo_ids = {Upload(account)};
    return fields;
}

MoveContent WorldTest::GoodContent(Move move, const std::string& account) {
    switch (move) {
        case Move::kAccept:
            return AcceptContent{};
        case Move::kReturn:
        case Move::kReject:
            return ReasonContent{"照片与描述不符"};
        case Move::kResubmit:
            return ResubmitContent{{}, "已补充"};
        case Move::kConfirm: {
            ReviewContent review;
            review.basic_information_ok = review.accuracy_ok = true;
            review.influence_degree = "medium";
            review.risk_grade = RiskGrade::kGeneral;
            return review;
        }
        case Move::kPlan: {
            PlanContent plan;
            plan.responsible_person = "陈安全员";
            plan.measures = {{"更换枪线", Day(5)}};
            plan.due_day = Day(10);
            return plan;
        }
        case Move::kReportDone:
            return DoneContent{"已更换枪线并测试", 12050, true, {Upload(account)}};
        case Move::kFail:
            return FailContent{"接头仍有松动", Day(2)};
        case Move::kPass:
            return PassContent{"site_visit", "已消除", {}};
        case Move::kWriteOff:
            break;
    }
    return WriteOffContent{RiskGrade::kLow, "同意核销"};
}

mch::Result<CaseDetail> WorldTest::Report(const std::string& account) {
    MCH_TRY(ReportAnswer answer,
            ReportHazard(*services_, As(account), mch::RandomUuid(), GoodReport(account)));
    return std::move(answer.detail);
}

mch::Result<CaseDetail> WorldTest::Make(const std::string& account, const CaseDetail& seen,
                                        Move move, MoveContent content) {
    return MoveCase(*services_, As(account), seen.row.id,
                    {move, seen.row.version, std::move(content)});
}

mch::Result<CaseDetail> WorldTest::Make(const std::string& account, const CaseDetail& seen,
                                        Move move) {
    return Make(account, seen, move, GoodContent(move, account));
}

CaseDetail WorldTest::CaseAfter(const std::vector<Move>& moves) {
    auto detail = Report("wang");
    EXPECT_TRUE(detail) << detail.error().ToString();
    for (Move move : moves) {
        std::string account = "zhao";
        if (move == Move::kAccept || move == Move::kResubmit) account = "wang";
        if (move == Move::kReturn || move == Move::kConfirm || move == Move::kReject) {
            account = "li";
        }
        if (move == Move::kPlan || move == Move::kReportDone) account = "chen";
        if (move == Move::kWriteOff) account = "sun";
        detail = Make(account, *detail, move);
        EXPECT_TRUE(detail) << Code(move) << ": " << detail.error().ToString();
        if (!detail) std::abort();
    }
    return std::move(*detail);
}

std::int64_t WorldTest::CountRows(const std::string& table) {
    const auto rows = app_.runtime.database().Read(Soon(), [&](mch::db::Reader& reader) {
        return reader.Query("SELECT COUNT(*) FROM " + table);
    });
    EXPECT_TRUE(rows) << rows.error().ToString();
    return rows ? rows->front().Int(0) : -1;
}

std::int64_t WorldTest::Day(int days_from_today) {
    return DayOf(app_.runtime.clock().Now(), 480) + days_from_today;
}

std::string WorldTest::Date(int days_from_today) { return DayText(Day(days_from_today)); }

}  // namespace anlan::hazard
