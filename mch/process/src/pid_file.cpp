#include "mch/process/pid_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "mch/base/text.h"

namespace mch::process {
namespace {

pid_t ReadNumber(int fd) {
    std::array<char, 32> bytes{};
    const ssize_t size = ::pread(fd, bytes.data(), bytes.size(), 0);
    if (size <= 0) return 0;
    const auto number = text::ParseInt(text::Trim({bytes.data(), static_cast<std::size_t>(size)}));
    return number && *number > 0 ? static_cast<pid_t>(*number) : 0;
}

}  // namespace

PidFile::~PidFile() { Forget(); }

Result<void> PidFile::Acquire(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
        return Invalid("process.pid",
                       fmt::format("pid file \"{}\": {}", path, std::strerror(errno)));
    }
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const pid_t pid = ReadNumber(fd);
        ::close(fd);
        return Error(ErrorKind::kConflict, "process.running",
                     fmt::format("already running as process {} (pid file {})", pid, path))
            .With("pid", std::to_string(pid));
    }
    const std::string text = fmt::format("{}\n", ::getpid());
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, text.data(), text.size(), 0) < 0) {
        const int error = errno;
        ::close(fd);
        return Invalid("process.pid",
                       fmt::format("pid file \"{}\": {}", path, std::strerror(error)));
    }
    path_ = path;
    fd_ = fd;
    return {};
}

void PidFile::Forget() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

void PidFile::Remove() {
    if (fd_ < 0) return;
    ::unlink(path_.c_str());
    Forget();
}

Result<pid_t> RunningMaster(const std::string& path) {
    const Error not_running(ErrorKind::kNotFound, "process.not_running",
                            fmt::format("not running (pid file {})", path));
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return not_running;
    const bool stale = ::flock(fd, LOCK_SH | LOCK_NB) == 0;
    const pid_t pid = ReadNumber(fd);
    ::close(fd);
    if (stale || pid == 0) return not_running;
    return pid;
}

}  // namespace mch::process
