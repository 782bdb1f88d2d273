#include "modules/audit/store/checkpoint_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace anlan::audit {

namespace {

mch::Error Failed(const std::string& path, const char* what) {
    return mch::Internal("audit.checkpoint_file",
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

mch::Result<std::string> ReadWhole(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return std::string();
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return Failed(path, "read");
    return text.str();
}

mch::Result<void> SyncFolder(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    const FileDescriptor fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0 || fsync(fd.get()) != 0) return Failed(folder, "sync");
    return {};
}

}  // namespace

mch::Result<CheckpointFile> ReadCheckpoints(const std::string& path) {
    MCH_TRY(const std::string text, ReadWhole(path));
    CheckpointFile file;
    std::size_t begin = 0;
    for (int line = 1; begin < text.size(); ++line) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string::npos) {
            file.torn = true;
            break;
        }
        auto checkpoint = ParseCheckpoint(std::string_view(text).substr(begin, end - begin));
        if (!checkpoint) {
            file.bad_line = line;
            break;
        }
        file.checkpoints.push_back(std::move(*checkpoint));
        begin = end + 1;
    }
    return file;
}

mch::Result<void> AppendCheckpoint(const std::string& path, const Checkpoint& checkpoint) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    MCH_TRY(const std::string text, ReadWhole(path));
    const FileDescriptor fd(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (fd.get() < 0) return Failed(path, "open");
    const std::size_t whole = text.empty() ? 0 : text.rfind('\n') + 1;  // npos + 1 is 0
    if (whole < text.size() && ftruncate(fd.get(), static_cast<off_t>(whole)) != 0) {
        return Failed(path, "cut the torn line");
    }
    const std::string line = FormatCheckpoint(checkpoint) + "\n";
    const auto written = pwrite(fd.get(), line.data(), line.size(), static_cast<off_t>(whole));
    if (written != static_cast<ssize_t>(line.size())) return Failed(path, "write");
    if (fsync(fd.get()) != 0) return Failed(path, "sync");
    return SyncFolder(path);
}

}  // namespace anlan::audit
