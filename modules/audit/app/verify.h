// Checking the chain and writing checkpoints.
#pragma once

#include <string>

#include "mch/app/module.h"
#include "modules/audit/domain/chain.h"

namespace anlan::audit {

struct VerifyReport {
    Finding finding;
    std::int64_t records = 0;
    std::int64_t last_seq = 0;
    std::int64_t checkpoints = 0;
    std::int64_t checkpointed_seq = 0;  // records above it are covered by no checkpoint yet
    bool torn_checkpoint = false;
    bool checkpoint_file_empty = false;
};

// audit_checkpoint_file of the configuration, or var/audit/checkpoints.log.
std::string CheckpointPath(mch::app::Runtime& runtime);

// Walks the whole chain against the checkpoints in `checkpoint_path` and stores the outcome for
// the status page.
mch::Result<VerifyReport> VerifyChain(mch::app::Runtime& runtime,
                                      const std::string& checkpoint_path);

// One run of job audit.checkpoint: verifies the records since the last checkpoint and signs them,
// when `interval_ms` have passed since it or `every` records have come. Error audit.chain_damaged
// (the log gets an alert): then nothing is signed. True when a checkpoint was written.
mch::Result<bool> WriteCheckpoint(mch::app::Runtime& runtime, const mch::Deadline& deadline,
                                  std::int64_t interval_ms, std::int64_t every);

}  // namespace anlan::audit
