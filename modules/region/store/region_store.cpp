#include "modules/region/store/region_store.h"

#include <array>
#include <utility>

namespace anlan::region {
namespace {

constexpr std::array<std::pair<Level, std::string_view>, 7> kLevels = {{
    {Level::kCountry, "country"},
    {Level::kProvince, "province"},
    {Level::kCity, "city"},
    {Level::kDistrict, "district"},
    {Level::kStreet, "street"},
    {Level::kCommunity, "community"},
    {Level::kGrid, "grid"},
}};

Level LevelOf(std::string_view name) {
    for (const auto& [level, text] : kLevels) {
        if (text == name) return level;
    }
    return Level::kGrid;
}

#define REGION_COLUMNS                                                             \
    "SELECT r.id, r.parent_id, r.code, r.name, r.level, r.path, r.longitude, "     \
    "r.latitude, EXISTS (SELECT 1 FROM region_region c WHERE c.parent_id = r.id) " \
    "FROM region_region r "

constexpr std::string_view kFind = REGION_COLUMNS "WHERE r.id = ?";
constexpr std::string_view kFindByCode = REGION_COLUMNS "WHERE r.code = ?";
constexpr std::string_view kRoot = REGION_COLUMNS "WHERE r.parent_id IS NULL";
constexpr std::string_view kChildren =
    REGION_COLUMNS "WHERE r.parent_id = ? ORDER BY r.code LIMIT 5000";
constexpr std::string_view kAtLevel = REGION_COLUMNS "WHERE r.level = ? ORDER BY r.code LIMIT 5000";
constexpr std::string_view kAll = REGION_COLUMNS "ORDER BY r.path LIMIT 100000";
#undef REGION_COLUMNS

constexpr std::string_view kName = "SELECT name FROM region_region WHERE id = ?";

constexpr std::string_view kInsert =
    "INSERT INTO region_region (id, parent_id, code, name, level, path, longitude, latitude, "
    "version, created_at, created_by, updated_at, updated_by) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, 0, ?, 0)";

constexpr std::string_view kRename =
    "UPDATE region_region SET name = ?, version = version + 1, updated_at = ?, updated_by = 0 "
    "WHERE id = ?";

RegionRow FromRow(const mch::db::Row& row) {
    RegionRow answer;
    answer.region = {row.Int(0),  row.Int(1),           row.Text(2),
                     row.Text(3), LevelOf(row.Text(4)), row.Text(5)};
    answer.centre = {row.Double(6), row.Double(7)};
    answer.has_children = row.Int(8) != 0;
    return answer;
}

mch::Result<std::vector<RegionRow>> FromQuery(mch::db::Reader& reader, std::string_view sql,
                                              const mch::db::Params& params) {
    MCH_TRY(const mch::db::Rows rows, reader.Query(sql, params));
    std::vector<RegionRow> answer;
    answer.reserve(rows.size());
    for (const mch::db::Row& row : rows) answer.push_back(FromRow(row));
    return answer;
}

}  // namespace

std::string_view LevelName(Level level) {
    for (const auto& [value, text] : kLevels) {
        if (value == level) return text;
    }
    return "";
}

std::string_view RegionStatusName(RegionStatus status) {
    return status == RegionStatus::kLocated ? "located" : "unconfirmed";
}

namespace store {

mch::Result<RegionRow> Find(mch::db::Reader& reader, mch::Id id) {
    MCH_TRY(const mch::db::Row row, reader.QueryOne(kFind, {id}, "region.not_found"));
    return FromRow(row);
}

mch::Result<RegionRow> FindByCode(mch::db::Reader& reader, std::string_view code) {
    MCH_TRY(const mch::db::Row row, reader.QueryOne(kFindByCode, {code}, "region.not_found"));
    return FromRow(row);
}

mch::Result<RegionRow> Root(mch::db::Reader& reader) {
    MCH_TRY(const mch::db::Row row, reader.QueryOne(kRoot, {}, "region.not_seeded"));
    return FromRow(row);
}

mch::Result<std::vector<RegionRow>> Children(mch::db::Reader& reader, mch::Id parent_id) {
    return FromQuery(reader, kChildren, {parent_id});
}

mch::Result<std::vector<RegionRow>> AtLevel(mch::db::Reader& reader, Level level) {
    return FromQuery(reader, kAtLevel, {LevelName(level)});
}

mch::Result<std::vector<RegionRow>> All(mch::db::Reader& reader) {
    return FromQuery(reader, kAll, {});
}

mch::Result<std::map<mch::Id, std::string>> Names(mch::db::Reader& reader,
                                                  const std::vector<mch::Id>& ids) {
    std::map<mch::Id, std::string> names;
    for (const mch::Id id : ids) {
        if (id == 0 || names.contains(id)) continue;
        MCH_TRY(const mch::db::Rows rows, reader.Query(kName, {id}));
        if (!rows.empty()) names.emplace(id, rows[0].Text(0));
    }
    return names;
}

mch::Result<void> Insert(mch::db::Transaction& tx, const RegionRow& row, mch::TimeMs now) {
    const Region& r = row.region;
    const bool placed = row.centre.longitude != 0 || row.centre.latitude != 0;
    MCH_CHECK(tx.Execute(
        kInsert, {r.id, mch::db::NullIfZero(r.parent_id), r.code, r.name, LevelName(r.level),
                  r.path, placed ? mch::db::Value(row.centre.longitude) : mch::db::Value(),
                  placed ? mch::db::Value(row.centre.latitude) : mch::db::Value(), now, now}));
    return {};
}

mch::Result<void> Rename(mch::db::Transaction& tx, mch::Id id, std::string_view name,
                         mch::TimeMs now) {
    MCH_CHECK(tx.Execute(kRename, {name, now, id}));
    return {};
}

}  // namespace store
}  // namespace anlan::region
