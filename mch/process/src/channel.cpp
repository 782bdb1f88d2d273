#include "channel.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace mch::process {

bool SendMessage(int fd, std::string_view text) {
    if (text.size() > kMaxMessage) text = text.substr(0, kMaxMessage);
    return ::send(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
}

std::optional<std::string> ReceiveMessage(int fd) {
    std::array<char, kMaxMessage> buffer;
    while (true) {
        const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size > 0) return std::string(buffer.data(), static_cast<std::size_t>(size));
        if (size == 0) return std::string();
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
        return std::string();
    }
}

}  // namespace mch::process
