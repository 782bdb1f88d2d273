#include "modules/hazard/store/case_store.h"

#include <string>
#include <utility>

namespace anlan::hazard {
namespace {

using mch::db::NullIfEmpty;
using mch::db::NullIfZero;
using mch::db::Params;
using mch::db::Value;

constexpr std::string_view kColumns =
    "h.id, h.hazard_no, h.client_uuid, h.region_id, h.region_status, h.org_id, h.sector, h.state, "
    "h.state_since, h.due_at, h.round, h.urgent, h.source, h.type, h.name, h.reporter_grade, "
    "h.hazard_grade, h.risk_grade, h.asset_id, h.address, h.longitude, h.latitude, h.floor, "
    "h.part, h.nature, h.cause, h.consequence, h.affected_people, h.reporter_id, "
    "h.reporter_name_sealed, h.reporter_phone_sealed, h.reported_at, h.cover_photo_id, "
    "h.principal_org_id, h.plan_author_id, h.rectifier_id, h.verifier_id, h.rectify_from_day, "
    "h.rectify_due_day, h.version, h.created_at, h.created_by, h.updated_at, h.updated_by";

constexpr std::string_view kInsert =
    "INSERT INTO hazard_case (region_id, region_status, org_id, sector, state, state_since, "
    "due_at, round, urgent, source, type, name, reporter_grade, hazard_grade, risk_grade, "
    "asset_id, address, longitude, latitude, floor, part, nature, cause, consequence, "
    "affected_people, reporter_name_sealed, reporter_phone_sealed, cover_photo_id, "
    "principal_org_id, plan_author_id, rectifier_id, verifier_id, rectify_from_day, "
    "rectify_due_day, updated_at, updated_by, version, id, hazard_no, client_uuid, reporter_id, "
    "reported_at, created_at, created_by) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

constexpr std::string_view kUpdate =
    "UPDATE hazard_case SET region_id = ?, region_status = ?, org_id = ?, sector = ?, state = ?, "
    "state_since = ?, due_at = ?, round = ?, urgent = ?, source = ?, type = ?, name = ?, "
    "reporter_grade = ?, hazard_grade = ?, risk_grade = ?, asset_id = ?, address = ?, "
    "longitude = ?, latitude = ?, floor = ?, part = ?, nature = ?, cause = ?, consequence = ?, "
    "affected_people = ?, reporter_name_sealed = ?, reporter_phone_sealed = ?, "
    "cover_photo_id = ?, principal_org_id = ?, plan_author_id = ?, rectifier_id = ?, "
    "verifier_id = ?, rectify_from_day = ?, rectify_due_day = ?, updated_at = ?, updated_by = ?, "
    "version = version + 1 "
    "WHERE id = ? AND version = ? AND state = ?";

// The columns that a case may change, in the order of both statements.
Params Changeable(const CaseRow& row) {
    return {row.region_id,
            row.region_status,
            row.org_id,
            row.sector,
            Code(row.state),
            row.state_since,
            row.due_at,
            row.round,
            row.urgent,
            row.source,
            row.type,
            row.name,
            Code(row.reporter_grade),
            row.hazard_grade ? Value(Code(*row.hazard_grade)) : Value(),
            row.risk_grade ? Value(Code(*row.risk_grade)) : Value(),
            NullIfZero(row.asset_id),
            row.address,
            row.longitude,
            row.latitude,
            NullIfEmpty(row.floor),
            NullIfEmpty(row.part),
            row.nature,
            NullIfEmpty(row.cause),
            NullIfEmpty(row.consequence),
            row.affected_people ? Value(*row.affected_people) : Value(),
            NullIfEmpty(row.reporter_name_sealed),
            NullIfEmpty(row.reporter_phone_sealed),
            NullIfZero(row.cover_photo_id),
            NullIfZero(row.principal_org_id),
            NullIfZero(row.plan_author_id),
            NullIfZero(row.rectifier_id),
            NullIfZero(row.verifier_id),
            NullIfZero(row.rectify_from_day),
            NullIfZero(row.rectify_due_day),
            row.updated_at,
            row.updated_by};
}

mch::Result<CaseRow> Find(mch::db::Reader& reader, const mch::http::Principal& principal,
                          mch::Id id, std::string_view suffix) {
    const identity::SqlCondition visible = VisibleCases(principal);
    std::string sql("SELECT ");
    sql += kColumns;
    sql += " FROM hazard_case h WHERE h.id = ? AND ";
    sql += visible.sql;
    sql += suffix;
    Params params = {id};
    params.insert(params.end(), visible.params.begin(), visible.params.end());
    MCH_TRY(mch::db::Row row, reader.QueryOne(sql, params, "hazard.not_found"));
    return CaseFromRow(row);
}

}  // namespace

std::string_view CaseColumns() { return kColumns; }

mch::Result<CaseRow> CaseFromRow(const mch::db::Row& row) {
    CaseRow c;
    std::size_t i = 0;
    c.id = row.Int(i++);
    c.hazard_no = row.Text(i++);
    c.client_uuid = row.Text(i++);
    c.region_id = row.Int(i++);
    c.region_status = row.Text(i++);
    c.org_id = row.Int(i++);
    c.sector = row.Text(i++);
    const auto state = ParseState(row.Text(i++));
    c.state_since = row.Int(i++);
    c.due_at = row.Int(i++);
    c.round = static_cast<int>(row.Int(i++));
    c.urgent = row.Int(i++) != 0;
    c.source = row.Text(i++);
    c.type = row.Text(i++);
    c.name = row.Text(i++);
    const auto reporter_grade = ParseHazardGrade(row.Text(i++));
    if (!state || !reporter_grade) {
        // A newer release wrote a word that this one does not know.
        return mch::Internal("hazard.row.unreadable", "case " + std::to_string(c.id));
    }
    c.state = *state;
    c.reporter_grade = *reporter_grade;
    c.hazard_grade = ParseHazardGrade(row.Text(i++));
    c.risk_grade = ParseRiskGrade(row.Text(i++));
    c.asset_id = row.Int(i++);
    c.address = row.Text(i++);
    c.longitude = row.Double(i++);
    c.latitude = row.Double(i++);
    c.floor = row.Text(i++);
    c.part = row.Text(i++);
    c.nature = row.Text(i++);
    c.cause = row.Text(i++);
    c.consequence = row.Text(i++);
    if (!row.IsNull(i)) c.affected_people = row.Int(i);
    ++i;
    c.reporter_id = row.Int(i++);
    c.reporter_name_sealed = row.Text(i++);
    c.reporter_phone_sealed = row.Text(i++);
    c.reported_at = row.Int(i++);
    c.cover_photo_id = row.Int(i++);
    c.principal_org_id = row.Int(i++);
    c.plan_author_id = row.Int(i++);
    c.rectifier_id = row.Int(i++);
    c.verifier_id = row.Int(i++);
    c.rectify_from_day = row.Int(i++);
    c.rectify_due_day = row.Int(i++);
    c.version = row.Int(i++);
    c.created_at = row.Int(i++);
    c.created_by = row.Int(i++);
    c.updated_at = row.Int(i++);
    c.updated_by = row.Int(i++);
    return c;
}

identity::SqlCondition VisibleCases(const mch::http::Principal& principal) {
    identity::SqlCondition scope = identity::ScopePredicate(principal, "h");
    std::string sql = "(" + scope.sql +
                      " OR h.reporter_id = ?"
                      " OR h.id IN (SELECT d.hazard_id FROM hazard_duty d"
                      " WHERE d.person_id = ? AND d.valid_to IS NULL)";
    Params params = std::move(scope.params);
    params.emplace_back(principal.user_id);
    params.emplace_back(principal.user_id);
    if (principal.org_id != 0) {
        sql +=
            " OR h.id IN (SELECT d.hazard_id FROM hazard_duty d"
            " WHERE d.org_id = ? AND d.valid_to IS NULL)";
        params.emplace_back(principal.org_id);
    }
    sql += ")";
    return {std::move(sql), std::move(params)};
}

mch::Result<CaseRow> FindVisible(mch::db::Reader& reader, const mch::http::Principal& principal,
                                 mch::Id id) {
    return Find(reader, principal, id, "");
}

mch::Result<CaseRow> FindVisibleForUpdate(mch::db::Transaction& tx,
                                          const mch::http::Principal& principal, mch::Id id) {
    return Find(tx, principal, id, tx.dialect().ForUpdate());
}

mch::Result<CaseRow> FindByClientUuid(mch::db::Reader& reader, std::string_view client_uuid) {
    std::string sql("SELECT ");
    sql += kColumns;
    sql += " FROM hazard_case h WHERE h.client_uuid = ?";
    MCH_TRY(mch::db::Rows rows, reader.Query(sql, {client_uuid}));
    if (rows.empty()) return CaseRow{};
    return CaseFromRow(rows.front());
}

mch::Result<void> InsertCase(mch::db::Transaction& tx, const CaseRow& row) {
    Params params = Changeable(row);
    for (Value value : {Value(row.version), Value(row.id), Value(row.hazard_no),
                        Value(row.client_uuid), Value(row.reporter_id), Value(row.reported_at),
                        Value(row.created_at), Value(row.created_by)}) {
        params.push_back(std::move(value));
    }
    MCH_CHECK(tx.Execute(kInsert, params));
    return {};
}

mch::Result<bool> UpdateCase(mch::db::Transaction& tx, const CaseRow& row,
                             std::int64_t seen_version, State seen_state) {
    Params params = Changeable(row);
    params.emplace_back(row.id);
    params.emplace_back(seen_version);
    params.emplace_back(Code(seen_state));
    MCH_TRY(std::int64_t changed, tx.Execute(kUpdate, params));
    return changed == 1;
}

}  // namespace anlan::hazard
