// Reading and writing hazard_case.
#pragma once

#include <string_view>

#include "mch/base/result.h"
#include "mch/db/database.h"
#include "mch/http/principal.h"
#include "modules/hazard/store/case_row.h"
#include "modules/identity/api/scope.h"

namespace anlan::hazard {

// Which cases a person may see: the row scope, the cases reported by the person, and those in which
// the person or the person's organisation holds a duty. The table must be aliased `h`. Every read
// of cases puts this into its WHERE.
identity::SqlCondition VisibleCases(const mch::http::Principal& principal);

// One case that the person may see; hazard.not_found otherwise. In a write transaction the row
// stays locked until its end.
mch::Result<CaseRow> FindVisible(mch::db::Reader& reader, const mch::http::Principal& principal,
                                 mch::Id id);
mch::Result<CaseRow> FindVisibleForUpdate(mch::db::Transaction& tx,
                                          const mch::http::Principal& principal, mch::Id id);
// The case of an upload, id 0 when there is none. Without scope: the caller compares the reporter.
mch::Result<CaseRow> FindByClientUuid(mch::db::Reader& reader, std::string_view client_uuid);

mch::Result<void> InsertCase(mch::db::Transaction& tx, const CaseRow& row);
// Writes every column that can change and raises the version, if the stored row still has the
// version and state that were seen; false when it has not.
mch::Result<bool> UpdateCase(mch::db::Transaction& tx, const CaseRow& row,
                             std::int64_t seen_version, State seen_state);

// The column list of a case with alias `h`, and the row read from it (from column 0).
std::string_view CaseColumns();
mch::Result<CaseRow> CaseFromRow(const mch::db::Row& row);

}  // namespace anlan::hazard
