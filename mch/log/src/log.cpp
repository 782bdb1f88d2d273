#include "mch/log/log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>

#include "mch/base/clock.h"

namespace mch::log {
namespace {

constexpr std::array<std::string_view, 8> kNames = {"debug", "info", "notice", "warn",
                                                    "error", "crit", "alert",  "emerg"};
// One write of at most this many bytes: the kernel appends it whole.
constexpr std::size_t kMaxLine = 8192;
constexpr std::size_t kMaxValue = 2048;

// The process has one error log, as it has one stderr; this is the only global state of mch.
std::atomic<int> g_level{static_cast<int>(Level::kNotice)};
std::atomic<int> g_fd{STDERR_FILENO};
std::mutex g_mutex;
std::string g_path = "stderr";  // guarded by g_mutex

void AppendEscaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
}

void AppendValue(std::string& out, std::string_view value) {
    const bool cut = value.size() > kMaxValue;
    if (cut) value = value.substr(0, kMaxValue);
    const bool quote = value.empty() || value.find_first_of(" =\"") != std::string_view::npos;
    if (quote) out += '"';
    AppendEscaped(out, value);
    if (cut) out += "...";
    if (quote) out += '"';
}

// Puts the file on the descriptor that writers use, so that none ever sees a closed one.
Result<void> OpenLocked(const std::string& path) {
    if (path == "stderr") {
        const int old = g_fd.exchange(STDERR_FILENO);
        if (old != STDERR_FILENO) ::close(old);
        return {};
    }
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return Invalid("log.open", fmt::format("error log \"{}\": {}", path, std::strerror(errno)));
    const int old = g_fd.load();
    if (old == STDERR_FILENO) {
        g_fd = fd;
    } else {
        ::dup3(fd, old, O_CLOEXEC);
        ::close(fd);
    }
    return {};
}

}  // namespace

Result<void> Open(const std::string& path, Level level) {
    const std::lock_guard lock(g_mutex);
    MCH_CHECK(OpenLocked(path));
    g_path = path;
    g_level = static_cast<int>(level);
    return {};
}

Result<void> Reopen() {
    const std::lock_guard lock(g_mutex);
    return OpenLocked(g_path);
}

void SetLevel(Level level) { g_level = static_cast<int>(level); }

bool Enabled(Level level) {
    return static_cast<int>(level) >= g_level.load(std::memory_order_relaxed);
}

void Write(Level level, std::string_view message, Pairs pairs) {
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    std::string line =
        fmt::format("{} [{}] {}#{}: ", FormatIso(now.count()),
                    kNames[static_cast<std::size_t>(level)], ::getpid(), ::syscall(SYS_gettid));
    AppendEscaped(line, message);
    for (const auto& [name, value] : pairs) {
        line += ' ';
        line += name;
        line += '=';
        AppendValue(line, value);
    }
    if (line.size() >= kMaxLine) {
        line.resize(kMaxLine - 4);
        line += "...";
    }
    line += '\n';
    // A full disk must not stop the service: the line is lost, the caller goes on.
    [[maybe_unused]] const auto written = ::write(g_fd.load(), line.data(), line.size());
}

Result<Level> ParseLevel(std::string_view name) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == name) return static_cast<Level>(i);
    }
    return Invalid("log.level", fmt::format("\"{}\" is no log level, the levels are: {}", name,
                                            fmt::join(kNames, " ")));
}

}  // namespace mch::log
