#include "access_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "exchange.h"

namespace mch::http {

LogFile::~LogFile() {
    if (fd_ > 2) close(fd_);
}

Result<void> LogFile::Open() {
    if (path_ == "stderr") {
        fd_ = 2;
        return {};
    }
    const int fd = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) return Internal("http.log", path_ + ": " + std::strerror(errno));
    if (fd_ > 2) close(fd_);
    fd_ = fd;
    return {};
}

void LogFile::Flush(metrics::Zone& zone) {
    std::string_view rest = buffer_;
    while (!rest.empty()) {
        const ssize_t n = write(fd_, rest.data(), rest.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            zone.log_lines_lost.fetch_add(std::count(rest.begin(), rest.end(), '\n'),
                                          std::memory_order_relaxed);
            break;
        }
        rest.remove_prefix(static_cast<std::size_t>(n));
    }
    buffer_.clear();
}

LogFile& AccessLogs::FileOf(const LogUse& use) {
    auto& file = files_[use.path];
    if (file == nullptr) file = std::make_unique<LogFile>(use.path);
    file->limit = std::max(file->limit, use.buffer);
    file->flush_ms = use.flush_ms;
    return *file;
}

Result<void> AccessLogs::Open() {
    const auto add = [&](const Settings& settings) {
        for (const LogUse& use : settings.logs) {
            targets_[&use] = {&FileOf(use), &site_.log_formats.find(use.format)->second};
        }
    };
    for (const auto& server : site_.servers) {
        add(*server);
        add(*server->fallback);
        for (const auto& location : server->locations) add(*location);
    }
    return Reopen();
}

Result<void> AccessLogs::Reopen() {
    for (auto& [path, file] : files_) {
        file->Flush(zone_);
        MCH_CHECK(file->Open());
    }
    return {};
}

void AccessLogs::Write(const Exchange& exchange, std::int64_t now_ms) {
    const Settings* settings = exchange.location;
    if (settings == nullptr) settings = exchange.server;
    if (settings == nullptr) return;
    for (const LogUse& use : settings->logs) {
        const Target& target = targets_.find(&use)->second;
        std::string& buffer = target.file->buffer();
        if (buffer.empty()) target.file->oldest_ms = now_ms;
        target.format->AppendTo(buffer, exchange);
        buffer.push_back('\n');
        dirty_ = true;
        if (buffer.size() >= std::max<std::size_t>(target.file->limit, 64 * 1024)) {
            target.file->Flush(zone_);
        }
    }
}

void AccessLogs::Flush(std::int64_t now_ms, bool all) {
    if (!dirty_ && !all) return;
    dirty_ = false;
    for (auto& [path, file] : files_) {
        if (file->buffer().empty()) continue;
        if (all || file->limit == 0 || now_ms - file->oldest_ms >= file->flush_ms) {
            file->Flush(zone_);
        } else {
            dirty_ = true;
        }
    }
}

}  // namespace mch::http
