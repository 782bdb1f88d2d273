// Row scope: which rows a person may see. The only place that says so; every list, count, export,
// map, search and look-up by id puts this condition into its WHERE.
//
//   auto scope = ScopePredicate(context.principal, "h");
//   sql += " AND " + scope.sql;  params.insert(params.end(), scope.params.begin(), ...);
//
// Somebody without grants sees nothing. A row outside the scope is answered as not found.
#pragma once

#include <string>
#include <string_view>

#include "mch/base/ids.h"
#include "mch/base/result.h"
#include "mch/db/database.h"
#include "mch/http/principal.h"

namespace anlan::identity {

// Names of the scope columns in the table; "" when it has none (then a grant of that kind gives
// nothing). Constants of the caller, never input.
struct ScopeColumns {
    std::string_view region_id = "region_id";
    std::string_view org_id = "org_id";
    std::string_view sector = "sector";
    std::string_view created_by = "created_by";
};

struct SqlCondition {
    std::string sql;  // in parentheses, with ? parameters
    mch::db::Params params;
};

// `alias` is the table's name in the query ("" for none).
SqlCondition ScopePredicate(const mch::http::Principal& principal, std::string_view alias,
                            const ScopeColumns& columns = {});

// The same rule for a row that is not stored yet, or whose columns are at hand.
struct RowScope {
    mch::Id region_id = 0;
    mch::Id org_id = 0;
    std::string sector;
    mch::Id created_by = 0;
};
mch::Result<bool> InScope(mch::db::Reader& reader, const mch::http::Principal& principal,
                          const RowScope& row);

}  // namespace anlan::identity
