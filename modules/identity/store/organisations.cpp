#include "modules/identity/store/rows.h"
#include "modules/identity/store/sql.h"

namespace anlan::identity {

namespace {

#define ANLAN_ORG_COLUMNS                                                                        \
    "SELECT o.id, o.parent_id, o.path, o.code, o.name, o.kind, o.uscc, o.region_id, o.sector,\n" \
    "  o.status, o.version, o.created_at, o.created_by\n"                                        \
    "FROM identity_org o\n"
constexpr std::string_view kFindById = ANLAN_ORG_COLUMNS "WHERE o.id = ?";
constexpr std::string_view kFindByCode = ANLAN_ORG_COLUMNS "WHERE o.code = ?";
constexpr std::string_view kFindByName = ANLAN_ORG_COLUMNS
    "WHERE o.name = ?\n"
    "ORDER BY o.id\n"
    "LIMIT 2";
constexpr std::string_view kFindMany = ANLAN_ORG_COLUMNS "WHERE o.id IN ";
constexpr std::string_view kList = ANLAN_ORG_COLUMNS
    "WHERE o.id > ?\n"
    "  AND (? = '' OR o.name LIKE ? OR o.code LIKE ?)\n"
    "  AND ";
#undef ANLAN_ORG_COLUMNS
constexpr std::string_view kListEnd =
    "\n"
    "ORDER BY o.id\n"
    "LIMIT ?";
constexpr std::string_view kInsert =
    "INSERT INTO identity_org (id, parent_id, path, code, name, kind, uscc, region_id, sector,\n"
    "  status, version, created_at, created_by, updated_at, updated_by)\n"
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kRegionPath =
    "SELECT path, name\n"
    "FROM region_region\n"
    "WHERE id = ?";

constexpr std::string_view kRegionByCode =
    "SELECT id\n"
    "FROM region_region\n"
    "WHERE code = ?";
constexpr std::string_view kRegionByName =
    "SELECT id\n"
    "FROM region_region\n"
    "WHERE name = ? AND path LIKE ?\n"
    "ORDER BY id\n"
    "LIMIT 1";
constexpr std::string_view kRootRegion =
    "SELECT id\n"
    "FROM region_region\n"
    "WHERE parent_id IS NULL OR parent_id = 0\n"
    "ORDER BY id\n"
    "LIMIT 1";

mch::Result<mch::Id> OneId(Reader& reader, std::string_view sql, const mch::db::Params& params) {
    MCH_TRY(const auto rows, reader.Query(sql, params));
    return rows.empty() ? mch::Id{0} : rows.front().Int(0);
}

OrganisationRow FromRow(const mch::db::Row& row) {
    OrganisationRow o;
    o.id = row.Int(0);
    o.parent_id = row.Int(1);
    o.path = row.Text(2);
    o.code = row.Text(3);
    o.name = row.Text(4);
    o.kind = row.Text(5);
    o.uscc = row.Text(6);
    o.region_id = row.Int(7);
    o.sector = row.Text(8);
    o.status = row.Text(9);
    o.version = row.Int(10);
    o.created_at = row.Int(11);
    o.created_by = row.Int(12);
    return o;
}

mch::Result<std::vector<OrganisationRow>> Many(Reader& reader, std::string_view sql,
                                               const mch::db::Params& params) {
    MCH_TRY(const auto rows, reader.Query(sql, params));
    std::vector<OrganisationRow> found;
    found.reserve(rows.size());
    for (const auto& row : rows) found.push_back(FromRow(row));
    return found;
}

mch::Result<std::optional<OrganisationRow>> One(Reader& reader, std::string_view sql,
                                                const mch::db::Params& params) {
    MCH_TRY(auto found, Many(reader, sql, params));
    if (found.empty()) return std::optional<OrganisationRow>();
    return std::optional<OrganisationRow>(std::move(found.front()));
}

}  // namespace

mch::Result<std::optional<OrganisationRow>> FindOrganisation(Reader& reader, mch::Id id) {
    return One(reader, kFindById, {id});
}

mch::Result<std::optional<OrganisationRow>> FindOrganisationByCode(Reader& reader,
                                                                   std::string_view code) {
    return One(reader, kFindByCode, {code});
}

mch::Result<std::vector<OrganisationRow>> FindOrganisationsByName(Reader& reader,
                                                                  std::string_view name) {
    return Many(reader, kFindByName, {name});
}

mch::Result<std::vector<OrganisationRow>> FindOrganisationsById(Reader& reader,
                                                                const std::vector<mch::Id>& ids) {
    const IdList list(ids);
    if (list.empty()) return std::vector<OrganisationRow>();
    return Many(reader, std::string(kFindMany) + list.sql(), list.params());
}

mch::Result<std::vector<OrganisationRow>> ListOrganisations(Reader& reader,
                                                            const SqlCondition& scope,
                                                            std::string_view text, mch::Id after_id,
                                                            int limit) {
    const std::string like = Like(text);
    mch::db::Params params = {after_id, text, like, like};
    params.insert(params.end(), scope.params.begin(), scope.params.end());
    params.emplace_back(limit);
    return Many(reader, std::string(kList) + scope.sql + std::string(kListEnd), params);
}

mch::Result<void> InsertOrganisation(Transaction& tx, const OrganisationRow& o) {
    MCH_CHECK(
        tx.Execute(kInsert, {o.id, mch::db::NullIfZero(o.parent_id), o.path, o.code, o.name, o.kind,
                             o.uscc, mch::db::NullIfZero(o.region_id), o.sector, o.status,
                             o.version, o.created_at, o.created_by, o.created_at, o.created_by}));
    return {};
}

mch::Result<std::string> PathOfRegion(Reader& reader, mch::Id region_id) {
    MCH_TRY(const auto rows, reader.Query(kRegionPath, {region_id}));
    return rows.empty() ? std::string() : rows.front().Text(0);
}

mch::Result<std::string> NameOfRegion(Reader& reader, mch::Id region_id) {
    MCH_TRY(const auto rows, reader.Query(kRegionPath, {region_id}));
    return rows.empty() ? std::string() : rows.front().Text(1);
}

mch::Result<mch::Id> FindRegionByCode(Reader& reader, std::string_view code) {
    return OneId(reader, kRegionByCode, {code});
}

mch::Result<mch::Id> FindRegionByName(Reader& reader, std::string_view name, mch::Id under) {
    return OneId(reader, kRegionByName, {name, "%/" + mch::FormatId(under) + "/%"});
}

mch::Result<mch::Id> FindRootRegion(Reader& reader) { return OneId(reader, kRootRegion, {}); }

}  // namespace anlan::identity
