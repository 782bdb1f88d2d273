// For tests: a Server on a free port with routes, driven by raw sockets.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "mch/http/server.h"

namespace mch::http {

// A client's end of a connection. Reading waits at most five seconds.
class Client {
  public:
    explicit Client(int port);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void Send(std::string_view bytes) const;
    // Reads until `text` has come (and leaves what follows for the next call), or the end.
    std::string ReadUntil(std::string_view text);
    // One whole answer: head, and a body of its Content-Length. `head_only` for answers to HEAD.
    std::string ReadAnswer(bool head_only = false);
    // Everything until the server closes; "TIMEOUT" is appended when it does not.
    std::string ReadAll();
    void ShutdownWrite() const;

  private:
    bool Fill();
    int fd_;
    std::string buffer_;
};

class FakeAuthenticator final : public Authenticator {
  public:
    // Cookie session=NAME or "Authorization: Bearer NAME"; NAME "expired" is an error.
    Result<Principal> Authenticate(const Request& request, const Context& context) override;
    std::atomic<bool> revoked{false};
};

// A gate at which the handler of GET /api/v1/wait stands until the test opens it.
class Gate {
  public:
    void Open();
    void Pass();
    void AwaitArrivals(int count);

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
    int arrived_ = 0;
};

class ServerFixture : public ::testing::Test {
  protected:
    void SetUp() override;
    void TearDown() override;

    // `server_text` goes into the server block, `http_text` before it.
    void StartServer(const std::string& server_text, const std::string& http_text = {});
    void StopServer();
    void WriteFile(const std::string& name, std::string_view content) const;
    std::string ReadFile(const std::string& name) const;
    // One request on its own connection, closed after it.
    std::string Exchange(std::string_view request) const;
    std::string Get(const std::string& path, const std::string& headers = {}) const;

    std::string folder_;
    int port_ = 0;
    Gate gate_;
    FakeAuthenticator authenticator_;
    std::unique_ptr<Server> server_;

  private:
    void AddRoutes();
    SystemClock clock_;
    Catalogue catalogue_;
    std::unique_ptr<Router> router_;
    conf::Directive root_;
    std::thread thread_;
};

int StatusOfAnswer(std::string_view answer);
std::string BodyOfAnswer(std::string_view answer);

}  // namespace mch::http
