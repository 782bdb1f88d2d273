// MariaDB's error numbers as errors of mch/db/database.h.
#pragma once

#include <string_view>

#include "mch/base/error.h"

namespace mch::storage {

// What an error means for the transaction that it happened in.
enum class Fate {
    kGoesOn,      // only the statement failed
    kDeadlock,    // the server gave it up (deadlock, Galera certification): run it again
    kLockWait,    // waited innodb_lock_wait_timeout: run it again, but not often
    kConnection,  // the connection is gone, and with it the transaction
};

Fate FateOf(unsigned number);
Error MysqlError(unsigned number, std::string_view message, std::string_view sql);

}  // namespace mch::storage
