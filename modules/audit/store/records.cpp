#include "modules/audit/store/records.h"

namespace anlan::audit {

namespace {

using mch::db::Params;
using mch::db::Row;

constexpr std::string_view kReadHead =
    "SELECT seq, hash\n"
    "FROM audit_head\n"
    "WHERE id = 1";
constexpr std::string_view kMoveHead =
    "UPDATE audit_head\n"
    "SET seq = ?, hash = ?\n"
    "WHERE id = 1";
constexpr std::string_view kInsertRecord =
    "INSERT INTO audit_record (seq, at, actor_id, actor_account, session_id, source_address, "
    "route,\n"
    "  action, object_type, object_id, region_id, org_id, result, changes, note, trace_id,\n"
    "  algorithm, key_id, prev_hash, hash, mac)\n"
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
#define ANLAN_AUDIT_COLUMNS                                                                 \
    "SELECT seq, at, actor_id, actor_account, session_id, source_address, route, action,\n" \
    "  object_type, object_id, region_id, org_id, result, changes, note, trace_id,\n"       \
    "  algorithm, key_id, prev_hash, hash, mac\n"                                           \
    "FROM audit_record\n"
constexpr std::string_view kListRecords = ANLAN_AUDIT_COLUMNS
    "WHERE (? = '' OR actor_account = ?)\n"
    "  AND (? = '' OR action = ?)\n"
    "  AND (? = 0 OR object_id = ?)\n"
    "  AND (? = 0 OR at >= ?)\n"
    "  AND (? = 0 OR at < ?)\n"
    "  AND (? = 0 OR seq < ?)\n"
    "ORDER BY seq DESC\n"
    "LIMIT ?";
constexpr std::string_view kReadChain = ANLAN_AUDIT_COLUMNS
    "WHERE seq >= ?\n"
    "ORDER BY seq\n"
    "LIMIT ?";
#undef ANLAN_AUDIT_COLUMNS
constexpr std::string_view kStoreVerification =
    "INSERT INTO audit_verification (at, through_seq, bad_seq, damage)\n"
    "VALUES (?, ?, ?, ?)";
constexpr std::string_view kDropVerification =
    "DELETE FROM audit_verification\n"
    "WHERE at = ?";
constexpr std::string_view kLastVerification =
    "SELECT at, through_seq, bad_seq, damage\n"
    "FROM audit_verification\n"
    "ORDER BY at DESC\n"
    "LIMIT 1";

ChainRecord FromRow(const Row& row) {
    ChainRecord r;
    r.seq = row.Int(0);
    r.at = row.Int(1);
    r.actor_id = row.Int(2);
    r.actor_account = row.Text(3);
    r.session = row.Text(4);
    r.address = row.Text(5);
    r.route = row.Text(6);
    r.action = row.Text(7);
    r.object_type = row.Text(8);
    r.object_id = row.Int(9);
    r.region_id = row.Int(10);
    r.org_id = row.Int(11);
    r.result = row.Text(12);
    r.changes = row.Text(13);
    r.note = row.Text(14);
    r.trace_id = row.Text(15);
    r.algorithm = row.Text(16);
    r.key_id = row.Text(17);
    r.prev_hash = row.Text(18);
    r.hash = row.Text(19);
    r.mac = row.Text(20);
    return r;
}

std::vector<ChainRecord> FromRows(const mch::db::Rows& rows) {
    std::vector<ChainRecord> records;
    records.reserve(rows.size());
    for (const Row& row : rows) records.push_back(FromRow(row));
    return records;
}

Head HeadFromRow(const Row& row) { return {row.Int(0), row.Text(1)}; }

}  // namespace

mch::Result<Head> ReadHead(mch::db::Reader& reader) {
    MCH_TRY(const auto row, reader.QueryOne(kReadHead, {}, "audit.head_missing"));
    return HeadFromRow(row);
}

mch::Result<Head> LockHead(mch::db::Transaction& tx) {
    const std::string sql = std::string(kReadHead) + tx.dialect().ForUpdate();
    MCH_TRY(const auto row, tx.QueryOne(sql, {}, "audit.head_missing"));
    return HeadFromRow(row);
}

mch::Result<void> MoveHead(mch::db::Transaction& tx, const Head& head) {
    MCH_CHECK(tx.Execute(kMoveHead, {head.seq, head.hash}));
    return {};
}

mch::Result<void> InsertRecord(mch::db::Transaction& tx, const ChainRecord& r) {
    MCH_CHECK(tx.Execute(
        kInsertRecord,
        {r.seq,    r.at,          r.actor_id,  r.actor_account, r.session,   r.address, r.route,
         r.action, r.object_type, r.object_id, r.region_id,     r.org_id,    r.result,  r.changes,
         r.note,   r.trace_id,    r.algorithm, r.key_id,        r.prev_hash, r.hash,    r.mac}));
    return {};
}

mch::Result<std::vector<ChainRecord>> ListRecords(mch::db::Reader& reader, const RecordFilter& f) {
    const Params params = {f.actor,      f.actor,      f.action, f.action, f.object_id,
                           f.object_id,  f.from,       f.from,   f.to,     f.to,
                           f.before_seq, f.before_seq, f.limit};
    MCH_TRY(const auto rows, reader.Query(kListRecords, params));
    return FromRows(rows);
}

mch::Result<std::optional<ChainRecord>> FindRecord(mch::db::Reader& reader, std::int64_t seq) {
    MCH_TRY(auto records, ReadChain(reader, seq, 1));
    if (records.empty() || records.front().seq != seq) return std::optional<ChainRecord>();
    return std::optional<ChainRecord>(std::move(records.front()));
}

mch::Result<std::vector<ChainRecord>> ReadChain(mch::db::Reader& reader, std::int64_t first,
                                                int limit) {
    MCH_TRY(const auto rows, reader.Query(kReadChain, {first, limit}));
    return FromRows(rows);
}

mch::Result<void> StoreVerification(mch::db::Transaction& tx, const Verification& v) {
    MCH_CHECK(tx.Execute(kDropVerification, {v.at}));
    MCH_CHECK(tx.Execute(kStoreVerification, {v.at, v.through_seq, v.bad_seq, v.damage}));
    return {};
}

mch::Result<std::optional<Verification>> LastVerification(mch::db::Reader& reader) {
    MCH_TRY(const auto rows, reader.Query(kLastVerification));
    if (rows.empty()) return std::optional<Verification>();
    const Row& row = rows.front();
    return std::optional<Verification>({row.Int(0), row.Int(1), row.Int(2), row.Text(3)});
}

}  // namespace anlan::audit
