// The business store on SQLite: one file, several processes, one writer at a time.
//
// WAL with synchronous FULL. A write takes a robust lock shared by all processes, then BEGIN
// IMMEDIATE, so writers queue instead of polling; the lock lives in PATH-lock beside the database
// and survives the death of its holder. Reads are snapshots of at most 5 s on connections that
// cannot write. Nothing is checkpointed but by Database::Checkpoint. Folder and file must be on a
// local file system of one machine. A process that has a database open must not fork a child that
// opens the same one: SQLite keeps its table of file locks in memory and the child would believe
// that it holds the parent's.
#pragma once

#include <memory>

#include "mch/db/database.h"

namespace mch::storage {

// Opens or creates the database of `options.url` ("sqlite:PATH"; the folder must exist). Files made
// by root in another user's folder are given to that user. `clock` must outlive the database.
// Errors: db.url, db.unavailable, db.failed.
Result<std::unique_ptr<db::Database>> OpenSqlite(const db::DatabaseOptions& options,
                                                 const Clock& clock);

}  // namespace mch::storage
