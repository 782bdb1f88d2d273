// The store of files in a directory: FOLDER/ab/cd/abcdef... by the SHA-256 of the content.
//
// An object is written under tmp/, made durable and then linked into place, so a name is never seen
// half written; what a crash leaves in tmp/ is removed at the next opening once it is a day old.
// Objects are read-only and never change. Several processes may use one folder, also over a shared
// file system that has atomic link and rename.
#pragma once

#include <memory>
#include <string>

#include "mch/db/blob_store.h"

namespace mch::storage {

// Opens or creates the folder. Error: blob.unavailable. Errors of the store: blob.unavailable
// (kUnavailable: disk), blob.not_found, blob.name (kInvalid: not 64 lower-case hexadecimal digits).
Result<std::unique_ptr<db::BlobStore>> OpenBlobDirectory(const std::string& folder);

}  // namespace mch::storage
