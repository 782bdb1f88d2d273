#include "mch/http/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "connection.h"
#include "core.h"
#include "mch/log/log.h"
#include "tls.h"

namespace mch::http {

std::int64_t NowUs() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

Core::Core(const ServerOptions& server_options, std::unique_ptr<Site> compiled,
           metrics::Zone& counters)
    : options(server_options),
      site(std::move(compiled)),
      zone(counters),
      clock(*server_options.clock),
      dispatcher(server_options.authenticator, *server_options.catalogue, *server_options.clock),
      logs(*site, counters),
      short_pool("short", site->short_pool.threads, site->short_pool.queue, zone.Pool("short")),
      bulk_pool("bulk", site->bulk_pool.threads, site->bulk_pool.queue, zone.Pool("bulk")),
      hash_pool("hash", site->hash_pool.threads, site->hash_pool.queue, zone.Pool("hash")) {
    handlers[static_cast<std::size_t>(Content::kStatic)] = MakeStaticHandler();
    handlers[static_cast<std::size_t>(Content::kReturn)] = MakeReturnHandler();
    handlers[static_cast<std::size_t>(Content::kRoutes)] = MakeRoutesHandler();
    handlers[static_cast<std::size_t>(Content::kMetrics)] = MakeMetricsHandler();
    handlers[static_cast<std::size_t>(Content::kStubStatus)] = MakeStubStatusHandler();
    output.reserve(96 * 1024);
}

Core::~Core() = default;

WorkPool& Core::PoolOf(Pool pool) {
    switch (pool) {
        case Pool::kBulk:
            return bulk_pool;
        case Pool::kHash:
            return hash_pool;
        case Pool::kShort:
        case Pool::kInline:
            break;
    }
    return short_pool;
}

Connection* Core::Find(std::int64_t id) {
    const auto it = connections.find(id);
    return it == connections.end() ? nullptr : it->second.get();
}

std::string_view Core::DateLine() {
    const TimeMs now = clock.Now();
    if (now / 1000 != date_second_) {
        date_second_ = now / 1000;
        date_line_ = "Date: " + FormatHttpDate(now) + "\r\n";
    }
    return date_line_;
}

void Core::Release(Connection* connection) {
    const auto it = connections.find(connection->id());
    MCH_ASSERT(it != connections.end());
    loop->DestroyLater(std::move(it->second));
    connections.erase(it);
    connection_count.fetch_sub(1, std::memory_order_relaxed);
    zone.connections_active.fetch_sub(1, std::memory_order_relaxed);
    if (on_release) on_release();
}

namespace {

constexpr std::int64_t kPauseMs = 500;  // after the system has refused a descriptor

class Listener final : public event::Watcher {
  public:
    Listener(Core& core, ListenAddress address, int fd, const VirtualServers& servers)
        : core_(core), address_(std::move(address)), fd_(fd), servers_(servers), resume_([this] {
              Watch();
          }) {
        choose_ = [this](const std::string& name) -> TlsContext* {
            return servers_.Find(name)->tls.get();
        };
        sockaddr_storage bound{};
        socklen_t size = sizeof bound;
        if (getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) == 0) {
            if (bound.ss_family == AF_INET) {
                port_ = ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);
            } else if (bound.ss_family == AF_INET6) {
                port_ = ntohs(reinterpret_cast<const sockaddr_in6&>(bound).sin6_port);
            }
        }
    }
    ~Listener() override { Stop(); }

    void Watch() {
        if (fd_ < 0 || watched_) return;
        if (auto added = core_.loop->AddListener(fd_, this); !added) {
            MCH_LOG(kError, "cannot watch a listening socket",
                    {{"address", address_.text}, {"error", added.error().detail()}});
            core_.loop->Arm(resume_, kPauseMs);
            return;
        }
        watched_ = true;
    }

    void Unwatch() {
        if (!watched_) return;
        core_.loop->Remove(fd_);
        watched_ = false;
    }

