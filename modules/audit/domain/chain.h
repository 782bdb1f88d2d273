// The chain of audit records: what is hashed, and how a damaged chain is recognised. Pure.
//
// hash = SHA-256(canonical record with prev_hash), mac = HMAC-SHA-256(key, canonical(alg, key id,
// hash)). Canonical: each field as an 8-byte big-endian length and its bytes, in a fixed order, so
// no two different records encode alike (security-controls 62, 63).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/clock.h"
#include "mch/base/ids.h"
#include "mch/base/result.h"

namespace anlan::audit {

inline constexpr std::string_view kAlgorithm = "sha256-hmac1";

// One row of audit_record.
struct ChainRecord {
    std::int64_t seq = 0;
    mch::TimeMs at = 0;
    mch::Id actor_id = 0;
    std::string actor_account;
    std::string session;
    std::string address;
    std::string route;
    std::string action;
    std::string object_type;
    mch::Id object_id = 0;
    mch::Id region_id = 0;
    mch::Id org_id = 0;
    std::string result;   // "done" | "refused"
    std::string changes;  // canonical JSON: [["field","before","after"],...]
    std::string note;
    std::string trace_id;
    std::string algorithm;
    std::string key_id;
    std::string prev_hash;  // hex; 64 zeros for the first record
    std::string hash;       // hex
    std::string mac;        // hex
};

// One line of the file outside the database.
struct Checkpoint {
    std::int64_t first = 0;
    std::int64_t last = 0;
    std::int64_t count = 0;
    std::string head;  // hash of record `last`
    mch::TimeMs at = 0;
    std::string key_id;
    std::string previous;  // mac of the line before, 64 zeros for the first
    std::string mac;
};

// prev_hash of the first record, previous of the first checkpoint.
const std::string& ZeroHash();
// Public name of a key: 16 hex digits that do not reveal it.
std::string KeyId(std::string_view key);

std::string HashOf(const ChainRecord& record);
std::string MacOf(const ChainRecord& record, std::string_view key);
// Sets prev_hash, algorithm, key_id, hash and mac.
void Seal(ChainRecord& record, std::string_view prev_hash, std::string_view key);

std::string MacOf(const Checkpoint& checkpoint, std::string_view key);
void Seal(Checkpoint& checkpoint, std::string_view previous, std::string_view key);
// One JSON object without a line end.
std::string FormatCheckpoint(const Checkpoint& checkpoint);
// audit.checkpoint_malformed.
mch::Result<Checkpoint> ParseCheckpoint(std::string_view line);

enum class Damage {
    kNone,
    kRemoved,        // a number is missing
    kChanged,        // the content does not give the hash
    kUnlinked,       // prev_hash is not the hash of the record before
    kForged,         // hash and links fit, the MAC does not: made without the key
    kOtherKey,       // sealed with a key that is not ours
    kCutTail,        // a checkpoint or the head knows later records
    kReplaced,       // a checkpoint knows another record of this number (an old backup restored)
    kBadCheckpoint,  // the checkpoint file itself was changed
};
// "removed", "changed", ...
std::string_view DamageName(Damage damage);

struct Finding {
    Damage damage = Damage::kNone;
    std::int64_t seq = 0;  // first bad record; of kBadCheckpoint the record the line begins with
    std::string detail;    // English, for the operator
};

// Walks the records in order of seq and remembers what is wrong. Checkpoints are checked with
// their own key and compared on the way; Finish() names the first bad record.
class Verifier {
  public:
    Verifier(std::string audit_key, std::string checkpoint_key,
             std::vector<Checkpoint> checkpoints);
    // Begins at record `first`, whose predecessor has the hash `prev_hash`: for checking a tail.
    void StartAt(std::int64_t first, std::string prev_hash);
    void Add(const ChainRecord& record);
    // `head_seq`: what the head row of the database says; -1 when unknown.
    Finding Finish(std::int64_t head_seq);
    std::int64_t records() const { return records_; }
    std::int64_t last_seq() const { return expected_ - 1; }
    const std::string& last_hash() const { return prev_hash_; }

  private:
    void Report(Damage damage, std::int64_t seq, std::string detail);
    void CheckCheckpoints();

    std::string audit_key_;
    std::string checkpoint_key_;
    std::string key_id_;
    std::vector<Checkpoint> checkpoints_;
    std::size_t next_checkpoint_ = 0;
    std::int64_t agreed_ = 0;  // last record that a good checkpoint confirmed
    std::int64_t expected_ = 1;
    std::int64_t records_ = 0;
    std::string prev_hash_;
    Finding finding_;
};

}  // namespace anlan::audit
