#include "control_server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "mch/log/log.h"
#include "mch/process/control.h"

namespace mch::process {
namespace {

constexpr std::size_t kMaxClients = 16;
constexpr std::size_t kMaxCommand = 256;
// A reload answers when the new workers serve.
constexpr int kAnswerTimeoutS = 60;

bool ToAddress(const std::string& path, sockaddr_un* address) {
    if (path.size() >= sizeof address->sun_path) return false;
    *address = {};
    address->sun_family = AF_UNIX;
    std::memcpy(address->sun_path, path.c_str(), path.size() + 1);
    return true;
}

Error ControlError(const std::string& path, std::string_view what) {
    return Error(ErrorKind::kUnavailable, "process.control",
                 fmt::format("control socket {}: {}", path, what));
}

}  // namespace

ControlServer::~ControlServer() { Close(); }

Result<void> ControlServer::Open(const std::string& path) {
    sockaddr_un address{};
    if (!ToAddress(path, &address)) return ControlError(path, "the path is too long");
    // The pid file's lock says that no other master lives, so a file here is left over.
    ::unlink(path.c_str());
    listen_fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const mode_t old = ::umask(0177);
    const bool bound =
        listen_fd_ >= 0 &&
        ::bind(listen_fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::listen(listen_fd_, 8) == 0;
    const int error = errno;
    ::umask(old);
    if (!bound) {
        Close();
        return ControlError(path, std::strerror(error));
    }
    path_ = path;
    return {};
}

void ControlServer::Close() {
    for (const auto& client : clients_) ::close(client.fd);
    clients_.clear();
    if (listen_fd_ >= 0) ::close(listen_fd_);
    listen_fd_ = -1;
}

void ControlServer::RemoveFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

void ControlServer::AddTo(std::vector<pollfd>& fds) const {
    if (listen_fd_ >= 0) fds.push_back({listen_fd_, POLLIN, 0});
    for (const auto& client : clients_) fds.push_back({client.fd, POLLIN, 0});
}

void ControlServer::Accept() {
    const int fd = ::accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    ucred credentials{};
    socklen_t size = sizeof credentials;
    const bool known = ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0;
    if (!known || (credentials.uid != 0 && credentials.uid != ::geteuid()) ||
        clients_.size() >= kMaxClients) {
        MCH_LOG(
            kWarn, "control connection refused",
            {{"uid", std::to_string(credentials.uid)}, {"pid", std::to_string(credentials.pid)}});
        constexpr std::string_view kRefused = "{\"ok\":false,\"error\":\"not allowed\"}\n";
        ::send(fd, kRefused.data(), kRefused.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        ::close(fd);
        return;
    }
    clients_.push_back({fd, {credentials.pid, credentials.uid}, {}, false});
}

void ControlServer::Drop(int fd) {
    const auto it =
        std::find_if(clients_.begin(), clients_.end(), [&](const Client& c) { return c.fd == fd; });
    if (it == clients_.end()) return;
    ::close(fd);
    clients_.erase(it);
}

void ControlServer::Answer(int client, std::string json) {
    const auto it = std::find_if(clients_.begin(), clients_.end(),
                                 [&](const Client& c) { return c.fd == client; });
    if (it == clients_.end()) return;  // went away meanwhile
    json += '\n';
    ::send(client, json.data(), json.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    Drop(client);
}

void ControlServer::Handle(const std::vector<pollfd>& fds, const Execute& execute) {
    for (const auto& ready : fds) {
        if (ready.revents == 0) continue;
        if (ready.fd == listen_fd_) {
            Accept();
            continue;
        }
        const auto it = std::find_if(clients_.begin(), clients_.end(),
                                     [&](const Client& c) { return c.fd == ready.fd; });
        if (it == clients_.end()) continue;
        std::array<char, kMaxCommand> buffer;
        const ssize_t size = ::recv(ready.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size <= 0 || it->waiting ||
            it->input.size() + static_cast<std::size_t>(size) > kMaxCommand) {
            if (size < 0 && errno == EAGAIN) continue;
            Drop(ready.fd);
            continue;
        }
        it->input.append(buffer.data(), static_cast<std::size_t>(size));
        const auto end = it->input.find('\n');
        if (end == std::string::npos) continue;
        const std::string command = it->input.substr(0, end);
        const Peer peer = it->peer;
        it->waiting = true;
        std::string answer = execute(ready.fd, peer, command);
        if (!answer.empty()) Answer(ready.fd, std::move(answer));
    }
}

Result<std::string> SendCommand(const std::string& socket_path, const std::string& command) {
    sockaddr_un address{};
    if (!ToAddress(socket_path, &address)) return ControlError(socket_path, "the path is too long");
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return ControlError(socket_path, std::strerror(errno));
    const timeval timeout{kAnswerTimeoutS, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        const int error = errno;
        ::close(fd);
        if (error == ENOENT || error == ECONNREFUSED) {
            return Error(ErrorKind::kNotFound, "process.not_running",
                         fmt::format("not running (control socket {})", socket_path));
        }
        return ControlError(socket_path, std::strerror(error));
    }
    const std::string line = command + "\n";
    std::string answer;
    if (::send(fd, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size())) {
        std::array<char, 4096> buffer;
        ssize_t size = 0;
        while ((size = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0) {
            answer.append(buffer.data(), static_cast<std::size_t>(size));
        }
    }
    ::close(fd);
    if (!answer.ends_with('\n')) return ControlError(socket_path, "no answer");
    answer.pop_back();
    return answer;
}

}  // namespace mch::process
