// The URL of a MariaDB database, taken apart.
#pragma once

#include <string>
#include <string_view>

#include "mch/base/result.h"

namespace mch::storage {

struct MysqlUrl {
    std::string user;
    std::string password;
    std::string host;  // "" with a socket
    unsigned port = 3306;
    std::string database;  // letters, digits and _ only: it stands in SQL as an identifier
    std::string socket;
    std::string password_file;        // read at start instead of `password`
    std::string tls_ca;               // PEM file; the server's certificate is then checked
    bool relaxed_durability = false;  // accept innodb_flush_log_at_trx_commit other than 1
};

// "mysql://user:password@host:port/name?parameter=value&..."; user, password and values may be
// percent-encoded. Error: db.url, whose detail never repeats the URL.
Result<MysqlUrl> ParseMysqlUrl(std::string_view url);

}  // namespace mch::storage
