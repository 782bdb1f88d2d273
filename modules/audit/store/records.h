// Rows of audit_record, audit_head and audit_verification.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "mch/db/database.h"
#include "modules/audit/domain/chain.h"

namespace anlan::audit {

struct Head {
    std::int64_t seq = 0;
    std::string hash;
};

struct Verification {
    mch::TimeMs at = 0;
    std::int64_t through_seq = 0;
    std::int64_t bad_seq = 0;  // 0: the chain was whole
    std::string damage;
};

struct RecordFilter {
    std::string actor;   // account
    std::string action;  // whole action
    mch::Id object_id = 0;
    mch::TimeMs from = 0;
    mch::TimeMs to = 0;
    std::int64_t before_seq = 0;  // cursor: records below it
    int limit = 20;
};

mch::Result<Head> ReadHead(mch::db::Reader& reader);
// Locks the head until the transaction ends.
mch::Result<Head> LockHead(mch::db::Transaction& tx);
mch::Result<void> MoveHead(mch::db::Transaction& tx, const Head& head);
mch::Result<void> InsertRecord(mch::db::Transaction& tx, const ChainRecord& record);
// Newest first.
mch::Result<std::vector<ChainRecord>> ListRecords(mch::db::Reader& reader,
                                                  const RecordFilter& filter);
mch::Result<std::optional<ChainRecord>> FindRecord(mch::db::Reader& reader, std::int64_t seq);
// Rising by seq, from `first`, at most `limit`: callers page, so that no read snapshot is long.
mch::Result<std::vector<ChainRecord>> ReadChain(mch::db::Reader& reader, std::int64_t first,
                                                int limit);
mch::Result<void> StoreVerification(mch::db::Transaction& tx, const Verification& verification);
mch::Result<std::optional<Verification>> LastVerification(mch::db::Reader& reader);

}  // namespace anlan::audit
