// Access logs: lines are gathered in memory and written once per batch of events, or when a buffer
// is full or old.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "mch/base/result.h"
#include "mch/metrics/metrics.h"
#include "site.h"

namespace mch::http {

class LogFile {
  public:
    explicit LogFile(std::string path) : path_(std::move(path)) {}
    ~LogFile();
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;

    // Opens, or re-opens after a rename (USR1). Error: http.log.
    Result<void> Open();
    std::string& buffer() { return buffer_; }
    // Writes what was gathered. A line that cannot be written is lost and counted, never waited
    // for.
    void Flush(metrics::Zone& zone);

    std::size_t limit = 0;  // 0: flush after each batch
    std::int64_t flush_ms = 0;
    std::int64_t oldest_ms = 0;  // monotonic time of the first line in the buffer

  private:
    const std::string path_;
    int fd_ = -1;
    std::string buffer_;
};

class AccessLogs {
  public:
    AccessLogs(const Site& site, metrics::Zone& zone) : site_(site), zone_(zone) {}
    // Opens every log of the configuration.
    Result<void> Open();
    Result<void> Reopen();
    void Write(const Exchange& exchange, std::int64_t now_ms);
    // After each batch of events; `all` at the end.
    void Flush(std::int64_t now_ms, bool all);

  private:
    LogFile& FileOf(const LogUse& use);

    const Site& site_;
    metrics::Zone& zone_;
    std::map<std::string, std::unique_ptr<LogFile>> files_;
    // Looked up once for each `access_log` directive.
    struct Target {
        LogFile* file;
        const Template* format;
    };
    std::map<const LogUse*, Target> targets_;
    bool dirty_ = false;
};

}  // namespace mch::http
