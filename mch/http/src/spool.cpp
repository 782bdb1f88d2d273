#include "spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace mch::http {
namespace {

Error StorageError(const std::string& path) {
    return Error(ErrorKind::kUnavailable, "server.storage", path + ": " + std::strerror(errno));
}

}  // namespace

SpoolFile::SpoolFile(SpoolFile&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)), path_(std::exchange(other.path_, {})) {}

SpoolFile& SpoolFile::operator=(SpoolFile&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(path_, other.path_);
    return *this;
}

SpoolFile::~SpoolFile() {
    CloseHandle();
    if (!path_.empty()) unlink(path_.c_str());
}

Result<SpoolFile> SpoolFile::Create(const std::string& folder) {
    SpoolFile file;
    file.path_ = folder + "/body-XXXXXX";
    file.handle_ = mkostemp(file.path_.data(), O_CLOEXEC);
    if (file.handle_ < 0) {
        Error error = StorageError(file.path_);
        file.path_.clear();
        return error;
    }
    return file;
}

Result<void> SpoolFile::Write(std::string_view data) {
    while (!data.empty()) {
        const ssize_t n = write(handle_, data.data(), data.size());
        if (n < 0) {
            if (errno == EINTR) continue;
            return StorageError(path_);
        }
        data.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

void SpoolFile::CloseHandle() {
    if (handle_ >= 0) close(handle_);
    handle_ = -1;
}

}  // namespace mch::http
