// The client of the control socket: one command as a line, one JSON line as the answer.
//
//   status               {"ok":true,"processes":[...],"listeners":[...],...}
//   reload               answers when the new workers serve, or {"ok":false,"error":"file:line:
//   ..."} quit | stop          graceful and fast end reopen               logs log_level LEVEL
#pragma once

#include <string>

#include "mch/base/result.h"

namespace mch::process {

// Errors: process.not_running when nobody listens, process.control otherwise.
Result<std::string> SendCommand(const std::string& socket_path, const std::string& command);

}  // namespace mch::process
