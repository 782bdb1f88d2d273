// The port to the store of files; storage/blob implements it on a directory.
#pragma once

#include <string>
#include <string_view>

#include "mch/base/result.h"

namespace mch::db {

// A file store by content hash; storage/blob implements it on a directory.
class BlobStore {
  public:
    virtual ~BlobStore() = default;
    // Moves the file at `path` into the store, durable on return (fsync of file and folder).
    // Returns its SHA-256 in hex. Storing the same content twice is one object.
    virtual Result<std::string> PutFile(const std::string& path) = 0;
    virtual Result<std::string> PutBytes(std::string_view bytes) = 0;
    // The path of a stored object; blob.not_found.
    virtual Result<std::string> PathOf(std::string_view sha256_hex) = 0;
};

}  // namespace mch::db
