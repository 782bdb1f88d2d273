#include "modules/audit/app/verify.h"

#include "mch/log/log.h"
#include "modules/audit/store/checkpoint_file.h"
#include "modules/audit/store/records.h"

namespace anlan::audit {

namespace {

constexpr int kPage = 1000;
constexpr std::int64_t kReadBudgetMs = 5000;

// Feeds the records from verifier.last_seq() + 1 up to `through`, page by page.
mch::Result<void> Walk(mch::app::Runtime& runtime, Verifier& verifier, std::int64_t through) {
    while (verifier.last_seq() < through) {
        const mch::Deadline deadline(runtime.clock(), kReadBudgetMs);
        MCH_TRY(const auto records, runtime.database().Read(deadline, [&](mch::db::Reader& reader) {
            return ReadChain(reader, verifier.last_seq() + 1, kPage);
        }));
        if (records.empty()) break;
        for (const ChainRecord& record : records) {
            if (record.seq > through) return {};
            verifier.Add(record);
        }
    }
    return {};
}

mch::Result<Head> CurrentHead(mch::app::Runtime& runtime) {
    const mch::Deadline deadline(runtime.clock(), kReadBudgetMs);
    return runtime.database().Read(deadline,
                                   [](mch::db::Reader& reader) { return ReadHead(reader); });
}

mch::Error Damaged(const Finding& finding) {
    MCH_LOG(kAlert, "audit chain damaged",
            {{"seq", std::to_string(finding.seq)},
             {"damage", DamageName(finding.damage)},
             {"detail", finding.detail}});
    return mch::Internal("audit.chain_damaged",
                         "record " + std::to_string(finding.seq) + ": " + finding.detail);
}

}  // namespace

std::string CheckpointPath(mch::app::Runtime& runtime) {
    return runtime.config().Text("audit_checkpoint_file",
                                 runtime.var_folder() + "/audit/checkpoints.log");
}

mch::Result<VerifyReport> VerifyChain(mch::app::Runtime& runtime,
                                      const std::string& checkpoint_path) {
    MCH_TRY(const auto audit_key, runtime.Key("audit"));
    MCH_TRY(const auto checkpoint_key, runtime.Key("checkpoint"));
    // The file first: a checkpoint written meanwhile would name records that the walk has not seen.
    MCH_TRY(auto file, ReadCheckpoints(checkpoint_path));
    // Head and newest row belong together: one snapshot.
    const mch::Deadline deadline(runtime.clock(), kReadBudgetMs);
    Head head;
    std::int64_t newest = 0;
    MCH_CHECK(runtime.database().Read(deadline, [&](mch::db::Reader& reader) -> mch::Result<void> {
        MCH_TRY(head, ReadHead(reader));
        RecordFilter filter;
        filter.limit = 1;
        MCH_TRY(const auto last, ListRecords(reader, filter));
        newest = last.empty() ? 0 : last.front().seq;
        return {};
    }));
    VerifyReport report;
    report.checkpoints = static_cast<std::int64_t>(file.checkpoints.size());
    report.torn_checkpoint = file.torn;
    report.checkpoint_file_empty = file.checkpoints.empty() && file.bad_line == 0;
    if (!file.checkpoints.empty()) report.checkpointed_seq = file.checkpoints.back().last;
    Verifier verifier(audit_key, checkpoint_key, std::move(file.checkpoints));
    MCH_CHECK(Walk(runtime, verifier, newest));
    report.finding = verifier.Finish(head.seq);
    report.records = verifier.records();
    report.last_seq = verifier.last_seq();
    if (file.bad_line != 0 && report.finding.damage == Damage::kNone) {
        report.finding = {Damage::kBadCheckpoint, report.checkpointed_seq + 1,
                          "checkpoint line " + std::to_string(file.bad_line) + " is not readable"};
    }
    const bool good = report.finding.damage == Damage::kNone;
    if (!good) (void)Damaged(report.finding);
    const Verification outcome{runtime.clock().Now(), report.last_seq,
                               good ? 0 : report.finding.seq,
                               std::string(DamageName(report.finding.damage))};
    MCH_CHECK(runtime.database().Write(
        mch::Deadline(runtime.clock(), kReadBudgetMs),
        [&](mch::db::Transaction& tx) { return StoreVerification(tx, outcome); }));
    return report;
}

mch::Result<bool> WriteCheckpoint(mch::app::Runtime& runtime, const mch::Deadline& deadline,
                                  std::int64_t interval_ms, std::int64_t every) {
    MCH_TRY(const auto audit_key, runtime.Key("audit"));
    MCH_TRY(const auto checkpoint_key, runtime.Key("checkpoint"));
    const std::string path = CheckpointPath(runtime);
    MCH_TRY(const auto file, ReadCheckpoints(path));
    if (file.bad_line != 0) {
        return Damaged({Damage::kBadCheckpoint,
                        file.checkpoints.empty() ? 1 : file.checkpoints.back().last + 1,
                        "checkpoint line " + std::to_string(file.bad_line) + " is not readable"});
    }
    const Checkpoint last = file.checkpoints.empty() ? Checkpoint{} : file.checkpoints.back();
    MCH_TRY(const Head head, CurrentHead(runtime));
    const mch::TimeMs now = runtime.clock().Now();
    std::string prev_hash = ZeroHash();
    if (last.last > 0) {
        MCH_TRY(const auto known, runtime.database().Read(deadline, [&](mch::db::Reader& reader) {
            return FindRecord(reader, last.last);
        }));
        if (!known)
            return Damaged({Damage::kCutTail, head.seq + 1, "a checkpoint knows later records"});
        if (known->hash != last.head) {
            return Damaged({Damage::kReplaced, last.first, "a checkpoint knows another record"});
        }
        prev_hash = last.head;
    }
    const bool due =
        head.seq > last.last && (now - last.at >= interval_ms || head.seq - last.last >= every);
    if (!due) return false;
    Verifier verifier(audit_key, checkpoint_key, file.checkpoints);
    verifier.StartAt(last.last + 1, prev_hash);
    MCH_CHECK(Walk(runtime, verifier, head.seq));
    const Finding finding = verifier.Finish(head.seq);
    if (finding.damage != Damage::kNone) return Damaged(finding);
    Checkpoint next;
    next.first = last.last + 1;
    next.last = head.seq;
    next.count = verifier.records();
    next.head = verifier.last_hash();
    next.at = now;
    Seal(next, last.last > 0 ? last.mac : ZeroHash(), checkpoint_key);
    MCH_CHECK(AppendCheckpoint(path, next));
    return true;
}

}  // namespace anlan::audit
