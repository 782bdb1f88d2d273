// The compiled configuration: servers, locations and their settings, with nginx's inheritance.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "address.h"
#include "mch/base/result.h"
#include "mch/conf/configuration.h"
#include "mch/http/server.h"
#include "mch/metrics/metrics.h"
#include "regex.h"
#include "template.h"

namespace mch::http {

class TlsContext;

// Which content handler answers in a location (src/content.h).
enum class Content { kStatic, kReturn, kRoutes, kMetrics, kStubStatus };

enum class Symlinks {
    kFollow,  // off
    kInside,  // only those that stay below the root
    kRefuse,  // on
};

struct AddedHeader {
    std::string name;
    Template value;
    bool always = false;
};

struct Expires {
    enum class Kind { kOff, kSeconds, kEpoch, kMax };
    Kind kind = Kind::kOff;
    std::int64_t seconds = 0;
};

struct ErrorPage {
    int status = 0;
    int answer_with = -1;  // "=CODE"; -1 keeps the status
    std::string target;    // a local path, or an absolute URL for a redirect
};

struct LogUse {
    std::string path;  // absolute, or "stderr"
    std::string format;
    std::size_t buffer = 0;         // 0: written after each batch of events
    std::int64_t flush_ms = 1'000;  // with a buffer
};

struct FileCacheSettings {
    std::size_t max = 0;  // 0 = off
    std::int64_t inactive_ms = 60'000;
    std::int64_t valid_ms = 60'000;
    bool errors = false;
};

struct AccessRule {
    bool allow = true;
    std::optional<Network> network;  // nullopt: all
};

using MimeTypes = std::unordered_map<std::string, std::string>;

// What `http`, `server` and `location` hand down.
struct Settings {
    std::string root;
    std::vector<std::string> index = {"index.html"};
    std::vector<AddedHeader> added_headers;
    Expires expires;
    std::shared_ptr<const MimeTypes> types;
    std::string default_type = "text/plain";
    std::string charset;
    std::vector<ErrorPage> error_pages;
    std::vector<AccessRule> access;
    std::vector<LogUse> logs;
    FileCacheSettings file_cache;
    Symlinks symlinks = Symlinks::kInside;
    bool sendfile = true;
    bool etag = true;
    bool gzip_static = false;
    bool server_tokens = true;
    bool tcp_nodelay = true;

    std::int64_t max_body = 1024 * 1024;  // 0 = no limit
    std::size_t body_buffer = 64 * 1024;
    std::string body_folder;
    std::int64_t header_timeout_ms = 60'000;
    std::int64_t body_timeout_ms = 60'000;
    std::int64_t send_timeout_ms = 60'000;
    std::int64_t keepalive_timeout_ms = 75'000;
    std::int64_t keepalive_requests = 1'000;
    std::int64_t lingering_time_ms = 30'000;
    std::int64_t lingering_timeout_ms = 5'000;
    std::int64_t min_rate = 256;  // bytes per second of a body, either way, after twice the timeout
    std::size_t header_line = 8 * 1024;
    std::size_t header_total = 32 * 1024;
    std::int64_t handler_timeout_ms = 30'000;

    std::vector<Network> trusted_proxies;
    std::string real_ip_header = "x-real-ip";
    bool real_ip_recursive = false;
};

struct Return {
    int status = 0;  // 0: no return
    Template text;   // body, or the target of a redirect
};

struct Location : Settings {
    enum class Match { kPrefix, kPriorityPrefix, kExact, kRegex };
    Match match = Match::kPrefix;
    std::string pattern;
    std::optional<Regex> regex;
    std::string alias;  // instead of root
    std::vector<Template> try_files;
    int try_status = 0;  // "=CODE" as the last of try_files; 0: the last is an internal redirect
    Return answer;
    Content content = Content::kStatic;
    metrics::RequestSlot* slot = nullptr;
};

struct ServerBlock : Settings {
    std::string name;  // the first server_name
    std::vector<std::string> names;
    std::vector<ListenAddress> listens;
    Return answer;
    std::vector<std::unique_ptr<Location>> locations;
    std::unique_ptr<Location> fallback;  // the server's own settings when no location matches
    std::shared_ptr<TlsContext> tls;

    // nginx's order: exact, longest prefix (final with ^~), patterns in order, that prefix. nullptr
    // when a pattern ran into its limit. `captures` gets those of a pattern.
    const Location* FindLocation(std::string_view path, std::vector<std::string>* captures) const;
};

// The servers that share one socket.
class VirtualServers {
  public:
    void Add(const ServerBlock* server, bool is_default);
    // `host` in lower case without port: exact name, longest "*.x", longest "x.*", pattern,
    // default.
    const ServerBlock* Find(std::string_view host) const;
    const ServerBlock* Default() const { return default_; }

  private:
    const ServerBlock* default_ = nullptr;
    bool explicit_default_ = false;
    std::map<std::string, const ServerBlock*, std::less<>> exact_;
    std::map<std::string, const ServerBlock*, std::less<>> leading_;   // ".example.com"
    std::map<std::string, const ServerBlock*, std::less<>> trailing_;  // "www.example."
    std::vector<std::pair<Regex, const ServerBlock*>> patterns_;
};

struct PoolSettings {
    int threads = 0;
    std::size_t queue = 0;
};

struct Site {
    std::vector<std::unique_ptr<ServerBlock>> servers;
    std::map<std::string, VirtualServers, std::less<>> by_socket;  // ListenAddress::text
    std::map<std::string, Template, std::less<>> log_formats;
    PoolSettings short_pool, bulk_pool, hash_pool;
    std::int64_t worker_connections = 1024;
    std::int64_t stream_heartbeat_ms = 15'000;
    std::int64_t stream_recheck_ms = 60'000;
    std::size_t stream_queue = 64 * 1024;

    // Errors: conf.invalid with "file:line: message".
    static Result<std::unique_ptr<Site>> Build(const conf::Directive& root,
                                               const std::string& prefix);
};

// One `listen` directive.
Result<ListenAddress> ParseListen(const conf::Directive& directive, const std::string& prefix);
// The error of a directive: conf.invalid, "file:line: message".
Error ConfError(const conf::Directive& directive, std::string_view message);
// `path` under `prefix` unless it is absolute.
std::string UnderPrefix(const std::string& prefix, const std::string& path);

}  // namespace mch::http
