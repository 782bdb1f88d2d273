#include "process_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace mch::storage {

// What the file holds. Changing the layout means a new magic: a process with the old layout that
// still runs is then refused rather than misunderstood.
struct ProcessLock::Shared {
    char magic[8];
    char boot_id[40];
    pthread_mutex_t mutex;
};

namespace {

constexpr char kMagic[8] = {'a', 'n', 'l', 'o', 'c', 'k', '0', '1'};

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) close(fd_);
    }
    int get() const { return fd_; }

  private:
    int fd_;
};

Error Failed(const std::string& what) {
    return Error(ErrorKind::kUnavailable, "db.unavailable",
                 fmt::format("{}: {}", what, std::strerror(errno)));
}

// A lock left by a process of an earlier boot has no owner that could release it.
Result<void> ReadBootId(char (&id)[40]) {
    std::memset(id, 0, sizeof id);
    const Descriptor file(open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
    if (file.get() < 0 || read(file.get(), id, 36) != 36) return Failed("boot_id");
    return {};
}

void InitialiseMutex(pthread_mutex_t* mutex) {
    pthread_mutexattr_t attributes;
    MCH_ASSERT(pthread_mutexattr_init(&attributes) == 0);
    MCH_ASSERT(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0);
    MCH_ASSERT(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
    MCH_ASSERT(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK) == 0);
    MCH_ASSERT(pthread_mutex_init(mutex, &attributes) == 0);
    pthread_mutexattr_destroy(&attributes);
}

}  // namespace

Result<std::unique_ptr<ProcessLock>> ProcessLock::Open(const std::string& path, unsigned mode,
                                                       unsigned uid, unsigned gid) {
    const Descriptor file(
        open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, static_cast<mode_t>(mode)));
    if (file.get() < 0) return Failed("open " + path);
    // Held for microseconds, only while a process starts.
    while (flock(file.get(), LOCK_EX) != 0) {
        if (errno != EINTR) return Failed("flock " + path);
    }
    struct stat status = {};
    if (fstat(file.get(), &status) != 0) return Failed("stat " + path);
    if (geteuid() == 0 && status.st_uid != uid) {
        if (fchown(file.get(), uid, gid) != 0) return Failed("chown " + path);
    }
    if (static_cast<std::size_t>(status.st_size) < sizeof(Shared)) {
        if (ftruncate(file.get(), sizeof(Shared)) != 0) return Failed("size " + path);
    }
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED) return Failed("mmap " + path);
    auto lock = std::unique_ptr<ProcessLock>(new ProcessLock(static_cast<Shared*>(memory)));

    Shared* shared = lock->shared_;
    char boot_id[sizeof shared->boot_id];
    MCH_CHECK(ReadBootId(boot_id));
    if (std::memcmp(shared->boot_id, boot_id, sizeof boot_id) != 0) {
        // New, half initialised (the magic and boot id come last) or of an earlier boot. Under
        // flock, so nobody else sees the mutex in between.
        InitialiseMutex(&shared->mutex);
        std::memcpy(shared->magic, kMagic, sizeof kMagic);
        std::memcpy(shared->boot_id, boot_id, sizeof boot_id);
    } else if (std::memcmp(shared->magic, kMagic, sizeof kMagic) != 0) {
        return Error(
            ErrorKind::kUnavailable, "db.unavailable",
            path + " belongs to another version that may still run; stop it and remove the file");
    }
    // Closing the descriptor would not do it: the mapping keeps the open file, and with it the
    // flock.
    if (flock(file.get(), LOCK_UN) != 0) return Failed("flock " + path);
    return lock;
}

ProcessLock::~ProcessLock() { munmap(shared_, sizeof(Shared)); }

bool ProcessLock::Lock(std::int64_t wait_ms) {
    timespec until = {};
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += (wait_ms % 1000) * 1'000'000;
    if (until.tv_nsec >= 1'000'000'000) {
        until.tv_nsec -= 1'000'000'000;
        ++until.tv_sec;
    }
    const int result = pthread_mutex_clocklock(&shared_->mutex, CLOCK_MONOTONIC, &until);
    if (result == EOWNERDEAD) {
        // What the dead holder had not committed, SQLite rolls back by itself.
        MCH_ASSERT(pthread_mutex_consistent(&shared_->mutex) == 0);
        return true;
    }
    MCH_ASSERT(result == 0 || result == ETIMEDOUT);  // EDEADLK: a write inside a write
    return result == 0;
}

void ProcessLock::Unlock() { MCH_ASSERT(pthread_mutex_unlock(&shared_->mutex) == 0); }

}  // namespace mch::storage
