#include "errors.h"

#include <fmt/format.h>
#include <mariadb/errmsg.h>
#include <mariadb/mysqld_error.h>

namespace mch::storage {
namespace {

// "Duplicate entry 'it's' for key 'member_login'": the entry may hold anything, so from the end.
// MySQL 8 writes 'member.member_login'.
std::string KeyOf(std::string_view message) {
    const std::size_t end = message.rfind('\'');
    if (end == std::string_view::npos || end == 0) return {};
    const std::size_t begin = message.rfind('\'', end - 1);
    if (begin == std::string_view::npos) return {};
    std::string_view key = message.substr(begin + 1, end - begin - 1);
    if (const std::size_t dot = key.rfind('.'); dot != std::string_view::npos) {
        key.remove_prefix(dot + 1);
    }
    return std::string(key);
}

}  // namespace

Fate FateOf(unsigned number) {
    constexpr unsigned kSnapshotChanged = 1020;     // ER_CHECKREAD: innodb_snapshot_isolation
    constexpr unsigned kInteractionTimeout = 4031;  // MySQL 8
    switch (number) {
        case ER_LOCK_DEADLOCK:
        case kSnapshotChanged:
            return Fate::kDeadlock;
        case ER_LOCK_WAIT_TIMEOUT:
            return Fate::kLockWait;
        case CR_SERVER_GONE_ERROR:
        case CR_SERVER_LOST:
        case CR_CONNECTION_ERROR:
        case CR_CONN_HOST_ERROR:
        case CR_IPSOCK_ERROR:
        case CR_UNKNOWN_HOST:
        case CR_COMMANDS_OUT_OF_SYNC:
        case CR_MALFORMED_PACKET:
        case CR_OUT_OF_MEMORY:
        case CR_STMT_CLOSED:
        case 2055:  // lost connection with a system error
        case ER_SERVER_SHUTDOWN:
        case ER_CONNECTION_KILLED:
        case ER_CON_COUNT_ERROR:
        case ER_NET_READ_ERROR:
        case ER_NET_READ_INTERRUPTED:
        case ER_NET_ERROR_ON_WRITE:
        case ER_NET_WRITE_INTERRUPTED:
        case ER_NET_PACKETS_OUT_OF_ORDER:
        case kInteractionTimeout:
            return Fate::kConnection;
        default:
            return Fate::kGoesOn;
    }
}

Error MysqlError(unsigned number, std::string_view message, std::string_view sql) {
    std::string detail = fmt::format("{} ({})", message, number);
    if (!sql.empty()) detail += fmt::format(": {}", sql.substr(0, 200));
    switch (FateOf(number)) {
        case Fate::kDeadlock:
        case Fate::kLockWait:
            return Error(ErrorKind::kUnavailable, "db.busy", std::move(detail));
        case Fate::kConnection:
            return Error(ErrorKind::kUnavailable, "db.unavailable", std::move(detail));
        case Fate::kGoesOn:
            break;
    }
    constexpr unsigned kMysqlStatementTimeout = 3024;
    constexpr unsigned kMysqlCheckFailed = 3819;
    constexpr unsigned kNotReady = 1047;  // a Galera node outside the primary component
    switch (number) {
        case ER_DUP_ENTRY:
        case ER_DUP_ENTRY_WITH_KEY_NAME:
            return Conflict("db.unique", std::move(detail)).With("constraint", KeyOf(message));
        case ER_NO_REFERENCED_ROW:
        case ER_NO_REFERENCED_ROW_2:
        case ER_ROW_IS_REFERENCED:
        case ER_ROW_IS_REFERENCED_2:
            return Conflict("db.reference", std::move(detail));
        case ER_SIGNAL_EXCEPTION:
            return Conflict("db.refused", std::string(message));
        case ER_STATEMENT_TIMEOUT:
        case ER_QUERY_INTERRUPTED:
        case kMysqlStatementTimeout:
            return Error(ErrorKind::kTimeout, "db.timeout", std::move(detail));
        case ER_BAD_NULL_ERROR:
        case ER_NO_DEFAULT_FOR_FIELD:
        case ER_CONSTRAINT_FAILED:
        case kMysqlCheckFailed:
        case ER_DATA_TOO_LONG:
        case ER_WARN_DATA_OUT_OF_RANGE:
        case ER_TRUNCATED_WRONG_VALUE:
        case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
        case WARN_DATA_TRUNCATED:
            return Internal("db.check", std::move(detail));
        case kNotReady:
        case ER_DISK_FULL:
        case ER_RECORD_FILE_FULL:
        case ER_ERROR_ON_WRITE:
        case ER_OPTION_PREVENTS_STATEMENT:  // the server is read only
        case ER_ACCESS_DENIED_ERROR:
        case ER_DBACCESS_DENIED_ERROR:
            return Error(ErrorKind::kUnavailable, "db.unavailable", std::move(detail));
        default:
            return Internal("db.failed", std::move(detail));
    }
}

}  // namespace mch::storage
