#include "mch/process/listeners.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "mch/log/log.h"

namespace mch::process {

struct ListenSet::Socket {
    explicit Socket(int descriptor) : fd(descriptor) {}
    ~Socket() { ::close(fd); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    const int fd;
};

namespace {

// Workers of a killed master need a moment to notice and to let go of their sockets.
constexpr int kBindTries = 15;
constexpr int kUnknownOwnerTries = 5;
constexpr useconds_t kBindPauseUs = 200'000;

union SocketAddress {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
    sockaddr_un local;
};

Result<std::pair<SocketAddress, socklen_t>> ToSocketAddress(const http::ListenAddress& address) {
    SocketAddress out{};
    if (!address.unix_path.empty()) {
        if (address.unix_path.size() >= sizeof out.local.sun_path) {
            return Invalid("process.listen",
                           fmt::format("listen {}: the path is too long", address.text));
        }
        out.local.sun_family = AF_UNIX;
        std::memcpy(out.local.sun_path, address.unix_path.c_str(), address.unix_path.size() + 1);
        return std::pair{out, static_cast<socklen_t>(sizeof out.local)};
    }
    if (::inet_pton(AF_INET, address.host.c_str(), &out.v4.sin_addr) == 1) {
        out.v4.sin_family = AF_INET;
        out.v4.sin_port = htons(static_cast<std::uint16_t>(address.port));
        return std::pair{out, static_cast<socklen_t>(sizeof out.v4)};
    }
    if (::inet_pton(AF_INET6, address.host.c_str(), &out.v6.sin6_addr) == 1) {
        out.v6.sin6_family = AF_INET6;
        out.v6.sin6_port = htons(static_cast<std::uint16_t>(address.port));
        return std::pair{out, static_cast<socklen_t>(sizeof out.v6)};
    }
    return Invalid("process.listen", fmt::format("listen {}: not a numeric address", address.text));
}

// A unix socket that nobody answers on is left over from a killed process.
void RemoveStale(const http::ListenAddress& address, const SocketAddress& to, socklen_t size) {
    struct stat status{};
    if (::lstat(address.unix_path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return;
    if (::connect(probe, &to.any, size) != 0 && errno == ECONNREFUSED) {
        ::unlink(address.unix_path.c_str());
    }
    ::close(probe);
}

std::string ProgramOf(const std::string& pid) {
    std::ifstream in("/proc/" + pid + "/comm");
    std::string name;
    std::getline(in, name);
    return name;
}

std::string OwnProgram() {
    static const std::string name = ProgramOf("self");
    return name;
}

Error BindError(const http::ListenAddress& address, int error) {
    std::string text;
    std::string owner;
    if (error == EADDRINUSE) {
        owner = address.unix_path.empty() ? PortOwner(address.port) : std::string();
        text = fmt::format("listen {}: address in use{}", address.text,
                           owner.empty() ? "" : " by " + owner);
    } else if (error == EACCES && address.port > 0 && address.port < 1024) {
        text = fmt::format("listen {}: ports below 1024 need root", address.text);
    } else {
        text = fmt::format("listen {}: {}", address.text, std::strerror(error));
    }
    return Error(ErrorKind::kUnavailable, "process.listen", text)
        .With("address", address.text)
        .With("owner", owner);
}

Result<int> OpenSocket(const http::ListenAddress& address) {
    MCH_TRY(const auto target, ToSocketAddress(address));
    const auto& [to, size] = target;
    const int fd = ::socket(to.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return BindError(address, errno);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address.reuseport) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (to.any.sa_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (to.any.sa_family == AF_UNIX) RemoveStale(address, to, size);
    int error = 0;
    for (int attempt = 0; attempt < kBindTries; ++attempt) {
        if (::bind(fd, &to.any, size) == 0 && ::listen(fd, address.backlog) == 0) {
            if (to.any.sa_family == AF_UNIX) ::chmod(address.unix_path.c_str(), 0666);
            return fd;
        }
        error = errno;
        if (error != EADDRINUSE || !address.unix_path.empty()) break;
        // Without an owner the socket belongs to a process that is ending, or to another user's.
        const std::string owner = PortOwner(address.port);
        const bool ours = owner.starts_with(OwnProgram() + " ");
        if (!ours && (!owner.empty() || attempt >= kUnknownOwnerTries)) break;
        ::usleep(kBindPauseUs);
    }
    ::close(fd);
    return BindError(address, error);
}

// Inodes of sockets that listen on `port`, from /proc/net/tcp and tcp6.
std::set<std::string> ListeningInodes(int port) {
    std::set<std::string> inodes;
    const std::string suffix = fmt::format(":{:04X}", port);
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream in(table);
        std::string line;
        std::getline(in, line);  // headings
        while (std::getline(in, line)) {
            std::istringstream fields(line);
            std::string number, local, remote, state, queues, timer, retransmits, uid, timeout,
                inode;
            fields >> number >> local >> remote >> state >> queues >> timer >> retransmits >> uid >>
                timeout >> inode;
            if (state == "0A" && local.ends_with(suffix)) inodes.insert("socket:[" + inode + "]");
        }
    }
    return inodes;
}

}  // namespace

std::string PortOwner(int port) {
    const auto inodes = ListeningInodes(port);
    if (inodes.empty()) return {};
    std::error_code ignored;
    std::int64_t lowest = 0;
    for (const auto& process : std::filesystem::directory_iterator("/proc", ignored)) {
        const std::string pid = process.path().filename();
        if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
        std::error_code unreadable;
        for (const auto& fd :
             std::filesystem::directory_iterator(process.path() / "fd", unreadable)) {
            const auto target = std::filesystem::read_symlink(fd.path(), unreadable);
            if (!inodes.contains(target.string())) continue;
            // Workers share the socket of their master: the lowest number is most likely that.
            const std::int64_t number = std::strtoll(pid.c_str(), nullptr, 10);
            if (lowest == 0 || number < lowest) lowest = number;
        }
    }
    if (lowest == 0) return {};
    return fmt::format("{} (pid {})", ProgramOf(std::to_string(lowest)), lowest);
}

Result<ListenSet> ListenSet::Open(const std::vector<http::ListenAddress>& wanted, int workers,
                                  const ListenSet& old) {
    ListenSet set;
    for (const auto& address : wanted) {
        Entry entry{address, {}};
        for (const auto& known : old.entries_) {
            if (known.address.text == address.text &&
                known.address.reuseport == address.reuseport) {
                entry.sockets = known.sockets;
            }
        }
        const std::size_t count = address.reuseport ? static_cast<std::size_t>(workers) : 1;
        if (entry.sockets.size() > count) entry.sockets.resize(count);
        for (const auto& kept : entry.sockets) ::listen(kept->fd, address.backlog);
        while (entry.sockets.size() < count) {
            MCH_TRY(const int fd, OpenSocket(address));
            entry.sockets.push_back(std::make_shared<Socket>(fd));
        }
        set.entries_.push_back(std::move(entry));
    }
    return set;
}

std::vector<std::pair<http::ListenAddress, int>> ListenSet::ForWorker(int index) const {
    std::vector<std::pair<http::ListenAddress, int>> sockets;
    for (const auto& entry : entries_) {
        const auto position = entry.address.reuseport ? static_cast<std::size_t>(index) : 0;
        if (position < entry.sockets.size())
            sockets.emplace_back(entry.address, entry.sockets[position]->fd);
    }
    return sockets;
}

std::vector<std::string> ListenSet::Addresses() const {
    std::vector<std::string> texts;
    for (const auto& entry : entries_) {
        std::string text = entry.address.text;
        if (entry.address.unix_path.empty() && entry.address.port == 0) {
            SocketAddress bound{};
            socklen_t size = sizeof bound;
            ::getsockname(entry.sockets.front()->fd, &bound.any, &size);
            // The port is at the same place in both families.
            text = text.substr(0, text.rfind(':')) + ":" + std::to_string(ntohs(bound.v4.sin_port));
        }
        texts.push_back(std::move(text));
    }
    return texts;
}

void ListenSet::CloseOthers(const std::function<bool(int fd)>& keep) const {
    for (const auto& entry : entries_) {
        for (const auto& socket : entry.sockets) {
            if (!keep(socket->fd)) ::close(socket->fd);
        }
    }
}

void ListenSet::RemoveFiles(const ListenSet& kept) const {
    for (const auto& entry : entries_) {
        const std::string& path = entry.address.unix_path;
        if (path.empty()) continue;
        const bool still = std::any_of(kept.entries_.begin(), kept.entries_.end(),
                                       [&](const Entry& e) { return e.address.unix_path == path; });
        if (!still) ::unlink(path.c_str());
    }
}

}  // namespace mch::process
