// The HTTP server of one worker process: one epoll loop, its connections, and bounded handler
// pools.
//
// The process part (mch/process) reads the configuration, asks CollectListeners() which sockets to
// bind, binds them in the master, and gives each worker its descriptors:
//
//   http::DeclareDirectives(registry);                        // before conf::Load
//   auto listeners = http::CollectListeners(root);            // master
//   http::CheckConfiguration(root, prefix);                   // -t and before a reload
//   auto server = http::Server::Create(options);              // worker, after the fork
//   server->Run();                                            // until Quit() or Terminate()
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mch/base/catalogue.h"
#include "mch/base/clock.h"
#include "mch/base/result.h"
#include "mch/conf/configuration.h"
#include "mch/http/principal.h"
#include "mch/http/router.h"
#include "mch/http/stream.h"

namespace mch::metrics {
struct Zone;
}

namespace mch::http {

// One socket of the configuration. Several `server` blocks may share one.
struct ListenAddress {
    // Canonical text and identity: "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:80", "unix:/path".
    std::string text;
    std::string host;       // numeric address without brackets; "" for a unix socket
    int port = 0;           // 0 asks the system for a free port (tests)
    std::string unix_path;  // absolute when not empty; instead of host and port
    bool ssl = false;
    bool default_server = false;
    bool reuseport = false;  // one socket for each worker
    int backlog = 511;
};

// Declares `http`, `server`, `location`, `types` and every directive inside them.
void DeclareDirectives(conf::Registry& registry);

// The distinct sockets of all `server` blocks in order of appearance; *:80 when a server has no
// `listen`. Two spellings of one socket are one entry. `prefix` resolves relative unix paths.
// Errors: conf.invalid with "file:line: message".
Result<std::vector<ListenAddress>> CollectListeners(const conf::Directive& root,
                                                    const std::string& prefix = {});

// Everything that Create would refuse, without opening sockets: patterns, certificates, variables.
Result<void> CheckConfiguration(const conf::Directive& root, const std::string& prefix);

struct ServerOptions {
    const conf::Directive* root = nullptr;  // the whole configuration; must outlive the server
    // Listening descriptors, non-blocking; the server takes them over and closes them.
    std::vector<std::pair<ListenAddress, int>> sockets;
    const Router* router = nullptr;          // for `module_routes on`; may be null
    Authenticator* authenticator = nullptr;  // null: nobody is signed in
    const Catalogue* catalogue = nullptr;
    const Clock* clock = nullptr;
    std::string prefix;             // folder of relative paths (nginx's -p), ends in "/" or is ""
    metrics::Zone* zone = nullptr;  // shared memory of all workers; null: private to this server
};

// The sentences of the request.*, field.*, json.*, csrf.*, server.* and db.* codes. Call once.
Result<void> AddMessages(Catalogue& catalogue);

class Server {
  public:
    // Errors: conf.invalid {"file:line: message"}, http.tls, http.log.
    static Result<std::unique_ptr<Server>> Create(ServerOptions options);
    virtual ~Server() = default;

    // Serves until Quit() has drained or Terminate() was called. Starts the pool threads; call it
    // on the thread that owns the server, once.
    virtual void Run() = 0;

    // The following are thread safe and return at once. They are not signal safe: a worker's signal
    // handling reads a signalfd or self-pipe and calls them from a plain thread or from Post().

    // Graceful: stops accepting (after emptying the accept queue of a reuseport socket), answers
    // the next request of each kept connection with "Connection: close" and lingers, ends live
    // streams, lets running handlers finish; then Run() returns.
    virtual void Quit() = 0;
    // Closes everything; running handlers finish, queued ones do not start.
    virtual void Terminate() = 0;
    virtual void ReopenLogs() = 0;
    // An event of the bus for the live streams of this worker.
    virtual void Deliver(LiveEvent event) = 0;
    // Runs `action` on the loop, for example to watch the process's control channel.
    virtual void Post(std::function<void()> action) = 0;

    // Open connections, for the control socket's status.
    virtual std::int64_t Connections() const = 0;
};

}  // namespace mch::http
