// Locations and static files over real sockets.
#include <filesystem>

#include "server_fixture.h"

namespace mch::http {
namespace {

class StaticTest : public ServerFixture {
  protected:
    void SetUp() override {
        ServerFixture::SetUp();
        std::filesystem::create_directories(folder_ + "www/sub/empty");
        std::filesystem::create_directories(folder_ + "outside");
        WriteFile("www/index.html", "<p>home</p>");
        WriteFile("www/a.txt", "0123456789");
        WriteFile("www/app.js", "plain");
        WriteFile("www/app.js.gz", "packed");
        WriteFile("www/sub/index.html", "sub");
        WriteFile("outside/secret", "secret");
    }
    int StatusOf(const std::string& path, const std::string& headers = {}) const {
        return StatusOfAnswer(Get(path, headers));
    }
    std::string BodyOf(const std::string& path, const std::string& headers = {}) const {
        return BodyOfAnswer(Get(path, headers));
    }
    std::string HeaderOf(const std::string& answer, const std::string& name) const {
        const std::size_t at = answer.find("\r\n" + name + ": ");
        if (at == answer.npos) return "";
        const std::size_t begin = at + name.size() + 4;
        return answer.substr(begin, answer.find("\r\n", begin) - begin);
    }
};

TEST_F(StaticTest, ServesFilesAndFolders) {
    StartServer("root www;");
    const std::string home = Get("/");
    EXPECT_EQ(BodyOfAnswer(home), "<p>home</p>");
    EXPECT_EQ(HeaderOf(home, "Content-Type"), "text/html");
    EXPECT_EQ(BodyOf("/sub/"), "sub");
    const std::string moved = Get("/sub?x=1");
    EXPECT_EQ(StatusOfAnswer(moved), 301);
    EXPECT_EQ(HeaderOf(moved, "Location"), "/sub/?x=1");
    EXPECT_EQ(StatusOf("/sub/empty/"), 403);
    EXPECT_EQ(StatusOf("/none"), 404);
    EXPECT_EQ(StatusOf("/a.txt/"), 404);
    EXPECT_EQ(BodyOf("/./sub/..//a.txt"), "0123456789");
    EXPECT_EQ(BodyOf("/%61.txt"), "0123456789");
}

TEST_F(StaticTest, NeverLeavesTheRoot) {
    std::filesystem::create_symlink("a.txt", folder_ + "www/inside.txt");
    std::filesystem::create_symlink("../outside/secret", folder_ + "www/outside.txt");
    StartServer(
        "location / { root www; } location /nolinks/ { alias www/; disable_symlinks on; }"
        "location /links/ { alias www/; disable_symlinks off; } location /al { alias www/sub; }");
    for (const char* path : {"/../outside/secret", "/%2e%2e/outside/secret", "/..%2foutside/secret",
                             "/sub/../../outside/secret", "/a.txt%00.html", "/%zz", "/a%0d%0ab"}) {
        EXPECT_EQ(StatusOf(path), 400) << path;
    }
    EXPECT_EQ(BodyOf("/inside.txt"), "0123456789");
    EXPECT_EQ(StatusOf("/outside.txt"), 403);
    EXPECT_EQ(StatusOf("/nolinks/inside.txt"), 403);
    EXPECT_EQ(BodyOf("/links/outside.txt"), "secret");
    EXPECT_EQ(StatusOf("/al../outside/secret"), 404);
}

TEST_F(StaticTest, AnswersConditionsAndRanges) {
    StartServer("root www;");
    const std::string whole = Get("/a.txt");
    const std::string etag = HeaderOf(whole, "ETag");
    const std::string modified = HeaderOf(whole, "Last-Modified");
    ASSERT_FALSE(etag.empty() || modified.empty());
    EXPECT_EQ(StatusOf("/a.txt", "If-None-Match: \"x\", W/" + etag + "\r\n"), 304);
    EXPECT_EQ(StatusOf("/a.txt", "If-None-Match: *\r\n"), 304);
    EXPECT_EQ(StatusOf("/a.txt", "If-Modified-Since: " + modified + "\r\n"), 304);
    EXPECT_EQ(StatusOf("/a.txt", "If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT\r\n"), 200);
    EXPECT_EQ(StatusOf("/a.txt", "If-None-Match: \"x\"\r\nIf-Modified-Since: " + modified + "\r\n"),
              200);
    struct Case {
        const char* range;
        int status;
        const char* body;
        const char* content_range;
    };
    for (const Case& c : std::vector<Case>{
             {"bytes=0-3", 206, "0123", "bytes 0-3/10"},
             {"bytes=7-", 206, "789", "bytes 7-9/10"},
             {"bytes=-2", 206, "89", "bytes 8-9/10"},
             {"bytes=5-500", 206, "56789", "bytes 5-9/10"},
             {"bytes=-99999999999999999999", 206, "0123456789", "bytes 0-9/10"},
             {"bytes=5-2", 200, "0123456789", ""},
             {"bytes=0-1,3-4", 200, "0123456789", ""},
             {"lines=0-1", 200, "0123456789", ""},
             {"bytes=x-1", 200, "0123456789", ""},
         }) {
        const std::string answer = Get("/a.txt", std::string("Range: ") + c.range + "\r\n");
        EXPECT_EQ(StatusOfAnswer(answer), c.status) << c.range;
        EXPECT_EQ(BodyOfAnswer(answer), c.body) << c.range;
        EXPECT_EQ(HeaderOf(answer, "Content-Range"), c.content_range) << c.range;
    }
    const std::string beyond = Get("/a.txt", "Range: bytes=10-\r\n");
    EXPECT_EQ(StatusOfAnswer(beyond), 416);
    EXPECT_EQ(HeaderOf(beyond, "Content-Range"), "bytes */10");
    EXPECT_EQ(StatusOf("/a.txt", "Range: bytes=0-3\r\nIf-Range: " + etag + "\r\n"), 206);
    EXPECT_EQ(StatusOf("/a.txt", "Range: bytes=0-3\r\nIf-Range: \"old\"\r\n"), 200);
    EXPECT_EQ(StatusOf("/a.txt", "Range: bytes=0-3\r\nIf-Range: " + modified + "\r\n"), 206);
}

TEST_F(StaticTest, SendsLargeFilesWhole) {
    std::string large;
    for (int i = 0; large.size() < 9'000'000; ++i) large += std::to_string(i) + "\n";
    WriteFile("www/large.bin", large);
    StartServer("location / { root www; } location /copied/ { alias www/; sendfile off; }");
    EXPECT_EQ(BodyOf("/large.bin"), large);
    EXPECT_EQ(BodyOf("/copied/large.bin"), large);
    EXPECT_EQ(BodyOf("/large.bin", "Range: bytes=100000-200000\r\n"),
              large.substr(100'000, 100'001));
}

TEST_F(StaticTest, SendsPrecompressedFilesToThoseWhoTakeThem) {
    StartServer("root www; gzip_static on;");
    const std::string packed = Get("/app.js", "Accept-Encoding: br, gzip\r\n");
    EXPECT_EQ(BodyOfAnswer(packed), "packed");
    EXPECT_EQ(HeaderOf(packed, "Content-Encoding"), "gzip");
    EXPECT_EQ(HeaderOf(packed, "Content-Type"), "text/javascript");
    EXPECT_EQ(HeaderOf(packed, "Vary"), "Accept-Encoding");
    const std::string plain = Get("/app.js", "Accept-Encoding: gzip;q=0\r\n");
    EXPECT_EQ(BodyOfAnswer(plain), "plain");
    EXPECT_EQ(HeaderOf(plain, "Vary"), "Accept-Encoding");
    EXPECT_EQ(BodyOf("/a.txt", "Accept-Encoding: gzip\r\n"), "0123456789");
}

TEST_F(StaticTest, MatchesLocationsInNginxsOrder) {
    StartServer(
        "location = /x { return 200 exact; } location /x { return 200 short; }"
        "location /x/long { return 200 long; } location ^~ /x/final { return 200 final; }"
        "location ~ ^/x/(l[^/]+)\\.TXT$ { return 200 \"re:$1\"; } location ~* \\.txt$ { return 200 "
        "any; }");
    EXPECT_EQ(BodyOf("/x"), "exact");
    EXPECT_EQ(BodyOf("/xy"), "short");
    EXPECT_EQ(BodyOf("/x/longer"), "long");
    EXPECT_EQ(BodyOf("/x/long.TXT"), "re:long");
    EXPECT_EQ(BodyOf("/x/long.txt"), "any");
    EXPECT_EQ(BodyOf("/x/final.txt"), "final");
    EXPECT_EQ(StatusOf("/other"), 404);
}

TEST_F(StaticTest, APatternThatBacktracksWithoutEndFails) {
    StartServer("location ~ ^/(a|aa|a?)+$ { return 200 x; }");
    EXPECT_EQ(StatusOf("/" + std::string(2'000, 'a') + "!"), 500);
}

TEST_F(StaticTest, ChoosesTheServerByName) {
    StartServer(
        "server_name first; return 200 $server_name; }"
        "server { listen 127.0.0.1:0; server_name example.com *.example.com; return 200 lead; }"
        "server { listen 127.0.0.1:0; server_name www.*; return 200 trail; }"
        "server { listen 127.0.0.1:0; server_name ~^r\\d+$; return 200 pattern; }"
        "server { listen 127.0.0.1:0 default_server; server_name d; return 200 default;");
    const auto get = [&](const std::string& host) {
        return BodyOfAnswer(
            Exchange("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"));
    };
    EXPECT_EQ(get("FIRST:8080"), "first");
    EXPECT_EQ(get("example.com"), "lead");
    EXPECT_EQ(get("a.b.example.com"), "lead");
    EXPECT_EQ(get("www.other"), "trail");
    EXPECT_EQ(get("r12"), "pattern");
    EXPECT_EQ(get("unknown"), "default");
}

TEST_F(StaticTest, TriesFilesAndFallsBack) {
    StartServer(
        "root www; location / { try_files $uri $uri/ /index.html; }"
        "location /strict/ { try_files $uri =404; } location = /index.html { add_header X-Page "
        "yes; }");
    EXPECT_EQ(BodyOf("/a.txt"), "0123456789");
    const std::string fallback = Get("/some/page?x=1");
    EXPECT_EQ(BodyOfAnswer(fallback), "<p>home</p>");
    EXPECT_EQ(HeaderOf(fallback, "X-Page"), "yes");
    EXPECT_EQ(BodyOf("/sub/"), "sub");
    EXPECT_EQ(StatusOf("/strict/none"), 404);
}

TEST_F(StaticTest, AddsHeadersErrorPagesAndRedirects) {
    StartServer(
        "root www; error_page 404 /a.txt; error_page 403 =200 /index.html;"
        "location /new/ { return 301 https://$host$request_uri; } location /no { deny all; }"
        "location /cached/ { alias www/; expires 1h; add_header X-A \"v-$request_method\";"
        " add_header X-Always 1 always; }");
    const std::string missing = Get("/missing");
    EXPECT_EQ(StatusOfAnswer(missing), 404);
    EXPECT_EQ(BodyOfAnswer(missing), "0123456789");
    EXPECT_EQ(StatusOf("/no"), 200);
    EXPECT_EQ(HeaderOf(Get("/new/x?y"), "Location"), "https://a/new/x?y");
    const std::string cached = Get("/cached/a.txt");
    EXPECT_EQ(HeaderOf(cached, "Cache-Control"), "max-age=3600");
    EXPECT_EQ(HeaderOf(cached, "X-A"), "v-GET");
    EXPECT_EQ(HeaderOf(cached, "X-Always"), "1");
}

TEST_F(StaticTest, KeepsFilesOpenUntilTheyAreOld) {
    StartServer("root www; open_file_cache max=2 inactive=60s; open_file_cache_valid 1h;");
    EXPECT_EQ(BodyOf("/a.txt"), "0123456789");
    std::filesystem::remove(folder_ + "www/a.txt");
    EXPECT_EQ(BodyOf("/a.txt"), "0123456789");
    // Two other files push it out.
    BodyOf("/index.html");
    BodyOf("/app.js");
    EXPECT_EQ(StatusOf("/a.txt"), 404);
}

TEST_F(StaticTest, ChecksFilesAgainWhenTheyMayBeOld) {
    StartServer("root www; open_file_cache max=9; open_file_cache_valid 0;");
    EXPECT_EQ(BodyOf("/a.txt"), "0123456789");
    std::filesystem::remove(folder_ + "www/a.txt");
    WriteFile("www/a.txt", "new text");
    EXPECT_EQ(BodyOf("/a.txt"), "new text");
}

}  // namespace
}  // namespace mch::http
