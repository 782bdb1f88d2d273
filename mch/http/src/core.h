// What the connections of one loop share.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "access_log.h"
#include "content.h"
#include "dispatcher.h"
#include "file_cache.h"
#include "mch/event/loop.h"
#include "mch/metrics/metrics.h"
#include "pool.h"
#include "site.h"
#include "streams.h"

namespace mch::http {

class Connection;

struct Core {
    Core(const ServerOptions& server_options, std::unique_ptr<Site> compiled,
         metrics::Zone& counters);
    ~Core();

    const ServerOptions options;
    const std::unique_ptr<Site> site;
    metrics::Zone& zone;
    const Clock& clock;
    std::unique_ptr<event::Loop> loop;
    Dispatcher dispatcher;
    FileCache files;
    AccessLogs logs;
    StreamHub streams;
    WorkPool short_pool, bulk_pool, hash_pool;
    std::array<std::unique_ptr<ContentHandler>, 5> handlers;  // index = Content
    std::unordered_map<const Route*, metrics::RequestSlot*> route_slots;

    bool quitting = false;
    bool terminated = false;
    std::int64_t jobs_running = 0;
    std::int64_t next_id = 1;
    std::unordered_map<std::int64_t, std::unique_ptr<Connection>> connections;
    std::atomic<std::int64_t> connection_count{0};

    std::array<char, 64 * 1024> input;  // every connection reads here first
    std::string output;                 // and builds its answer here when it can send it at once

    ContentHandler& Handler(Content content) {
        return *handlers[static_cast<std::size_t>(content)];
    }
    WorkPool& PoolOf(Pool pool);
    // nullptr when it has closed meanwhile.
    Connection* Find(std::int64_t id);
    // The line "Date: ...\r\n" of this second.
    std::string_view DateLine();
    // The connection's last call: it is destroyed after the batch.
    void Release(Connection* connection);
    std::function<void()> on_release;  // a place has become free

  private:
    std::int64_t date_second_ = -1;
    std::string date_line_;
};

// Monotonic microseconds.
std::int64_t NowUs();

}  // namespace mch::http
