// A mutex shared by all processes that open the same file: robust, so that a holder killed inside
// it does not stop the others, and timed. The file is small, has no content worth keeping, and is
// initialised anew after a reboot.
#pragma once

#include <memory>
#include <string>

#include "mch/base/result.h"

namespace mch::storage {

class ProcessLock {
  public:
    // Creates the file when absent, with the given permission bits and, when root makes it, the
    // owner `uid`:`gid`. Errors: db.unavailable.
    static Result<std::unique_ptr<ProcessLock>> Open(const std::string& path, unsigned mode,
                                                     unsigned uid, unsigned gid);
    ~ProcessLock();
    ProcessLock(const ProcessLock&) = delete;
    ProcessLock& operator=(const ProcessLock&) = delete;

    // False when `wait_ms` passed. Taking it twice in one thread is a bug (asserted). The holder
    // must be the thread that unlocks.
    bool Lock(std::int64_t wait_ms);
    void Unlock();

  private:
    struct Shared;
    explicit ProcessLock(Shared* shared) : shared_(shared) {}
    Shared* shared_;
};

}  // namespace mch::storage
