#include "file_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace mch::http {
namespace {

constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

// A pipe or device in the tree must not block the loop; links are judged by the kernel in one call.
int OpenAt2(int folder, const char* path, std::uint64_t resolve) {
    open_how how{};
    how.flags = kFlags;
    how.resolve = resolve | RESOLVE_NO_MAGICLINKS;
    return static_cast<int>(syscall(SYS_openat2, folder, path, &how, sizeof how));
}

bool HasDotSegment(std::string_view path) {
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        if (path.substr(0, slash) == "..") return true;
        path = slash == path.npos ? std::string_view{} : path.substr(slash + 1);
    }
    return false;
}

std::string RealPath(const std::string& path) {
    char* real = realpath(path.c_str(), nullptr);
    std::string out = real != nullptr ? real : "";
    std::free(real);
    return out;
}

// For kernels and sandboxes without openat2. Compares real paths, which a local user who swaps
// links between the two calls could fool; openat2 cannot be fooled.
int OpenCompared(const std::string& root, const std::string& relative, Symlinks symlinks) {
    const std::string full = relative.empty() ? root : root + "/" + relative;
    const std::string real_root = RealPath(root);
    const std::string real = RealPath(full);
    if (real_root.empty() || real.empty()) return -1;
    std::string wanted = relative.empty() ? real_root : real_root + "/" + relative;
    while (wanted.size() > 1 && wanted.back() == '/') wanted.pop_back();
    const std::string below = real_root == "/" ? real_root : real_root + "/";
    const bool inside = real == real_root || real.compare(0, below.size(), below) == 0;
    if (!inside || (symlinks == Symlinks::kRefuse && real != wanted)) {
        errno = ELOOP;
        return -1;
    }
    return open(real.c_str(), kFlags);
}

}  // namespace

OpenFile::~OpenFile() {
    if (fd >= 0) close(fd);
}

bool OpenFile::Inspect() {
    struct stat info{};
    if (fstat(fd, &info) != 0) return false;
    if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) return false;
    folder = S_ISDIR(info.st_mode);
    size = info.st_size;
    modified = static_cast<TimeMs>(info.st_mtim.tv_sec) * 1000;
    identity = info.st_ino ^ (static_cast<std::uint64_t>(info.st_mtim.tv_sec) << 20) ^
               static_cast<std::uint64_t>(info.st_mtim.tv_nsec) ^
               (static_cast<std::uint64_t>(info.st_size) << 40);
    if (!folder) {
        etag = fmt::format("\"{:x}-{:x}\"", info.st_mtim.tv_sec, info.st_size);
        last_modified = FormatHttpDate(modified);
    }
    return true;
}

FileLookup OpenBelow(const std::string& root, std::string_view relative, Symlinks symlinks) {
    while (!relative.empty() && relative.front() == '/') relative.remove_prefix(1);
    // An alias without its slash could otherwise be climbed out of ("/files../secret").
    if (HasDotSegment(relative) || relative.find('\0') != relative.npos) return {nullptr, ENOENT};
    int fd = -1;
    const std::string path = relative.empty() ? "." : std::string(relative);
    if (symlinks == Symlinks::kFollow) {
        fd = open((root + "/" + path).c_str(), kFlags);
    } else {
        const int folder = open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0) return {nullptr, errno};
        fd = OpenAt2(folder, path.c_str(),
                     symlinks == Symlinks::kRefuse ? RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH
                                                   : RESOLVE_BENEATH);
        if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
            fd = OpenCompared(root, std::string(relative), symlinks);
        }
        const int saved = errno;
        close(folder);
        errno = saved;
    }
    if (fd < 0) return {nullptr, errno};
    auto file = std::make_shared<OpenFile>(fd);
    if (!file->Inspect()) return {nullptr, EACCES};
    return {std::move(file), 0};
}

FileLookup FileCache::Find(const std::string& root, std::string_view relative,
                           const Settings& settings, std::int64_t now_ms) {
    const FileCacheSettings& cache = settings.file_cache;
    if (cache.max == 0) return OpenBelow(root, relative, settings.symlinks);
    key_.assign(root);
    key_.push_back(static_cast<char>('0' + static_cast<int>(settings.symlinks)));
    key_.append(relative);
    if (const auto it = index_.find(key_); it != index_.end()) {
        Entry& entry = *it->second;
        if (it->second != entries_.begin()) {
            entries_.splice(entries_.begin(), entries_, it->second);
        }
        entry.used_ms = now_ms;
        if (now_ms - entry.checked_ms < cache.valid_ms) return entry.found;
        FileLookup fresh = OpenBelow(root, relative, settings.symlinks);
        entry.checked_ms = now_ms;
        const bool same = fresh.file != nullptr && entry.found.file != nullptr &&
                          fresh.file->identity == entry.found.file->identity;
        if (!same) entry.found = std::move(fresh);
        return entry.found;
    }
    FileLookup found = OpenBelow(root, relative, settings.symlinks);
    if (found.file == nullptr && !cache.errors) return found;
    Trim(cache, now_ms);
    entries_.push_front({key_, found, now_ms, now_ms});
    index_.emplace(entries_.front().key, entries_.begin());
    return found;
}

void FileCache::Trim(const FileCacheSettings& settings, std::int64_t now_ms) {
    while (!entries_.empty() && (entries_.size() >= settings.max ||
                                 now_ms - entries_.back().used_ms > settings.inactive_ms)) {
        index_.erase(entries_.back().key);
        entries_.pop_back();
    }
}

}  // namespace mch::http
