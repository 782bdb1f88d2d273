// Messages between master and child: texts over a SOCK_SEQPACKET pair, one packet each.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mch::process {

inline constexpr std::size_t kMaxMessage = 4096;

// Never blocks and never raises SIGPIPE; false when the other side is gone or does not read.
bool SendMessage(int fd, std::string_view text);
// nullopt: nothing to read now; "": the other side is gone.
std::optional<std::string> ReceiveMessage(int fd);

}  // namespace mch::process
