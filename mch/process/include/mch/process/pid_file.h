// The pid file, locked while its master lives, so that a stale one is told from a true one.
#pragma once

#include <sys/types.h>

#include <string>

#include "mch/base/result.h"

namespace mch::process {

class PidFile {
  public:
    PidFile() = default;
    ~PidFile();
    PidFile(const PidFile&) = delete;
    PidFile& operator=(const PidFile&) = delete;

    // Takes the lock and writes our number. Errors: process.running {pid}, process.pid.
    Result<void> Acquire(const std::string& path);
    // In a child: the lock stays with the master.
    void Forget();
    // Removes the file; the destructor only closes it.
    void Remove();

  private:
    std::string path_;
    int fd_ = -1;
};

// The running master that owns the file. Errors: process.not_running (no file, or a stale one).
Result<pid_t> RunningMaster(const std::string& path);

}  // namespace mch::process
