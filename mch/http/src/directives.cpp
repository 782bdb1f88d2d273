// The declarations of every directive inside `http`.
#include <array>

#include "mch/http/server.h"

namespace mch::http {
namespace {

using conf::ArgKind;
using conf::DirectiveSpec;
using conf::Repeat;

constexpr unsigned kAnywhere = conf::kHttp | conf::kServer | conf::kLocation;
constexpr unsigned kServers = conf::kHttp | conf::kServer;
constexpr std::int64_t kGiB = 1024LL * 1024 * 1024;
constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1000;

DirectiveSpec Flag(std::string name, unsigned contexts, std::string standard,
                   std::string description) {
    return {.name = std::move(name),
            .contexts = contexts,
            .kind = ArgKind::kFlag,
            .default_value = std::move(standard),
            .description = std::move(description)};
}

DirectiveSpec Size(std::string name, unsigned contexts, std::string standard, std::int64_t max,
                   std::string description) {
    return {.name = std::move(name),
            .contexts = contexts,
            .kind = ArgKind::kSize,
            .default_value = std::move(standard),
            .description = std::move(description),
            .max = max};
}

DirectiveSpec Duration(std::string name, unsigned contexts, std::string standard,
                       std::string description) {
    return {.name = std::move(name),
            .contexts = contexts,
            .kind = ArgKind::kDuration,
            .default_value = std::move(standard),
            .description = std::move(description),
            .max = 365 * kDayMs};
}

DirectiveSpec Text(std::string name, unsigned contexts, int min_args, int max_args, Repeat repeat,
                   std::string description) {
    return {.name = std::move(name),
            .contexts = contexts,
            .min_args = min_args,
            .max_args = max_args,
            .description = std::move(description),
            .repeat = repeat};
}

DirectiveSpec Block(std::string name, unsigned contexts, conf::Context block, int max_args,
                    Repeat repeat, std::string description) {
    return {.name = std::move(name),
            .contexts = contexts,
            .min_args = max_args == 0 ? 0 : 1,
            .max_args = max_args,
            .description = std::move(description),
            .block = block,
            .repeat = repeat};
}

void DeclareLimits(conf::Registry& r) {
    r.Add(Size("client_max_body_size", kAnywhere, "1m", 1024 * kGiB,
               "Largest request body; 0 means no limit. A route of a module has its own."));
    r.Add(Size("client_body_buffer_size", kAnywhere, "64k", kGiB,
               "A larger request body is written to a temporary file."));
    r.Add(Text("client_body_temp_path", kServers, 1, 1, Repeat::kOnce,
               "Folder of temporary files of request bodies."));
    r.Add(Duration("client_header_timeout", kServers, "60s",
                   "Time for a whole request head to arrive."));
    r.Add(Duration("client_body_timeout", kAnywhere, "60s",
                   "Longest pause between two pieces of a request body."));
    r.Add(Duration("send_timeout", kAnywhere, "60s",
                   "Longest pause between two pieces of an answer that the client takes."));
    r.Add(Size("client_min_rate", kServers, "256", kGiB,
               "Bytes per second that a client must send or take after twice the timeout."));
    r.Add(Duration("keepalive_timeout", kAnywhere, "75s",
                   "Time that an idle connection is kept; 0 closes after each answer."));
    r.Add({.name = "keepalive_requests",
           .contexts = kAnywhere,
           .kind = ArgKind::kInteger,
           .default_value = "1000",
           .description = "Requests of one connection before it is closed.",
           .min = 1});
    r.Add(Duration("lingering_time", kAnywhere, "30s",
                   "Longest time to read what a refused client still sends."));
    r.Add(Duration("lingering_timeout", kAnywhere, "5s",
                   "Longest pause while reading what a refused client still sends."));
    r.Add({.name = "large_client_header_buffers",
           .contexts = kServers,
           .min_args = 2,
           .max_args = 2,
           .default_value = "4 8k",
           .description = "Number and size: one header line fits one, the head fits all.",
           .check = [](const std::vector<std::string>& args) -> std::string {
               const auto size = conf::ParseSize(args[1]);
               const auto number = conf::ParseSize(args[0]);
               if (!number || *number < 1 || *number > 64) return "number must be 1 to 64";
               if (!size || *size < 256 || *size > 64 * 1024) return "size must be 256 to 64k";
               return "";
           }});
    r.Add(Duration("handler_timeout", kAnywhere, "30s",
                   "Time for a handler of a module, including its wait for a thread."));
    r.Add({.name = "handler_pool",
           .contexts = conf::kHttp,
           .min_args = 2,
           .max_args = 3,
           .description = "Threads and waiting places of the pool short, bulk or hash: "
                          "handler_pool short threads=8 queue=256.",
           .repeat = Repeat::kMany});
    r.Add(
        Duration("stream_heartbeat", conf::kHttp, "15s", "Pause between heartbeats of a stream."));
    r.Add(Duration("stream_recheck", conf::kHttp, "60s",
                   "How often the session behind a live stream is checked again."));
    r.Add(Size("stream_queue", conf::kHttp, "64k", kGiB,
               "Bytes that may wait for the client of a live stream before it is closed."));
}

void DeclareTls(conf::Registry& r) {
    r.Add(Text("ssl_certificate", kServers, 1, 1, Repeat::kOnce, "PEM file, chain included."));
    r.Add(Text("ssl_certificate_key", kServers, 1, 1, Repeat::kOnce, "PEM file of the key."));
    r.Add(Text("ssl_protocols", kServers, 1, 2, Repeat::kOnce, "TLSv1.2 and TLSv1.3."));
    r.Add(Text("ssl_ciphers", kServers, 1, 1, Repeat::kOnce, "OpenSSL cipher list for TLS 1.2."));
    r.Add(Duration("ssl_session_timeout", kServers, "5m", "Time that a session may be resumed."));
    r.Add(Flag("ssl_session_tickets", kServers, "on", "Resume sessions by tickets."));
}

void DeclareFiles(conf::Registry& r) {
    r.Add(Text("root", kAnywhere, 1, 1, Repeat::kOnce, "Folder of the files."));
    r.Add(Text("alias", conf::kLocation, 1, 1, Repeat::kOnce,
               "Folder or file that replaces the location's prefix."));
    r.Add(Text("index", kAnywhere, 1, -1, Repeat::kOnce, "Files that answer for a folder."));
    r.Add(Text("try_files", conf::kServer | conf::kLocation, 2, -1, Repeat::kOnce,
               "The first file that exists answers; the last is a path or =CODE."));
    r.Add(Flag("sendfile", kAnywhere, "on", "Let the kernel send files."));
    r.Add(Flag("etag", kAnywhere, "on", "Send an ETag for files."));
    r.Add(Flag("gzip_static", kAnywhere, "off", "Answer with FILE.gz when the client takes gzip."));
    r.Add({.name = "disable_symlinks",
           .contexts = kAnywhere,
           .kind = ArgKind::kEnum,
           .default_value = "outside",
           .description = "Refuse symbolic links: all (on), none (off), or those that leave the "
                          "root (outside).",
           .allowed = {"on", "off", "outside"}});
    r.Add(Text("open_file_cache", kAnywhere, 1, 2, Repeat::kOnce,
               "Keep files open: max=N [inactive=TIME], or off."));
    r.Add(
        Duration("open_file_cache_valid", kAnywhere, "60s", "Age after which a file is checked."));
    r.Add(Flag("open_file_cache_errors", kAnywhere, "off", "Remember that a file is missing."));
    r.Add(Block("types", kAnywhere, conf::kTypes, 0, Repeat::kOnce,
                "MIME types: TYPE EXTENSION...; replaces the built-in table."));
    r.Add(Text("default_type", kAnywhere, 1, 1, Repeat::kOnce,
               "MIME type of a file whose extension is unknown."));
    r.Add(Text("charset", kAnywhere, 1, 1, Repeat::kOnce, "Charset added to text types, or off."));
}

void DeclareAnswers(conf::Registry& r) {
    r.Add(Text("return", conf::kServer | conf::kLocation, 1, 2, Repeat::kOnce,
               "Answer at once: CODE [text | URL], or URL."));
    r.Add(Text("add_header", kAnywhere, 2, 3, Repeat::kMany,
               "Header of answers 200 201 204 206 301 302 303 304 307 308, or of all: always."));
    r.Add(Text("expires", kAnywhere, 1, 1, Repeat::kOnce,
               "Expires and Cache-Control: TIME, -1, epoch, max or off."));
    r.Add(Text("error_page", kAnywhere, 2, -1, Repeat::kMany,
               "Page of an error: CODE... [=[CODE]] PATH."));
    r.Add({.name = "module_routes",
           .contexts = conf::kLocation,
           .kind = ArgKind::kFlag,
           .description = "The routes of the modules answer."});
    r.Add(Text("metrics", conf::kLocation, 0, 0, Repeat::kOnce,
               "Counters in the text format of Prometheus."));
    r.Add(Text("stub_status", conf::kServer | conf::kLocation, 0, 0, Repeat::kOnce,
               "nginx's page of connection counters."));
    for (const char* name : {"allow", "deny"}) {
        r.Add(Text(name, kAnywhere, 1, 1, Repeat::kMany,
                   "Address, network or all; the first that fits decides."));
    }
    r.Add(Flag("server_tokens", kAnywhere, "on", "Send a Server header."));
}

}  // namespace

void DeclareDirectives(conf::Registry& r) {
    r.Add(Block("http", conf::kMain, conf::kHttp, 0, Repeat::kOnce, "The HTTP servers."));
    r.Add(Block("server", conf::kHttp, conf::kServer, 0, Repeat::kMany, "A virtual server."));
    r.Add(Block("location", conf::kServer, conf::kLocation, 2, Repeat::kMany,
                "Settings of paths: [= | ^~ | ~ | ~*] PATTERN."));
    r.Add(
        Text("listen", conf::kServer, 1, 6, Repeat::kMany,
             "ADDRESS[:PORT] | PORT | unix:PATH [default_server] [ssl] [reuseport] [backlog=N]."));
    r.Add(Text("server_name", conf::kServer, 1, -1, Repeat::kMany,
               "Names: exact, *.example.com, www.example.*, .example.com or ~PATTERN."));
    r.Add(Flag("tcp_nodelay", kAnywhere, "on", "Send small packets at once."));
    r.Add(Text("set_real_ip_from", kServers, 1, 1, Repeat::kMany,
               "Address or network of a proxy whose word about the client is taken."));
    r.Add(Text("real_ip_header", kServers, 1, 1, Repeat::kOnce,
               "Header in which a trusted proxy names the client."));
    r.Add(Flag("real_ip_recursive", kServers, "off",
               "Take the last address that is not a trusted proxy."));
    r.Add(Text("log_format", conf::kHttp, 2, -1, Repeat::kMany,
               "NAME [escape=default|json|none] TEXT... with $variables."));
    r.Add(Text("access_log", kAnywhere, 1, 4, Repeat::kMany,
               "PATH [FORMAT] [buffer=SIZE] [flush=TIME], or off."));
    DeclareLimits(r);
    DeclareTls(r);
    DeclareFiles(r);
    DeclareAnswers(r);
}

}  // namespace mch::http
