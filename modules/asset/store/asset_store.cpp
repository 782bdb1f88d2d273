#include "modules/asset/store/asset_store.h"

namespace anlan::asset::store {
namespace {

using identity::SqlCondition;

constexpr std::string_view kSelect =
    "SELECT a.id, a.asset_no, a.name, a.sector, a.type, a.status, a.org_id, a.region_id,"
    " a.region_status, a.address, a.longitude, a.latitude, a.version, a.source, a.source_key,"
    " a.crs_source, a.extra"
    " FROM asset_asset a WHERE ";

constexpr std::string_view kInsert =
    "INSERT INTO asset_asset (id, asset_no, name, sector, type, status, org_id, region_id,"
    " region_status, address, longitude, latitude, version, source, source_key, crs_source, extra,"
    " created_at, created_by, updated_at, updated_by)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)";

constexpr std::string_view kUpdate =
    "UPDATE asset_asset SET name = ?, sector = ?, type = ?, org_id = ?, region_id = ?,"
    " region_status = ?, address = ?, longitude = ?, latitude = ?, crs_source = ?, extra = ?,"
    " version = version + 1, updated_at = ?, updated_by = ?"
    " WHERE id = ? AND version = ?";

AssetRow FromRow(const mch::db::Row& row) {
    AssetRow out;
    AssetSummary& asset = out.asset;
    asset.id = row.Int(0);
    asset.asset_no = row.Text(1);
    asset.name = row.Text(2);
    asset.sector = row.Text(3);
    asset.type = row.Text(4);
    asset.status = row.Text(5);
    asset.org_id = row.Int(6);
    asset.region_id = row.Int(7);
    asset.region_status = row.Text(8);
    asset.address = row.Text(9);
    asset.longitude = row.Double(10);
    asset.latitude = row.Double(11);
    asset.version = row.Int(12);
    out.source = row.Text(13);
    out.source_key = row.Text(14);
    out.crs_source = row.Text(15);
    out.extra = row.Text(16);
    return out;
}

void And(SqlCondition& where, const SqlCondition& condition) {
    where.sql += " AND " + condition.sql;
    where.params.insert(where.params.end(), condition.params.begin(), condition.params.end());
}

// "%text%" with the wildcards of the text taken literally (ESCAPE '!').
std::string Containing(std::string_view text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '!') pattern += '!';
        pattern += c;
    }
    return pattern + "%";
}

mch::Result<std::vector<AssetRow>> Run(mch::db::Reader& reader, const SqlCondition& where,
                                       std::string_view tail) {
    MCH_TRY(const mch::db::Rows rows,
            reader.Query(std::string(kSelect) + where.sql + std::string(tail), where.params));
    std::vector<AssetRow> out;
    out.reserve(rows.size());
    for (const mch::db::Row& row : rows) out.push_back(FromRow(row));
    return out;
}

mch::Result<AssetRow> One(mch::db::Reader& reader, const SqlCondition& where) {
    MCH_TRY(std::vector<AssetRow> rows, Run(reader, where, ""));
    if (rows.empty()) return mch::NotFound("asset.not_found");
    return std::move(rows.front());
}

}  // namespace

mch::Result<AssetRow> Find(mch::db::Reader& reader, mch::Id id) {
    return One(reader, {"a.id = ?", {id}});
}

mch::Result<AssetRow> FindVisible(mch::db::Reader& reader, const mch::http::Principal& principal,
                                  mch::Id id) {
    SqlCondition where{"a.id = ?", {id}};
    And(where, identity::ScopePredicate(principal, "a"));
    return One(reader, where);
}

mch::Result<std::map<mch::Id, AssetSummary>> FindMany(mch::db::Reader& reader,
                                                      const std::vector<mch::Id>& ids) {
    std::map<mch::Id, AssetSummary> out;
    if (ids.empty()) return out;
    SqlCondition where{"a.id IN (", {}};
    for (const mch::Id id : ids) {
        where.sql += where.params.empty() ? "?" : ", ?";
        where.params.emplace_back(id);
    }
    where.sql += ")";
    MCH_TRY(std::vector<AssetRow> rows, Run(reader, where, ""));
    for (AssetRow& row : rows) out.emplace(row.asset.id, std::move(row.asset));
    return out;
}

mch::Result<std::vector<AssetRow>> List(mch::db::Reader& reader,
                                        const mch::http::Principal& principal,
                                        const Filter& filter) {
    SqlCondition where = identity::ScopePredicate(principal, "a");
    if (filter.after != 0) And(where, {"a.id > ?", {filter.after}});
    if (!filter.sector.empty()) And(where, {"a.sector = ?", {filter.sector}});
    if (filter.region_id != 0) {
        // The subtree of a region is what a grant of it would give.
        mch::http::Principal subtree;
        subtree.scopes.push_back({mch::http::ScopeKind::kRegionTree, filter.region_id, 0, ""});
        And(where, identity::ScopePredicate(subtree, "a"));
    }
    if (filter.has_box)
        And(where, {"a.longitude BETWEEN ? AND ? AND a.latitude BETWEEN ? AND ?",
                    {filter.west, filter.east, filter.south, filter.north}});
    if (!filter.text.empty()) {
        const std::string pattern = Containing(filter.text);
        And(where, {"(a.name LIKE ? ESCAPE '!' OR a.asset_no LIKE ? ESCAPE '!'"
                    " OR a.address LIKE ? ESCAPE '!')",
                    {pattern, pattern, pattern}});
    }
    where.params.emplace_back(filter.limit + 1);
    return Run(reader, where, " ORDER BY a.id LIMIT ?");
}

mch::Result<std::map<std::string, AssetRow>> OfSource(mch::db::Reader& reader,
                                                      std::string_view source) {
    std::map<std::string, AssetRow> out;
    MCH_CHECK(
        reader.Each(std::string(kSelect) + "a.source = ?", {source}, [&](const mch::db::Row& row) {
            AssetRow asset = FromRow(row);
            out.emplace(asset.source_key, std::move(asset));
            return true;
        }));
    return out;
}

mch::Result<void> Insert(mch::db::Transaction& tx, const AssetRow& row, Change change) {
    const AssetSummary& a = row.asset;
    MCH_CHECK(tx.Execute(kInsert, {a.id,
                                   a.asset_no,
                                   a.name,
                                   a.sector,
                                   a.type,
                                   a.status,
                                   mch::db::NullIfZero(a.org_id),
                                   a.region_id,
                                   a.region_status,
                                   a.address,
                                   a.longitude,
                                   a.latitude,
                                   row.source,
                                   row.source_key,
                                   row.crs_source,
                                   row.extra,
                                   change.at,
                                   change.by,
                                   change.at,
                                   change.by}));
    return {};
}

mch::Result<void> Update(mch::db::Transaction& tx, const AssetRow& row, Change change) {
    const AssetSummary& a = row.asset;
    MCH_TRY(
        const std::int64_t changed,
        tx.Execute(kUpdate, {a.name, a.sector, a.type, mch::db::NullIfZero(a.org_id), a.region_id,
                             a.region_status, a.address, a.longitude, a.latitude, row.crs_source,
                             row.extra, change.at, change.by, a.id, a.version}));
    if (changed != 1)
        return mch::Error(mch::ErrorKind::kPrecondition, "request.version_changed", a.asset_no);
    return {};
}

}  // namespace anlan::asset::store
