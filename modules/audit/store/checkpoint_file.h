// The file of checkpoints outside the database: one line each, appended and synced, never changed.
#pragma once

#include <string>
#include <vector>

#include "modules/audit/domain/chain.h"

namespace anlan::audit {

struct CheckpointFile {
    std::vector<Checkpoint> checkpoints;
    int bad_line = 0;   // first complete line that is not a checkpoint; reading stops there
    bool torn = false;  // the last line has no end: the writer died in it
};

// A file that does not exist has no checkpoints.
mch::Result<CheckpointFile> ReadCheckpoints(const std::string& path);

// Appends one line and syncs file and folder. A torn last line is cut off first. Only the holder
// of the job's lease calls it.
mch::Result<void> AppendCheckpoint(const std::string& path, const Checkpoint& checkpoint);

}  // namespace anlan::audit
