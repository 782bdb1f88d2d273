// The list of cases and its counts: filters, "to do", keyset paging.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/result.h"
#include "mch/db/database.h"
#include "mch/http/principal.h"
#include "modules/hazard/store/case_row.h"
#include "modules/identity/api/scope.h"

namespace anlan::hazard {

// Empty text, 0 and false do not filter.
struct ListFilter {
    std::string state;
    std::string sector;
    std::string hazard_grade;
    std::string risk_grade;
    mch::Id region_id = 0;  // and everything below it
    mch::Id asset_id = 0;
    std::string text;      // in the name, address or number
    bool mine = false;     // reported by the reader
    bool todo = false;     // the reader may make the step that carries the case forward
    bool overdue = false;  // the step is late
};

enum class SortKey { kReportedAt, kDueAt };

// Where the page before ended.
struct Position {
    std::int64_t value = 0;  // of the sort column
    mch::Id id = 0;
};

struct ListOrder {
    SortKey key = SortKey::kReportedAt;
    bool descending = true;
    std::optional<Position> after;
    int limit = 20;
};

struct CaseCounts {
    std::map<std::string, std::int64_t> by_state;  // without the filters state, todo and overdue
    std::int64_t todo = 0;                         // likewise
    std::int64_t overdue = 0;                      // likewise
    std::int64_t total = 0;                        // with all filters
};

// Which cases wait for this person: one OR-term for each row of MoveRules() that carries a case
// forward. "(1 = 0)" for somebody who can do nothing.
identity::SqlCondition TodoCases(const mch::http::Principal& principal);

// The SQL of a page, for the query and for the test that reads its plan.
identity::SqlCondition ListQuery(const mch::http::Principal& principal, const ListFilter& filter,
                                 const ListOrder& order, mch::TimeMs now);
// At most limit + 1 rows: the extra one tells that there is a next page.
mch::Result<std::vector<CaseRow>> ListCases(mch::db::Reader& reader,
                                            const mch::http::Principal& principal,
                                            const ListFilter& filter, const ListOrder& order,
                                            mch::TimeMs now);
mch::Result<CaseCounts> CountCases(mch::db::Reader& reader, const mch::http::Principal& principal,
                                   const ListFilter& filter, mch::TimeMs now);

}  // namespace anlan::hazard
