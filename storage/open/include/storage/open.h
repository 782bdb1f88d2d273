// Chooses the store by the scheme of its URL; the only header of storage/ that an application needs
// for the business database.
#pragma once

#include <memory>

#include "mch/db/database.h"

namespace mch::storage {

// Opens the database of `options.url`; see DatabaseOptions for its forms. `clock` must outlive the
// database. Errors: db.url for another scheme, and those of the adapters.
Result<std::unique_ptr<db::Database>> OpenDatabase(const db::DatabaseOptions& options,
                                                   const Clock& clock);

}  // namespace mch::storage
