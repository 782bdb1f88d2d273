#include "mch/process/live_bus.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "mch/log/log.h"

namespace mch::process {
namespace {

constexpr std::size_t kMaxEvent = 16 * 1024;

bool ToAddress(const std::string& path, sockaddr_un* address) {
    if (path.size() >= sizeof address->sun_path) return false;
    *address = {};
    address->sun_family = AF_UNIX;
    std::memcpy(address->sun_path, path.c_str(), path.size() + 1);
    return true;
}

void AppendText(std::string& out, const std::string& text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    out.append(reinterpret_cast<const char*>(&size), sizeof size);
    out += text;
}

bool TakeText(std::string_view& bytes, std::string* text) {
    std::uint32_t size = 0;
    if (bytes.size() < sizeof size) return false;
    std::memcpy(&size, bytes.data(), sizeof size);
    bytes.remove_prefix(sizeof size);
    if (bytes.size() < size) return false;
    text->assign(bytes.substr(0, size));
    bytes.remove_prefix(size);
    return true;
}

}  // namespace

std::string EncodeEvent(const http::LiveEvent& event) {
    std::string out;
    for (const auto* text : {&event.topic, &event.type, &event.data, &event.id})
        AppendText(out, *text);
    return out;
}

bool DecodeEvent(std::string_view bytes, http::LiveEvent* event) {
    for (auto* text : {&event->topic, &event->type, &event->data, &event->id}) {
        if (!TakeText(bytes, text)) return false;
    }
    return bytes.empty();
}

LiveSocket::LiveSocket(std::string folder)
    : folder_(std::move(folder)),
      send_fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}

LiveSocket::~LiveSocket() {
    if (!own_path_.empty()) ::unlink(own_path_.c_str());
    if (receive_fd_ >= 0) ::close(receive_fd_);
    if (send_fd_ >= 0) ::close(send_fd_);
}

Result<void> LiveSocket::Listen() {
    const std::string path = fmt::format("{}/{}", folder_, ::getpid());
    sockaddr_un address{};
    if (!ToAddress(path, &address)) {
        return Invalid("process.live", fmt::format("the path {} is too long for a socket", path));
    }
    ::unlink(path.c_str());  // of an earlier process with this number
    receive_fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (receive_fd_ < 0 ||
        ::bind(receive_fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return Error(ErrorKind::kUnavailable, "process.live",
                     fmt::format("live socket {}: {}", path, std::strerror(errno)));
    }
    own_path_ = path;
    return {};
}

void LiveSocket::Drain(const std::function<void(http::LiveEvent)>& deliver) {
    std::array<char, kMaxEvent> buffer;
    while (true) {
        const ssize_t size = ::recv(receive_fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size < 0) return;
        http::LiveEvent event;
        if (DecodeEvent({buffer.data(), static_cast<std::size_t>(size)}, &event))
            deliver(std::move(event));
    }
}

void LiveSocket::Publish(http::LiveEvent event) {
    const std::string bytes = EncodeEvent(event);
    if (bytes.size() > kMaxEvent || send_fd_ < 0) {
        MCH_LOG(kWarn, "live event not sent", {{"topic", event.topic}});
        return;
    }
    DIR* folder = ::opendir(folder_.c_str());
    if (folder == nullptr) return;
    while (const dirent* entry = ::readdir(folder)) {
        if (entry->d_name[0] == '.') continue;
        const std::string path = folder_ + "/" + entry->d_name;
        sockaddr_un address{};
        if (!ToAddress(path, &address)) continue;
        const ssize_t sent =
            ::sendto(send_fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                     reinterpret_cast<const sockaddr*>(&address), sizeof address);
        // Nobody reads a socket whose process was killed.
        if (sent < 0 && errno == ECONNREFUSED) ::unlink(path.c_str());
    }
    ::closedir(folder);
}

}  // namespace mch::process
