// The server as its clients see it, over real sockets.
#include <filesystem>
#include <future>

#include "server_fixture.h"

namespace mch::http {
namespace {

using ServerTest = ServerFixture;

constexpr const char* kApi = "location /api/ { module_routes on; } location / { root www; }";
const std::string kHost = " HTTP/1.1\r\nHost: a\r\n";

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

TEST_F(ServerTest, KeepsTheConnectionAndAnswersInOrder) {
    StartServer(kApi);
    Client client(port_);
    for (int i = 0; i < 3; ++i) {
        client.Send("GET /api/v1/health" + kHost + "\r\n");
        const std::string answer = client.ReadAnswer();
        EXPECT_EQ(StatusOfAnswer(answer), 200);
        EXPECT_EQ(BodyOfAnswer(answer), R"({"ok":true})");
    }
    // Pipelined: through a pool, inline, and a missing route; the answers keep their order.
    client.Send("GET /api/v1/echo/5?q=x" + kHost + "\r\nGET /api/v1/health" + kHost +
                "\r\nGET /api/v1/none" + kHost + "\r\n");
    EXPECT_TRUE(Contains(client.ReadAnswer(), "\"id\":5"));
    EXPECT_TRUE(Contains(client.ReadAnswer(), "\"ok\""));
    EXPECT_EQ(StatusOfAnswer(client.ReadAnswer()), 404);
}

TEST_F(ServerTest, ReadsARequestThatComesByteByByte) {
    StartServer(kApi);
    Client client(port_);
    const std::string request = "GET /api/v1/echo/12?q=slow" + kHost + "Cookie: a=b\r\n\r\n";
    for (const char c : request) client.Send(std::string_view(&c, 1));
    EXPECT_TRUE(Contains(client.ReadAnswer(), "\"q\":\"slow\""));
}

TEST_F(ServerTest, ClosesAsHttp10AndConnectionCloseAsk) {
    StartServer(kApi);
    EXPECT_TRUE(Contains(Exchange("GET /api/v1/health HTTP/1.0\r\n\r\n"), "Connection: close"));
    EXPECT_EQ(StatusOfAnswer(Get("/api/v1/health")), 200);
    Client kept(port_);
    kept.Send("GET /api/v1/health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(Contains(kept.ReadAnswer(), "Connection: keep-alive"));
}

TEST_F(ServerTest, RefusesWhatCouldSmuggleAndCloses) {
    StartServer(kApi);
    const std::string post = "POST /api/v1/items" + kHost;
    const std::vector<std::string> requests = {
        post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        post + "Content-Length: 2, 2\r\n\r\n{}",
        post + "Content-Length: +2\r\n\r\n{}",
        post + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
        post + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
        post + "Transfer-Encoding: chunked\r\n\r\n2;a=b\n{}\r\n0\r\n\r\n",
        post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n",
        post + "Content-Length : 2\r\n\r\n{}",
        post + "X: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
        post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        post + "Transfer-Encoding: identity\r\n\r\n",
        post + "X: a\rb\r\n\r\n",
        post + std::string("X: a\0b\r\n\r\n", 11),
        post + "X: a\nContent-Length: 2\r\n\r\n{}",
        "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        post + "Host: b\r\n\r\n",
    };
    for (const std::string& request : requests) {
        const std::string answer = Exchange(request + "GET /api/v1/health" + kHost + "\r\n");
        EXPECT_EQ(StatusOfAnswer(answer), 400) << request;
        EXPECT_TRUE(Contains(answer, "Connection: close")) << request;
        EXPECT_FALSE(Contains(answer, "\"ok\"")) << "the smuggled request was served: " << request;
        EXPECT_FALSE(Contains(answer, "TIMEOUT") || Contains(answer, "RESET")) << request;
    }
}

TEST_F(ServerTest, LimitsTheHead) {
    StartServer(kApi, "large_client_header_buffers 2 1k;");
    EXPECT_EQ(StatusOfAnswer(Exchange("GET /" + std::string(2000, 'a') + kHost + "\r\n")), 414);
    EXPECT_EQ(
        StatusOfAnswer(Exchange("GET /" + kHost + "X: " + std::string(1500, 'a') + "\r\n\r\n")),
        431);
    std::string many = "GET /" + kHost;
    for (int i = 0; i < 40; ++i)
        many += "X" + std::to_string(i) + ": " + std::string(60, 'a') + "\r\n";
    EXPECT_EQ(StatusOfAnswer(Exchange(many + "\r\n")), 431);
}

TEST_F(ServerTest, ClosesSlowClients) {
    StartServer(
        "client_header_timeout 60ms; client_body_timeout 60ms; keepalive_timeout 60ms;"
        "lingering_timeout 60ms;" +
        std::string(kApi));
    EXPECT_EQ(StatusOfAnswer(Exchange("GET / HT")), 408);
    EXPECT_EQ(Exchange(""), "");
    EXPECT_EQ(Exchange("POST /api/v1/items" + kHost + "Content-Length: 10\r\n\r\n{"), "");
    const std::string kept = Exchange("GET /api/v1/health" + kHost + "\r\n");
    EXPECT_EQ(BodyOfAnswer(kept), R"({"ok":true})");
}

TEST_F(ServerTest, ClosesAfterTheLastKeptRequest) {
    StartServer(kApi, "keepalive_requests 2;");
    Client client(port_);
    client.Send("GET /api/v1/health" + kHost + "\r\n");
    EXPECT_FALSE(Contains(client.ReadAnswer(), "Connection: close"));
    client.Send("GET /api/v1/health" + kHost + "\r\n");
    EXPECT_TRUE(Contains(client.ReadAll(), "Connection: close"));
}

TEST_F(ServerTest, ReadsBodiesInEveryForm) {
    StartServer(kApi);
    const std::string head = "POST /api/v1/items" + kHost +
                             "Authorization: Bearer li\r\nContent-Type: application/json\r\n"
                             "Connection: close\r\n";
    EXPECT_TRUE(Contains(Exchange(head + "Content-Length: 15\r\n\r\n{\"name\":\"abcd\"}"),
                         "{\"name\":\"abcd\"}"));
    EXPECT_TRUE(Contains(Exchange(head + "Transfer-Encoding: chunked\r\n\r\n"
                                         "5;x=\"a\\\"b\" ; y\r\n{\"nam\r\nA\r\ne\":\"abcd\"}\r\n"
                                         "0\r\nTrailer: x\r\n\r\n"),
                         "{\"name\":\"abcd\"}"));
    // Above client_body_buffer_size the body goes through a file.
    const std::string large = "{\"name\":\"" + std::string(100'000, 'n') + "\"}";
    const std::string answer =
        Exchange(head + "Content-Length: " + std::to_string(large.size()) + "\r\n\r\n" + large);
    EXPECT_EQ(StatusOfAnswer(answer), 201);
    EXPECT_EQ(BodyOfAnswer(answer), large);
    EXPECT_TRUE(std::filesystem::is_empty(folder_ + "client_body_temp"));
}

TEST_F(ServerTest, RefusesTooLargeBodies) {
    StartServer(kApi, "client_max_body_size 100;");
    const std::string head = "POST /api/v1/items" + kHost + "Authorization: Bearer li\r\n";
    const std::string refused = Exchange(head + "Content-Length: 300000\r\n\r\n");
    EXPECT_EQ(StatusOfAnswer(refused), 413);
    EXPECT_TRUE(Contains(refused, "request.body_too_large"));
    std::string chunks;
    for (int i = 0; i < 300; ++i) chunks += "400\r\n" + std::string(1024, 'a') + "\r\n";
    EXPECT_EQ(StatusOfAnswer(Exchange(head + "Transfer-Encoding: chunked\r\n\r\n" + chunks)), 413);
    EXPECT_EQ(StatusOfAnswer(Exchange("GET /x" + kHost + "Content-Length: 101\r\n\r\n")), 413);
}

TEST_F(ServerTest, ContinuesOnlyWhatItWouldTake) {
    StartServer(kApi);
    Client client(port_);
    const std::string head = "POST /api/v1/items" + kHost +
                             "Authorization: Bearer li\r\nContent-Type: application/json\r\n"
                             "Expect: 100-continue\r\n";
    client.Send(head + "Content-Length: 15\r\n\r\n");
    EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.Send("{\"name\":\"abcd\"}");
    EXPECT_EQ(StatusOfAnswer(client.ReadAnswer()), 201);
    EXPECT_EQ(StatusOfAnswer(Exchange(head + "Content-Length: 9999999\r\n\r\n")), 413);
    EXPECT_EQ(StatusOfAnswer(Exchange("GET /" + kHost + "Expect: tea\r\n\r\n")), 417);
}

TEST_F(ServerTest, AnswersHeadAndOptions) {
    WriteFile("www/a.txt", "hello");
    StartServer(kApi);
    Client client(port_);
    client.Send("HEAD /a.txt" + kHost + "\r\nHEAD /api/v1/health" + kHost +
                "\r\nOPTIONS /api/v1/items" + kHost + "\r\nPUT /api/v1/items" + kHost +
                "\r\nOPTIONS *" + kHost + "\r\nPOST /a.txt" + kHost + "\r\n");
    EXPECT_TRUE(Contains(client.ReadAnswer(true), "Content-Length: 5\r\n"));
    EXPECT_TRUE(Contains(client.ReadAnswer(true), "Content-Length: 11\r\n"));
    const std::string options = client.ReadAnswer();
    EXPECT_EQ(StatusOfAnswer(options), 204);
    EXPECT_TRUE(Contains(options, "Allow: OPTIONS, POST\r\n"));
    const std::string wrong = client.ReadAnswer();
    EXPECT_EQ(StatusOfAnswer(wrong), 405);
    EXPECT_TRUE(Contains(wrong, "Allow: OPTIONS, POST\r\n"));
    EXPECT_EQ(StatusOfAnswer(client.ReadAnswer()), 204);
    EXPECT_EQ(StatusOfAnswer(client.ReadAnswer()), 405);
}

TEST_F(ServerTest, SpoolsForms) {
    StartServer(kApi);
    const std::string file(150'000, 'f');
    const std::string body =
        "--BB\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nreport\r\n"
        "--BB\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n"
        "Content-Type: image/jpeg\r\n\r\n" +
        file + "\r\n--BB--\r\n";
    const std::string head = "POST /api/v1/files" + kHost +
                             "Connection: close\r\n"
                             "Content-Type: multipart/form-data; boundary=BB\r\n";
    const std::string answer =
        Exchange(head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_EQ(BodyOfAnswer(answer),
              R"([{"name":"purpose","file":"","value":"report","size":6,"on_disk":-1},)"
              R"({"name":"file","file":"a.jpg","value":"","size":150000,"on_disk":150000}])");
    EXPECT_TRUE(std::filesystem::is_empty(folder_ + "client_body_temp"));
    const std::string broken = "--BB\r\nContent-Disposition: form-data\r\n\r\nx\r\n--BB--";
    EXPECT_EQ(StatusOfAnswer(Exchange(head + "Content-Length: " + std::to_string(broken.size()) +
                                      "\r\n\r\n" + broken)),
              400);
    EXPECT_EQ(StatusOfAnswer(Exchange("POST /api/v1/files" + kHost +
                                      "Connection: close\r\nContent-Length: 2\r\n\r\n{}")),
              415);
}

TEST_F(ServerTest, AnswersProblemsInTheReadersLanguage) {
    StartServer(kApi);
    const std::string english = Get("/api/v1/none", "Accept-Language: en\r\n");
    EXPECT_TRUE(Contains(english, "Content-Type: application/problem+json"));
    EXPECT_TRUE(Contains(english, "What was asked for does not exist."));
    EXPECT_TRUE(Contains(Get("/api/v1/none"), "没有找到"));
    for (const char* header : {"X-Content-Type-Options: nosniff", "Referrer-Policy: ",
                               "Content-Security-Policy: ", "Cache-Control: no-store"}) {
        EXPECT_TRUE(Contains(english, header)) << header;
    }
    const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    EXPECT_TRUE(
        Contains(Get("/api/v1/none", "traceparent: 00-" + trace + "-00f067aa0ba902b7-01\r\n"),
                 "\"trace_id\":\"" + trace + "\""));
    const std::string thrown = Get("/api/v1/throw");
    EXPECT_EQ(StatusOfAnswer(thrown), 500);
    EXPECT_FALSE(Contains(thrown, "secret"));
}

TEST_F(ServerTest, ChecksWhoAsks) {
    StartServer(kApi);
    const auto post = [&](const std::string& headers,
                          std::string_view body = R"({"name":"abcd"})") {
        return Exchange("POST /api/v1/items" + kHost +
                        "Connection: close\r\nContent-Type: application/json\r\n" + headers +
                        "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                        std::string(body));
    };
    const std::string marked = "X-Anlan-Request: 1\r\n";
    EXPECT_TRUE(Contains(post(""), "session.none"));
    EXPECT_TRUE(Contains(post("Cookie: session=expired\r\n"), "session.expired"));
    EXPECT_TRUE(Contains(post("Cookie: session=li\r\n"), "csrf.refused"));
    EXPECT_TRUE(
        Contains(post("Cookie: session=li\r\nOrigin: http://evil\r\n" + marked), "csrf.refused"));
    EXPECT_EQ(StatusOfAnswer(post("Cookie: session=li\r\nOrigin: http://a\r\n" + marked)), 201);
    EXPECT_EQ(StatusOfAnswer(post("Authorization: Bearer li\r\n")), 201);
    const std::string weak = post("Authorization: Bearer weak\r\n");
    EXPECT_EQ(StatusOfAnswer(weak), 403);
    EXPECT_TRUE(Contains(weak, "test:item:write"));
    EXPECT_TRUE(
        Contains(post("Authorization: Bearer new\r\n"), "session.password_change_required"));
    const std::string fields = post("Authorization: Bearer li\r\n", R"({"name":"a","x":1})");
    EXPECT_EQ(StatusOfAnswer(fields), 422);
    EXPECT_TRUE(Contains(fields, "field.too_short") && Contains(fields, "field.unknown"));
    EXPECT_EQ(StatusOfAnswer(post("Authorization: Bearer li\r\n", "{")), 400);
    // A stale cookie does not close public routes.
    EXPECT_EQ(StatusOfAnswer(Get("/api/v1/echo/1", "Cookie: session=expired\r\n")), 200);
}

TEST_F(ServerTest, AnswersNotModifiedForAKnownVersion) {
    StartServer(kApi);
    EXPECT_EQ(StatusOfAnswer(Get("/api/v1/echo/1", "If-None-Match: \"3\"\r\n")), 304);
    EXPECT_EQ(StatusOfAnswer(Get("/api/v1/echo/1", "If-None-Match: \"2\"\r\n")), 200);
}

TEST_F(ServerTest, TakesATrustedProxysWord) {
    StartServer(
        "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; real_ip_recursive on;" +
        std::string(kApi));
    const std::string answer = Get("/api/v1/echo/1",
                                   "X-Forwarded-For: 6.6.6.6, 203.0.113.9, 127.0.0.1\r\n"
                                   "X-Forwarded-Proto: https\r\n");
    EXPECT_TRUE(Contains(answer, "\"client\":\"203.0.113.9\"")) << answer;
    EXPECT_TRUE(Contains(answer, "\"scheme\":\"https\""));
}

TEST_F(ServerTest, IgnoresTheWordOfOthers) {
    StartServer("set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For;" + std::string(kApi));
    const std::string answer =
        Get("/api/v1/echo/1", "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\n");
    EXPECT_TRUE(Contains(answer, "\"client\":\"127.0.0.1\"") &&
                Contains(answer, "\"scheme\":\"http\""));
}

TEST_F(ServerTest, RefusesWhenThePoolIsFull) {
    StartServer(kApi, "handler_pool short threads=1 queue=1;");
    Client running(port_);
    Client queued(port_);
    running.Send("GET /api/v1/wait" + kHost + "\r\n");
    gate_.AwaitArrivals(1);
    queued.Send("GET /api/v1/wait" + kHost + "\r\n");
    // The second waits in the only place as soon as the third is refused.
    std::string refused;
    for (int i = 0; i < 50 && StatusOfAnswer(refused) != 503; ++i) {
        Client third(port_);
        third.Send("GET /api/v1/none" + kHost + "\r\nGET /api/v1/wait" + kHost + "\r\n");
        third.ReadAnswer();
        refused = third.ReadAnswer();
    }
    EXPECT_EQ(StatusOfAnswer(refused), 503);
    EXPECT_TRUE(Contains(refused, "Retry-After: "));
    // The loop itself is free all the time.
    EXPECT_EQ(StatusOfAnswer(Get("/api/v1/health")), 200);
    gate_.Open();
    EXPECT_EQ(BodyOfAnswer(running.ReadAnswer()), "waited");
    EXPECT_EQ(BodyOfAnswer(queued.ReadAnswer()), "waited");
}

TEST_F(ServerTest, SendsLargeAnswersWithoutHoldingAThread) {
    StartServer(kApi, "handler_pool short threads=1 queue=8;");
    Client slow(port_);
    slow.Send("GET /api/v1/big" + kHost + "\r\n");
    EXPECT_TRUE(Contains(slow.ReadUntil("\r\n\r\n"), "3000000"));
    // The client has not read the body, yet the only thread serves the next request.
    EXPECT_EQ(StatusOfAnswer(Get("/api/v1/echo/1")), 200);
    const std::string all = Get("/api/v1/big");
    EXPECT_EQ(BodyOfAnswer(all).size(), 3'000'000u);
}

TEST_F(ServerTest, StreamsEventsAndResumes) {
    StartServer(kApi);
    Client first(port_);
    const std::string open = "GET /api/v1/live" + kHost + "Authorization: Bearer li\r\n";
    first.Send(open + "\r\n");
    EXPECT_TRUE(Contains(first.ReadUntil("\r\n\r\n"), "Content-Type: text/event-stream"));
    first.ReadUntil("retry: 2000\n\n");
    server_->Deliver({"hazard", "hazard", "{\"id\":\"1\"}", "e1"});
    server_->Deliver({"other", "x", "{}", "e2"});
    server_->Deliver({"hazard", "hazard", "a\nb", "e3"});
    EXPECT_EQ(first.ReadUntil("\n\n"), "id: e1\nevent: hazard\ndata: {\"id\":\"1\"}\n\n");
    EXPECT_EQ(first.ReadUntil("\n\n"), "id: e3\nevent: hazard\ndata: a\ndata: b\n\n");
    Client resumed(port_);
    resumed.Send(open + "Last-Event-ID: e1\r\n\r\n");
    EXPECT_TRUE(Contains(resumed.ReadUntil("data: b\n\n"), "id: e3"));
    Client lost(port_);
    lost.Send(open + "Last-Event-ID: gone\r\n\r\n");
    EXPECT_TRUE(Contains(lost.ReadUntil("data: {}\n\n"), "event: resync"));
    EXPECT_EQ(StatusOfAnswer(Get("/api/v1/live")), 401);
    server_->Quit();
    EXPECT_FALSE(Contains(first.ReadAll(), "TIMEOUT"));
}

TEST_F(ServerTest, EndsAStreamWhoseSessionEnds) {
    StartServer(kApi, "stream_recheck 20ms;");
    Client client(port_);
    client.Send("GET /api/v1/live" + kHost + "Authorization: Bearer li\r\n\r\n");
    client.ReadUntil("retry: 2000\n\n");
    authenticator_.revoked = true;
    EXPECT_EQ(client.ReadAll(), "");
}

TEST_F(ServerTest, DropsAStreamWhoseClientDoesNotRead) {
    StartServer(kApi, "stream_queue 64k;");
    Client client(port_);
    client.Send("GET /api/v1/live" + kHost + "Authorization: Bearer li\r\n\r\n");
    client.ReadUntil("retry: 2000\n\n");
    const std::string data(32'000, 'd');
    for (int i = 0; i < 1'000; ++i) server_->Deliver({"hazard", "h", data, "e"});
    const std::string all = client.ReadAll();
    EXPECT_FALSE(Contains(all, "TIMEOUT"));
    EXPECT_LT(all.size(), 32'000'000u);
}

TEST_F(ServerTest, QuitsWithoutLosingARequest) {
    StartServer(kApi);
    Client kept(port_);
    kept.Send("GET /api/v1/health" + kHost + "\r\n");
    kept.ReadAnswer();
    Client waiting(port_);
    waiting.Send("GET /api/v1/wait" + kHost + "\r\n");
    gate_.AwaitArrivals(1);
    server_->Quit();
    std::promise<void> begun;
    server_->Post([&] { begun.set_value(); });
    begun.get_future().wait();
    // The kept connection may ask once more and learns that it is the last time.
    kept.Send("GET /api/v1/health" + kHost + "\r\n");
    const std::string last = kept.ReadAnswer();
    EXPECT_EQ(StatusOfAnswer(last), 200);
    EXPECT_TRUE(Contains(last, "Connection: close"));
    gate_.Open();
    EXPECT_TRUE(Contains(waiting.ReadAll(), "waited"));
}

TEST_F(ServerTest, WritesTheAccessLog) {
    StartServer(
        "access_log access.log j;" + std::string(kApi),
        "log_format j escape=json '{\"r\":\"$request\",\"s\":$status,\"b\":$body_bytes_sent,"
        "\"a\":\"$http_user_agent\",\"t\":\"$trace_id\",\"p\":\"$route\"}';");
    const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    Get("/api/v1/health",
        "User-Agent: a\"b\\\r\ntraceparent: 00-" + trace + "-00f067aa0ba902b7-01\r\n");
    std::filesystem::rename(folder_ + "access.log", folder_ + "old.log");
    server_->ReopenLogs();
    Exchange("BAD\r\n\r\n");
    StopServer();
    EXPECT_EQ(
        ReadFile("old.log"),
        "{\"r\":\"GET /api/v1/health HTTP/1.1\",\"s\":200,\"b\":11,\"a\":\"a\\\"b\\\\\",\"t\":\"" +
            trace + "\",\"p\":\"/api/v1/health\"}\n");
    EXPECT_TRUE(Contains(ReadFile("access.log"), "\"s\":400"));
}

TEST_F(ServerTest, ExposesItsCounters) {
    StartServer(std::string(kApi) +
                "location = /metrics { metrics; } location = /status { stub_status; }");
    Get("/api/v1/health");
    const std::string metrics = Get("/metrics");
    EXPECT_TRUE(
        Contains(metrics, "mch_requests_total{route=\"GET /api/v1/health\",status=\"2xx\"} 1"));
    EXPECT_TRUE(Contains(metrics, "mch_pool_queued{pool=\"short\"} 0"));
    Client reading(port_);
    reading.Send("GET /");
    Client waiting(port_);
    waiting.Send("GET /api/v1/health" + kHost + "\r\n");
    waiting.ReadAnswer();
    const std::string status = Get("/status");
    EXPECT_TRUE(Contains(status, "Active connections: 3")) << status;
    EXPECT_TRUE(Contains(status, "Waiting: 1")) << status;
}

}  // namespace
}  // namespace mch::http
