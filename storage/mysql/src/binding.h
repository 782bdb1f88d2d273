// Parameters and columns of prepared statements in libmariadb's buffers.
#pragma once

#include <mariadb/mysql.h>

#include <string>
#include <vector>

#include "mch/db/database.h"

namespace mch::storage {

// The binds of `params`, which must outlive them.
std::vector<MYSQL_BIND> BindParameters(const db::Params& params);

// The columns of one result.
class ColumnBuffers {
  public:
    explicit ColumnBuffers(MYSQL_RES* metadata);
    MYSQL_BIND* binds() { return binds_.data(); }
    // The row that mysql_stmt_fetch has just put here. False when a long column could not be read.
    bool Read(MYSQL_STMT* statement, std::vector<db::Value>& values);

  private:
    enum class Kind { kInteger, kReal, kDecimal, kText, kBytes };
    struct Column {
        Kind kind = Kind::kText;
        std::int64_t integer = 0;
        double real = 0;
        std::string bytes;
        unsigned long length = 0;
        my_bool is_null = 0;
        my_bool error = 0;
    };
    static Kind KindOf(const MYSQL_FIELD& field);
    bool ReadBytes(MYSQL_STMT* statement, unsigned index, std::string& bytes);

    std::vector<Column> columns_;
    std::vector<MYSQL_BIND> binds_;
};

}  // namespace mch::storage