    void Stop() {
        if (fd_ < 0) return;
        Unwatch();
        core_.loop->Cancel(resume_);
        // What the kernel has queued on a socket of this worker alone would be lost with it.
        if (address_.reuseport && !core_.terminated) Accept(10'000);
        close(fd_);
        fd_ = -1;
    }

    void OnEvents(std::uint32_t) override { Accept(64); }

  private:
    void Accept(int most) {
        for (int i = 0; i < most; ++i) {
            if (core_.connection_count.load(std::memory_order_relaxed) >=
                core_.site->worker_connections) {
                Unwatch();  // until a connection closes
                return;
            }
            sockaddr_storage peer{};
            socklen_t size = sizeof peer;
            const int fd = accept4(fd_, reinterpret_cast<sockaddr*>(&peer), &size,
                                   SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0) {
                if (errno == EINTR || errno == ECONNABORTED) continue;
                if (errno == EAGAIN || errno == EWOULDBLOCK) return;
                MCH_LOG(kCrit, "accept failed",
                        {{"address", address_.text}, {"error", std::strerror(errno)}});
                Unwatch();
                core_.loop->Arm(resume_, kPauseMs);
                return;
            }
            Open(fd, peer);
        }
    }

    void Open(int fd, const sockaddr_storage& peer_address) {
        Connection::Peer peer;
        peer.address = Address::From(peer_address);
        peer.text = peer.address ? peer.address->ToText() : "unix:";
        peer.port = port_;
        peer.servers = &servers_;
        if (address_.ssl) {
            peer.tls = servers_.Default()->tls->NewSession(fd, &choose_);
            if (peer.tls == nullptr) {
                close(fd);
                return;
            }
        }
        if (peer.address && servers_.Default()->tcp_nodelay) {
            const int on = 1;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
        const std::int64_t id = core_.next_id++;
        auto connection = std::make_unique<Connection>(core_, fd, id, std::move(peer));
        Connection* raw = connection.get();
        core_.connections.emplace(id, std::move(connection));
        core_.connection_count.fetch_add(1, std::memory_order_relaxed);
        core_.zone.connections_accepted.fetch_add(1, std::memory_order_relaxed);
        core_.zone.connections_active.fetch_add(1, std::memory_order_relaxed);
        if (!core_.loop->Add(fd, raw, EPOLLIN | EPOLLOUT | EPOLLRDHUP)) raw->Close();
    }

    Core& core_;
    const ListenAddress address_;
    int fd_;
    int port_ = 0;
    const VirtualServers& servers_;
    bool watched_ = false;
    std::function<TlsContext*(const std::string&)> choose_;
    event::Timer resume_;
};

class ServerImpl final : public Server {
  public:
    ServerImpl(const ServerOptions& options, std::unique_ptr<Site> site)
        : own_zone_(options.zone == nullptr ? std::make_unique<metrics::Zone>() : nullptr),
          core_(options, std::move(site), own_zone_ != nullptr ? *own_zone_ : *options.zone),
          heartbeat_([this] { Heartbeat(); }),
          recheck_([this] { Recheck(); }) {}

    ~ServerImpl() override {
        core_.terminated = true;
        core_.on_release = nullptr;
        if (core_.loop == nullptr) return;
        core_.short_pool.Stop();
        core_.bulk_pool.Stop();
        core_.hash_pool.Stop();
        core_.loop->Cancel(heartbeat_);
        core_.loop->Cancel(recheck_);
        CloseAll();
        listeners_.clear();
    }

    Result<void> Start() {
        MCH_TRY(core_.loop, event::Loop::Create());
        for (const auto& [address, fd] : core_.options.sockets) {
            const auto servers = core_.site->by_socket.find(address.text);
            if (servers == core_.site->by_socket.end()) {
                return Invalid("http.listener", "no server listens on " + address.text);
            }
            listeners_.push_back(std::make_unique<Listener>(core_, address, fd, servers->second));
        }
        for (const auto& server : core_.site->servers) MCH_CHECK(PrepareServer(*server));
        if (core_.options.router != nullptr) {
            for (const Route& route : core_.options.router->routes()) {
                core_.route_slots[&route] = core_.zone.Requests(
                    fmt::format("route=\"{} {}\"", route.method, route.pattern));
            }
        }
        return core_.logs.Open();
    }

    void Run() override {
        signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets without MSG_NOSIGNAL
        core_.short_pool.Start();
        core_.bulk_pool.Start();
        core_.hash_pool.Start();
        for (const auto& listener : listeners_) listener->Watch();
        core_.on_release = [this] {
            if (core_.quitting) return;
            for (const auto& listener : listeners_) listener->Watch();
        };
        core_.loop->Arm(heartbeat_, core_.site->stream_heartbeat_ms);
        core_.loop->Arm(recheck_, CheckPause());
        core_.loop->Run([this] {
            core_.logs.Flush(core_.loop->NowMs(), false);
            const bool drained = core_.connections.empty() && core_.jobs_running == 0;
            if (core_.terminated || (core_.quitting && drained)) core_.loop->Stop();
        });
        core_.terminated = true;
        core_.short_pool.Stop();
        core_.bulk_pool.Stop();
        core_.hash_pool.Stop();
        CloseAll();
        core_.logs.Flush(core_.loop->NowMs(), true);
    }

    void Quit() override {
        core_.loop->Post([this] {
            if (core_.quitting) return;
            core_.quitting = true;
            for (const auto& listener : listeners_) listener->Stop();
            std::vector<std::int64_t> ids;
            for (const auto& [id, connection] : core_.connections) ids.push_back(id);
            for (const std::int64_t id : ids) {
                if (Connection* connection = core_.Find(id)) connection->PrepareToQuit();
            }
        });
    }

    void Terminate() override {
        core_.loop->Post([this] { core_.terminated = true; });
    }

    void ReopenLogs() override {
        core_.loop->Post([this] {
            if (auto reopened = core_.logs.Reopen(); !reopened) {
                MCH_LOG(kError, "access log cannot be re-opened",
                        {{"error", reopened.error().detail()}});
            }
        });
    }

    void Deliver(LiveEvent event) override {
        core_.loop->Post([this, event = std::move(event)]() mutable {
            core_.streams.Deliver(std::move(event));
        });
    }

    void Post(std::function<void()> action) override { core_.loop->Post(std::move(action)); }

    std::int64_t Connections() const override {
        return core_.connection_count.load(std::memory_order_relaxed);
    }

  private:
    Result<void> PrepareServer(ServerBlock& server) {
        const std::string name = server.name.empty() ? "_" : server.name;
        const auto prepare = [&](Location& location, std::string_view pattern) -> Result<void> {
            std::string label(pattern);
            std::replace(label.begin(), label.end(), '"', '\'');
            std::replace(label.begin(), label.end(), '\\', '/');
            location.slot =
                core_.zone.Requests(fmt::format("server=\"{}\",location=\"{}\"", name, label));
            // The parent folder may be missing in a fresh installation.
            if (mkdir(location.body_folder.c_str(), 0700) != 0 && errno != EEXIST) {
                return ConfError(*core_.options.root,
                                 fmt::format("client_body_temp_path {}: {}", location.body_folder,
                                             std::strerror(errno)));
            }
            return {};
        };
        MCH_CHECK(prepare(*server.fallback, "server"));
        for (const auto& location : server.locations) {
            MCH_CHECK(prepare(*location, location->pattern));
        }
        return {};
    }

    void CloseAll() {
        std::vector<std::int64_t> ids;
        for (const auto& [id, connection] : core_.connections) ids.push_back(id);
        for (const std::int64_t id : ids) {
            if (Connection* connection = core_.Find(id)) connection->Close();
        }
    }

    void Heartbeat() {
        core_.streams.Heartbeat();
        core_.logs.Flush(core_.loop->NowMs(), false);
        core_.loop->Arm(heartbeat_, core_.site->stream_heartbeat_ms);
    }

    std::int64_t CheckPause() const {
        return std::max<std::int64_t>(core_.site->stream_recheck_ms / 4, 10);
    }

    // A stream outlives the request that opened it: its session is looked up again now and then.
    void Recheck() {
        core_.loop->Arm(recheck_, CheckPause());
        const auto due =
            core_.streams.DueForCheck(core_.loop->NowMs(), core_.site->stream_recheck_ms);
        for (const StreamHub::Due& stream : due) {
            const std::int64_t id = static_cast<Connection*>(stream.sink)->id();
            core_.short_pool.Submit([this, id, job = stream.job] {
                if (core_.dispatcher.StillAllowed(*job)) return;
                core_.loop->Post([this, id] {
                    if (Connection* connection = core_.Find(id)) connection->EndStream();
                });
            });
        }
    }

    std::unique_ptr<metrics::Zone> own_zone_;
    Core core_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    event::Timer heartbeat_;
    event::Timer recheck_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::Create(ServerOptions options) {
    MCH_ASSERT(options.root != nullptr && options.catalogue != nullptr && options.clock != nullptr);
    MCH_TRY(auto site, Site::Build(*options.root, options.prefix));
    auto server = std::make_unique<ServerImpl>(options, std::move(site));
    MCH_CHECK(server->Start());
    return std::unique_ptr<Server>(std::move(server));
}

}  // namespace mch::http
