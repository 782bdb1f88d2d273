// Small pieces of SQL that several statements of this module share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mch/base/ids.h"
#include "mch/db/database.h"

namespace anlan::identity {

// "(?,?,?)" and its parameters.
class IdList {
  public:
    explicit IdList(const std::vector<mch::Id>& ids) {
        for (const mch::Id id : ids) {
            if (id == 0) continue;
            sql_ += params_.empty() ? "(?" : ",?";
            params_.emplace_back(id);
        }
        sql_ += ")";
    }
    bool empty() const { return params_.empty(); }
    const std::string& sql() const { return sql_; }
    const mch::db::Params& params() const { return params_; }

  private:
    std::string sql_;
    mch::db::Params params_;
};

// "%text%"; signs of LIKE in a search text stand for anything, which only widens a search inside
// the reader's scope.
inline std::string Like(std::string_view text) { return "%" + std::string(text) + "%"; }

}  // namespace anlan::identity
