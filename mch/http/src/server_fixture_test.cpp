// The fixture of the server tests; see server_fixture.h.
#include "server_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "mch/base/json.h"

namespace mch::http {

Client::Client(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{5, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

Client::~Client() { close(fd_); }

void Client::Send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return;  // the server has closed: the test reads why
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

bool Client::Fill() {
    std::array<char, 16384> piece;
    const ssize_t n = recv(fd_, piece.data(), piece.size(), 0);
    if (n > 0) buffer_.append(piece.data(), static_cast<std::size_t>(n));
    return n > 0;
}

std::string Client::ReadUntil(std::string_view text) {
    for (;;) {
        const std::size_t at = buffer_.find(text);
        if (at != buffer_.npos) {
            std::string out = buffer_.substr(0, at + text.size());
            buffer_.erase(0, at + text.size());
            return out;
        }
        if (!Fill()) return std::exchange(buffer_, {});
    }
}

std::string Client::ReadAnswer(bool head_only) {
    std::string answer = ReadUntil("\r\n\r\n");
    const std::size_t field = answer.find("Content-Length: ");
    if (head_only || field == answer.npos) return answer;
    const auto length = static_cast<std::size_t>(std::atoll(answer.c_str() + field + 16));
    while (buffer_.size() < length && Fill()) {
    }
    answer += buffer_.substr(0, length);
    buffer_.erase(0, length);
    return answer;
}

std::string Client::ReadAll() {
    for (;;) {
        std::array<char, 16384> piece;
        const ssize_t n = recv(fd_, piece.data(), piece.size(), 0);
        if (n > 0) {
            buffer_.append(piece.data(), static_cast<std::size_t>(n));
            continue;
        }
        if (n < 0) buffer_ += errno == EAGAIN ? "TIMEOUT" : "RESET";
        return std::exchange(buffer_, {});
    }
}

void Client::ShutdownWrite() const { shutdown(fd_, SHUT_WR); }

Result<Principal> FakeAuthenticator::Authenticate(const Request& request, const Context&) {
    Principal principal;
    std::string_view name = request.Cookie("session");
    principal.cookie_session = !name.empty();
    constexpr std::string_view kBearer = "Bearer ";
    const std::string_view authorization = request.Header("authorization");
    if (authorization.substr(0, kBearer.size()) == kBearer) {
        name = authorization.substr(kBearer.size());
    }
    if (name == "expired" || (revoked && !name.empty())) {
        return Error(ErrorKind::kUnauthenticated, "session.expired");
    }
    if (name.empty()) return principal;
    principal.user_id = 7;
    principal.account = name;
    principal.must_change_password = name == "new";
    if (name != "weak") principal.permissions = {"test:item:write"};
    return principal;
}

void Gate::Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
}

void Gate::Pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
}

void Gate::AwaitArrivals(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
}

void ServerFixture::SetUp() {
    std::string pattern = std::filesystem::temp_directory_path() / "mch-http-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern + "/";
    std::filesystem::create_directories(folder_ + "www");
    ASSERT_TRUE(AddMessages(catalogue_));
}

void ServerFixture::TearDown() {
    gate_.Open();
    StopServer();
    std::filesystem::remove_all(folder_);
}

void ServerFixture::AddRoutes() {
    router_ = std::make_unique<Router>();
    router_->Add({.method = "GET",
                  .pattern = "/api/v1/health",
                  .summary = "Health",
                  .permission = std::string(kPublic),
                  .handler = [](const Request&, Context&) -> Result<Response> {
                      return Response::Json(200, R"({"ok":true})");
                  },
                  .pool = Pool::kInline});
    router_->Add({.method = "GET",
                  .pattern = "/api/v1/echo/{id}",
                  .summary = "Tells what arrived",
                  .permission = std::string(kPublic),
                  .handler = [](const Request& request, Context& context) -> Result<Response> {
                      MCH_TRY(const auto id, request.PathId("id"));
                      json::Writer w;
                      w.BeginObject().Field("id", id).Field("q", request.Query("q").value_or("-"));
                      w.Field("client", request.client_address).Field("scheme", request.scheme);
                      w.Field("trace", context.trace_id).Field("language", context.language);
                      w.Field("user", context.principal.user_id).EndObject();
                      return Response::Json(200, w.Take()).Header("ETag", "\"3\"");
                  }});
    router_->Add(
        {.method = "POST",
         .pattern = "/api/v1/items",
         .summary = "Makes an item",
         .permission = "test:item:write",
         .handler = [](const Request& request, Context&) -> Result<Response> {
             return Response::Json(201, request.json.ToString());
         },
         .request = Schema::Object({{"name", Schema::String().Min(2).Max(200'000), kRequired}}),
         .audit_action = "test.item.make"});
    router_->Add({.method = "POST",
                  .pattern = "/api/v1/files",
                  .summary = "Takes a form",
                  .permission = std::string(kPublic),
                  .handler = [](const Request& request, Context&) -> Result<Response> {
                      json::Writer w;
                      w.BeginArray();
                      for (const Part& part : request.parts) {
                          struct stat info{};
                          const bool file =
                              !part.path.empty() && stat(part.path.c_str(), &info) == 0;
                          w.BeginObject().Field("name", part.name).Field("file", part.file_name);
                          w.Field("value", part.value).Field("size", part.size);
                          w.Field("on_disk", file ? std::int64_t{info.st_size} : -1).EndObject();
                      }
                      w.EndArray();
                      return Response::Json(200, w.Take());
                  },
                  .multipart = true,
                  .max_body = 300'000,
                  .audit_action = "test.file.make"});
    router_->Add({.method = "GET",
                  .pattern = "/api/v1/wait",
                  .summary = "Waits",
                  .permission = std::string(kPublic),
                  .handler = [this](const Request&, Context&) -> Result<Response> {
                      gate_.Pass();
                      return Response::Text(200, "waited");
                  }});
    router_->Add({.method = "GET",
                  .pattern = "/api/v1/throw",
                  .summary = "Throws",
                  .permission = std::string(kPublic),
                  .handler = [](const Request&, Context&) -> Result<Response> {
                      throw std::runtime_error("secret");
                  }});
    router_->Add({.method = "GET",
                  .pattern = "/api/v1/live",
                  .summary = "Live events",
                  .permission = std::string(kSignedIn),
                  .handler = [](const Request& request, Context&) -> Result<Response> {
                      Response response;
                      response.stream =
                          Subscription{{"hazard"}, 7, std::string(request.Header("last-event-id"))};
                      return response;
                  }});
    router_->Add({.method = "GET",
                  .pattern = "/api/v1/big",
                  .summary = "A large body",
                  .permission = std::string(kPublic),
                  .handler = [](const Request&, Context&) -> Result<Response> {
                      return Response::Text(200, std::string(3'000'000, 'x'));
                  }});
}

void ServerFixture::StartServer(const std::string& server_text, const std::string& http_text) {
    AddRoutes();
    conf::Registry registry;
    registry.Add({.name = "events", .min_args = 0, .max_args = 0, .block = conf::kEvents});
    registry.Add(
        {.name = "worker_connections", .contexts = conf::kEvents, .kind = conf::ArgKind::kInteger});
    DeclareDirectives(registry);
    auto root =
        conf::Parse(registry,
                    "events { worker_connections 200; }\nhttp {\n" + http_text + "\nserver {\n" +
                        (server_text.rfind("listen ", 0) == 0 ? "" : "listen 127.0.0.1:0;\n") +
                        server_text + "\n} }",
                    "test.conf");
    ASSERT_TRUE(root) << root.error().ToString();
    root_ = std::move(*root);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(listen(fd, 64), 0);
    socklen_t size = sizeof address;
    ASSERT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    auto listeners = CollectListeners(root_, folder_);
    ASSERT_TRUE(listeners) << listeners.error().ToString();
    ServerOptions options;
    options.root = &root_;
    options.sockets = {{listeners->at(0), fd}};
    options.router = router_.get();
    options.authenticator = &authenticator_;
    options.catalogue = &catalogue_;
    options.clock = &clock_;
    options.prefix = folder_;
    auto server = Server::Create(options);
    ASSERT_TRUE(server) << server.error().ToString();
    server_ = std::move(*server);
    thread_ = std::thread([this] { server_->Run(); });
}

void ServerFixture::StopServer() {
    if (server_ != nullptr) server_->Terminate();
    if (thread_.joinable()) thread_.join();
    server_.reset();
}

void ServerFixture::WriteFile(const std::string& name, std::string_view content) const {
    std::ofstream(folder_ + name, std::ios::binary) << content;
}

std::string ServerFixture::ReadFile(const std::string& name) const {
    std::ifstream in(folder_ + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string ServerFixture::Exchange(std::string_view request) const {
    Client client(port_);
    client.Send(request);
    return client.ReadAll();
}

std::string ServerFixture::Get(const std::string& path, const std::string& headers) const {
    return Exchange("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers +
                    "\r\n");
}

int StatusOfAnswer(std::string_view answer) {
    return answer.size() < 12 ? 0 : std::atoi(std::string(answer.substr(9, 3)).c_str());
}

std::string BodyOfAnswer(std::string_view answer) {
    const std::size_t at = answer.find("\r\n\r\n");
    return at == answer.npos ? std::string() : std::string(answer.substr(at + 4));
}

}  // namespace mch::http
