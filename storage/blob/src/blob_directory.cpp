#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "mch/base/crypto.h"
#include "mch/base/text.h"
#include "storage/blob.h"

namespace mch::storage {
namespace {

constexpr std::size_t kChunk = 64 * 1024;
constexpr time_t kLeftOverSeconds = 24 * 60 * 60;

Error Failed(const std::string& what) {
    return Error(ErrorKind::kUnavailable, "blob.unavailable",
                 fmt::format("{}: {}", what, std::strerror(errno)));
}

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) close(fd_);
    }
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

  private:
    int fd_;
};

Result<void> SyncFolder(const std::string& folder) {
    const Descriptor file(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!file || fsync(file.get()) != 0) return Failed("fsync " + folder);
    return {};
}

// One level; its parent exists. Durable, because a synced file in a lost folder is lost.
Result<void> MakeFolder(const std::string& folder, const std::string& parent) {
    if (mkdir(folder.c_str(), 0750) == 0) return SyncFolder(parent);
    if (errno != EEXIST) return Failed("mkdir " + folder);
    return {};
}

Result<void> WriteAll(int file, std::string_view bytes, const std::string& name) {
    while (!bytes.empty()) {
        const ssize_t written = write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return Failed("write " + name);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

// A file under tmp/ that disappears unless it was moved away.
class Temporary {
  public:
    explicit Temporary(std::string path) : path_(std::move(path)) {}
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    ~Temporary() { unlink(path_.c_str()); }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

class BlobDirectory final : public db::BlobStore {
  public:
    explicit BlobDirectory(std::string folder) : folder_(std::move(folder)) {}

    Result<void> Prepare();
    Result<std::string> PutFile(const std::string& path) override;
    Result<std::string> PutBytes(std::string_view bytes) override;
    Result<std::string> PathOf(std::string_view sha256_hex) override;

  private:
    std::string TemporaryName() const {
        return folder_ + "/tmp/" + text::ToHex(crypto::RandomBytes(16));
    }
    std::string NameOf(std::string_view hash) const {
        return fmt::format("{}/{}/{}/{}", folder_, hash.substr(0, 2), hash.substr(2, 2), hash);
    }
    Result<std::string> Keep(const Temporary& temporary, int file, const std::string& hash);

    const std::string folder_;
};

Result<void> BlobDirectory::Prepare() {
    if (mkdir(folder_.c_str(), 0750) != 0 && errno != EEXIST) return Failed("mkdir " + folder_);
    MCH_CHECK(MakeFolder(folder_ + "/tmp", folder_));
    DIR* entries = opendir((folder_ + "/tmp").c_str());
    if (entries == nullptr) return Failed("opendir " + folder_ + "/tmp");
    while (const dirent* entry = readdir(entries)) {
        const std::string path = folder_ + "/tmp/" + entry->d_name;
        struct stat status = {};
        // The real time, not the platform's clock: it is compared with the file system's.
        if (lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
            std::time(nullptr) - status.st_mtime > kLeftOverSeconds) {
            unlink(path.c_str());
        }
    }
    closedir(entries);
    return {};
}

// Makes the written file durable and gives it its name. Linking fails when the name exists, so two
// writers of one content cannot disturb a reader.
Result<std::string> BlobDirectory::Keep(const Temporary& temporary, int file,
                                        const std::string& hash) {
    if (fchmod(file, 0440) != 0) return Failed("chmod " + temporary.path());
    if (fsync(file) != 0) return Failed("fsync " + temporary.path());
    const std::string outer = folder_ + "/" + hash.substr(0, 2);
    const std::string inner = outer + "/" + hash.substr(2, 2);
    MCH_CHECK(MakeFolder(outer, folder_));
    MCH_CHECK(MakeFolder(inner, outer));
    if (link(temporary.path().c_str(), NameOf(hash).c_str()) != 0 && errno != EEXIST) {
        return Failed("link " + NameOf(hash));
    }
    // Also for an object that exists: who linked it may not have reached this line yet.
    MCH_CHECK(SyncFolder(inner));
    return hash;
}

Result<std::string> BlobDirectory::PutBytes(std::string_view bytes) {
    const Temporary temporary(TemporaryName());
    const Descriptor file(
        open(temporary.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return Failed("create " + temporary.path());
    MCH_CHECK(WriteAll(file.get(), bytes, temporary.path()));
    return Keep(temporary, file.get(), text::ToHex(crypto::Sha256(bytes)));
}

// Copies, because the source may be on another file system and may still be open elsewhere; the
// hash is of the bytes that were written.
Result<std::string> BlobDirectory::PutFile(const std::string& path) {
    const Descriptor source(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!source) return Failed("open " + path);
    const Temporary temporary(TemporaryName());
    const Descriptor file(
        open(temporary.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return Failed("create " + temporary.path());
    crypto::Sha256Stream hash;
    std::string chunk(kChunk, '\0');
    for (;;) {
        const ssize_t got = read(source.get(), chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return Failed("read " + path);
        if (got == 0) break;
        const std::string_view bytes(chunk.data(), static_cast<std::size_t>(got));
        hash.Update(bytes);
        MCH_CHECK(WriteAll(file.get(), bytes, temporary.path()));
    }
    MCH_TRY(std::string name, Keep(temporary, file.get(), text::ToHex(hash.Finish())));
    if (unlink(path.c_str()) != 0) return Failed("unlink " + path);
    return name;
}

Result<std::string> BlobDirectory::PathOf(std::string_view sha256_hex) {
    const bool is_hash =
        sha256_hex.size() == 64 && std::all_of(sha256_hex.begin(), sha256_hex.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        });
    if (!is_hash) return Invalid("blob.name", "not a SHA-256 in lower-case hexadecimal digits");
    std::string path = NameOf(sha256_hex);
    struct stat status = {};
    if (lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) return path;
    if (errno != ENOENT && errno != ENOTDIR) return Failed("stat " + path);
    return NotFound("blob.not_found", path);
}

}  // namespace

Result<std::unique_ptr<db::BlobStore>> OpenBlobDirectory(const std::string& folder) {
    auto store = std::make_unique<BlobDirectory>(folder);
    MCH_CHECK(store->Prepare());
    return std::unique_ptr<db::BlobStore>(std::move(store));
}

}  // namespace mch::storage
