#include "modules/identity/app/first_passwords.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "mch/base/text.h"

namespace anlan::identity {

namespace {

mch::Error Failed(const std::string& path, const char* what) {
    return mch::Internal("identity.first_passwords",
                         path + ": " + what + ": " + std::generic_category().message(errno));
}

class FileDescriptor {
  public:
    explicit FileDescriptor(int fd) : fd_(fd) {}
    ~FileDescriptor() {
        if (fd_ >= 0) close(fd_);
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

}  // namespace

mch::Result<void> FirstPasswords::Set(std::string_view account, std::string_view password) const {
    return Change(account, password);
}

mch::Result<void> FirstPasswords::Erase(std::string_view account) const {
    std::error_code error;
    if (!std::filesystem::exists(path_, error)) return {};
    return Change(account, {});
}

mch::Result<void> FirstPasswords::Change(std::string_view account,
                                         std::string_view password) const {
    // The folder is the lock: the file itself is replaced.
    const std::string folder = std::filesystem::path(path_).parent_path().string();
    const FileDescriptor lock(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock.get() < 0 || flock(lock.get(), LOCK_EX) != 0) return Failed(folder, "lock");
    std::string kept;
    if (std::ifstream in(path_, std::ios::binary); in) {
        for (std::string line; std::getline(in, line);) {
            const bool same = line.starts_with(account) && line.size() > account.size() &&
                              line[account.size()] == '\t';
            if (!same && !line.empty()) kept += line + "\n";
        }
    }
    if (!password.empty()) kept += std::string(account) + "\t" + std::string(password) + "\n";
    if (kept.empty()) {
        if (unlink(path_.c_str()) != 0 && errno != ENOENT) return Failed(path_, "remove");
        return {};
    }
    const std::string next = path_ + ".new";
    const FileDescriptor out(
        open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (out.get() < 0) return Failed(next, "open");
    // Made by root in the platform's folder it belongs to the platform, whose workers erase lines.
    struct stat owner{};
    if (geteuid() == 0 && fstat(lock.get(), &owner) == 0 &&
        fchown(out.get(), owner.st_uid, owner.st_gid) != 0) {
        return Failed(next, "give to the owner of the folder");
    }
    if (write(out.get(), kept.data(), kept.size()) != static_cast<ssize_t>(kept.size()) ||
        fsync(out.get()) != 0) {
        return Failed(next, "write");
    }
    if (rename(next.c_str(), path_.c_str()) != 0) return Failed(path_, "replace");
    if (fsync(lock.get()) != 0) return Failed(folder, "sync");
    return {};
}

}  // namespace anlan::identity
