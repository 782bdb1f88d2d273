#include "modules/audit/domain/chain.h"

#include <utility>

#include "mch/base/crypto.h"
#include "mch/base/json.h"
#include "mch/base/text.h"

namespace anlan::audit {

namespace {

using mch::crypto::ConstantTimeEquals;
using mch::crypto::HmacSha256;
using mch::crypto::Sha256;
using mch::text::ToHex;

class Canonical {
  public:
    Canonical& Add(std::string_view field) {
        const auto size = static_cast<std::uint64_t>(field.size());
        for (int shift = 56; shift >= 0; shift -= 8) {
            out_ += static_cast<char>((size >> shift) & 0xff);
        }
        out_ += field;
        return *this;
    }
    Canonical& Add(std::int64_t number) { return Add(std::to_string(number)); }
    const std::string& str() const { return out_; }

  private:
    std::string out_;
};

bool IsHash(std::string_view text) {
    return text.size() == 64 && mch::text::FromHex(text).has_value();
}

}  // namespace

const std::string& ZeroHash() {
    static const std::string zero(64, '0');
    return zero;
}

std::string KeyId(std::string_view key) {
    return ToHex(Sha256("anlan key id:" + std::string(key))).substr(0, 16);
}

std::string HashOf(const ChainRecord& r) {
    Canonical c;
    c.Add("anlan-audit-record-1").Add(r.prev_hash).Add(r.seq).Add(r.at).Add(r.actor_id);
    c.Add(r.actor_account).Add(r.session).Add(r.address).Add(r.route).Add(r.action);
    c.Add(r.object_type).Add(r.object_id).Add(r.region_id).Add(r.org_id).Add(r.result);
    c.Add(r.changes).Add(r.note).Add(r.trace_id).Add(r.algorithm).Add(r.key_id);
    return ToHex(Sha256(c.str()));
}

std::string MacOf(const ChainRecord& r, std::string_view key) {
    Canonical c;
    c.Add("anlan-audit-mac-1").Add(r.algorithm).Add(r.key_id).Add(r.hash);
    return ToHex(HmacSha256(key, c.str()));
}

void Seal(ChainRecord& record, std::string_view prev_hash, std::string_view key) {
    record.prev_hash = prev_hash;
    record.algorithm = kAlgorithm;
    record.key_id = KeyId(key);
    record.hash = HashOf(record);
    record.mac = MacOf(record, key);
}

std::string MacOf(const Checkpoint& p, std::string_view key) {
    Canonical c;
    c.Add("anlan-audit-checkpoint-1").Add(p.previous).Add(p.first).Add(p.last).Add(p.count);
    c.Add(p.head).Add(p.at).Add(p.key_id);
    return ToHex(HmacSha256(key, c.str()));
}

void Seal(Checkpoint& checkpoint, std::string_view previous, std::string_view key) {
    checkpoint.previous = previous;
    checkpoint.key_id = KeyId(key);
    checkpoint.mac = MacOf(checkpoint, key);
}

std::string FormatCheckpoint(const Checkpoint& p) {
    mch::json::Writer json;
    json.BeginObject().Field("format", 1).Field("first", p.first).Field("last", p.last);
    json.Field("count", p.count).Field("head", p.head).Field("at", p.at);
    json.Field("key_id", p.key_id).Field("previous", p.previous).Field("mac", p.mac).EndObject();
    return json.Take();
}

mch::Result<Checkpoint> ParseCheckpoint(std::string_view line) {
    const mch::Error malformed = mch::Invalid("audit.checkpoint_malformed");
    const auto parsed = mch::json::Parse(line);
    if (!parsed || !parsed->IsObject()) return malformed;
    for (const char* name : {"format", "first", "last", "count", "at"}) {
        const auto* value = parsed->Find(name);
        if (value == nullptr || !value->IsInt()) return malformed;
    }
    for (const char* name : {"head", "key_id", "previous", "mac"}) {
        const auto* value = parsed->Find(name);
        if (value == nullptr || !value->IsString()) return malformed;
    }
    Checkpoint p;
    p.first = parsed->Int("first");
    p.last = parsed->Int("last");
    p.count = parsed->Int("count");
    p.head = parsed->String("head");
    p.at = parsed->Int("at");
    p.key_id = parsed->String("key_id");
    p.previous = parsed->String("previous");
    p.mac = parsed->String("mac");
    const bool plausible = parsed->Int("format") == 1 && parsed->AsObject().size() == 9 &&
                           p.first >= 1 && p.last >= p.first && p.count >= 1 && IsHash(p.head) &&
                           IsHash(p.previous) && IsHash(p.mac);
    if (!plausible) return malformed;
    return p;
}

std::string_view DamageName(Damage damage) {
    switch (damage) {
        case Damage::kNone:
            return "none";
        case Damage::kRemoved:
            return "removed";
        case Damage::kChanged:
            return "changed";
        case Damage::kUnlinked:
            return "unlinked";
        case Damage::kForged:
            return "forged";
        case Damage::kOtherKey:
            return "other_key";
        case Damage::kCutTail:
            return "cut_tail";
        case Damage::kReplaced:
            return "replaced";
        case Damage::kBadCheckpoint:
            return "bad_checkpoint";
    }
    return "none";
}

Verifier::Verifier(std::string audit_key, std::string checkpoint_key,
                   std::vector<Checkpoint> checkpoints)
    : audit_key_(std::move(audit_key)),
      checkpoint_key_(std::move(checkpoint_key)),
      key_id_(KeyId(audit_key_)),
      checkpoints_(std::move(checkpoints)),
      prev_hash_(ZeroHash()) {
    CheckCheckpoints();
}

void Verifier::StartAt(std::int64_t first, std::string prev_hash) {
    expected_ = first;
    prev_hash_ = std::move(prev_hash);
}

// The earliest bad record counts; of one record the first thing found.
void Verifier::Report(Damage damage, std::int64_t seq, std::string detail) {
    if (finding_.damage != Damage::kNone && finding_.seq <= seq) return;
    finding_ = {damage, seq, std::move(detail)};
}

void Verifier::CheckCheckpoints() {
    std::string previous = ZeroHash();
    std::int64_t next = 1;
    for (std::size_t i = 0; i < checkpoints_.size(); ++i) {
        const Checkpoint& p = checkpoints_[i];
        const bool good = ConstantTimeEquals(p.mac, MacOf(p, checkpoint_key_)) &&
                          p.previous == previous && p.first == next &&
                          p.count == p.last - p.first + 1;
        if (!good) {
            Report(Damage::kBadCheckpoint, next,
                   "checkpoint line " + std::to_string(i + 1) +
                       " was changed, removed or made without the key");
            checkpoints_.resize(i);  // nothing after it can be trusted
            return;
        }
        previous = p.mac;
        next = p.last + 1;
    }
}

void Verifier::Add(const ChainRecord& r) {
    ++records_;
    if (r.seq != expected_) {
        Report(Damage::kRemoved, expected_, "the next record is " + std::to_string(r.seq));
    } else if (r.prev_hash != prev_hash_) {
        Report(Damage::kUnlinked, r.seq, "it does not continue the record before it");
    }
    if (HashOf(r) != r.hash) {
        Report(Damage::kChanged, r.seq, "its content does not give its hash");
    } else if (r.key_id != key_id_) {
        Report(Damage::kOtherKey, r.seq, "it was sealed with key " + r.key_id);
    } else if (!ConstantTimeEquals(r.mac, MacOf(r, audit_key_))) {
        Report(Damage::kForged, r.seq, "its hash fits but was made without the key");
    }
    while (next_checkpoint_ < checkpoints_.size() && checkpoints_[next_checkpoint_].last <= r.seq) {
        const Checkpoint& p = checkpoints_[next_checkpoint_];
        if (p.last == r.seq && p.head == r.hash) {
            agreed_ = p.last;
        } else if (p.last == r.seq && finding_.damage == Damage::kNone) {
            // Only without a better clue: the checkpoint tells the stretch, not the record.
            Report(Damage::kReplaced, agreed_ + 1,
                   "the checkpoint of record " + std::to_string(p.last) +
                       " knows another record; the last one confirmed is " +
                       std::to_string(agreed_));
        }
        ++next_checkpoint_;
    }
    expected_ = r.seq + 1;
    prev_hash_ = r.hash;
}

Finding Verifier::Finish(std::int64_t head_seq) {
    const std::int64_t last = expected_ - 1;
    if (!checkpoints_.empty() && checkpoints_.back().last > last) {
        Report(Damage::kCutTail, last + 1,
               "a checkpoint knows record " + std::to_string(checkpoints_.back().last));
    }
    if (head_seq > last) {
        Report(Damage::kCutTail, last + 1,
               "the head of the chain is record " + std::to_string(head_seq));
    } else if (head_seq >= 0 && head_seq < last) {
        Report(Damage::kForged, head_seq + 1,
               "the head of the chain is record " + std::to_string(head_seq));
    }
    return finding_;
}

}  // namespace anlan::audit
