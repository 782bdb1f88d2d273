// Temporary files of request bodies. A file is deleted when its owner is.
#pragma once

#include <string>
#include <string_view>

#include "mch/base/result.h"

namespace mch::http {

class SpoolFile {
  public:
    SpoolFile() = default;
    SpoolFile(SpoolFile&& other) noexcept;
    SpoolFile& operator=(SpoolFile&& other) noexcept;
    ~SpoolFile();

    // A new file in `folder`, readable by this account only. Error: server.storage.
    static Result<SpoolFile> Create(const std::string& folder);
    Result<void> Write(std::string_view data);
    // Ends writing; the file stays until destruction.
    void CloseHandle();

    bool IsOpen() const { return handle_ >= 0; }
    const std::string& path() const { return path_; }

  private:
    int handle_ = -1;
    std::string path_;
};

}  // namespace mch::http
