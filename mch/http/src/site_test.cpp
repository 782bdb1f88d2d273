#include "site.h"

#include <gtest/gtest.h>

namespace mch::http {
namespace {

Result<conf::Directive> ParseText(const std::string& text) {
    conf::Registry registry;
    DeclareDirectives(registry);
    return conf::Parse(registry, text, "t.conf");
}

std::string ProblemOf(const std::string& http) {
    auto root = ParseText("http {\n" + http + "\n}");
    if (!root) return "parse: " + root.error().detail();
    auto checked = CheckConfiguration(*root, "/srv/");
    return checked ? "" : checked.error().detail();
}

TEST(Site, RefusesBadConfigurationWithItsPlace) {
    for (const auto& [text, wanted] : std::vector<std::pair<std::string, std::string>>{
             {"server { listen 80; }", ""},
             {"server { listen 99999; }", "t.conf:2: invalid port"},
             {"server { listen example.com:80; }", "t.conf:2: invalid address \"example.com:80\""},
             {"server { listen 80 http4; }", "t.conf:2: unknown option \"http4\" of listen"},
             {"server { listen 443 ssl; }", "t.conf:2: \"listen ... ssl\" needs ssl_certificate"},
             {"server { location ~ ( { root x; } }",
              "t.conf:2: pattern \"(\": missing closing parenthesis at offset 1"},
             {"server { location /a { root x; } location /a { root y; } }",
              "t.conf:2: duplicate location \"/a\""},
             {"server { location / { return 200 $nothing; } }",
              "t.conf:2: unknown variable \"$nothing\""},
             {"server { location / { return 999; } }", "t.conf:2: invalid status \"999\""},
             {"server { location / { return 200; module_routes on; } }",
              "t.conf:2: two directives that answer in one location"},
             {"server { access_log a.log none; }", "t.conf:2: unknown log_format \"none\""},
             {"server { server_name a*b.com; }", "t.conf:2: invalid wildcard \"a*b.com\""},
             {"server { set_real_ip_from 10.0.0.0/33; }", "t.conf:2: invalid network"},
             {"handler_pool medium threads=1;", "t.conf:2: the pools are short, bulk and hash"},
             {"server { listen 80; }\nserver { listen *:80 ssl; }",
              "t.conf:3: the same address with and without \"ssl\""},
         }) {
        EXPECT_EQ(ProblemOf(text), wanted) << text;
    }
}

TEST(Site, CollectsEachSocketOnce) {
    auto root = ParseText(
        "http { server { listen 80; listen 127.0.0.1:81 backlog=9; listen unix:run/s; }"
        " server { listen *:80 default_server reuseport; listen [::1]:82; } server { listen "
        "localhost:81; } }");
    ASSERT_TRUE(root) << root.error().ToString();
    const auto listeners = CollectListeners(*root, "/srv/");
    ASSERT_TRUE(listeners) << listeners.error().ToString();
    std::string text;
    for (const ListenAddress& listen : *listeners) text += listen.text + " ";
    EXPECT_EQ(text, "0.0.0.0:80 127.0.0.1:81 unix:/srv/run/s [::1]:82 ");
    EXPECT_TRUE(listeners->at(0).reuseport && listeners->at(0).default_server);
}

TEST(Site, InheritsAsNginxDoes) {
    auto root = ParseText(
        "http { send_timeout 5s; add_header A 1; root base; access_log a.log;"
        " server { add_header B 2; location /x { send_timeout 6s; } location /y { access_log off; "
        "root /abs; } } }");
    ASSERT_TRUE(root) << root.error().ToString();
    const auto site = Site::Build(*root, "/srv/");
    ASSERT_TRUE(site) << site.error().ToString();
    const ServerBlock& server = *site->get()->servers.at(0);
    const Location& x = *server.FindLocation("/x", nullptr);
    const Location& y = *server.FindLocation("/y", nullptr);
    EXPECT_EQ(x.send_timeout_ms, 6'000);
    EXPECT_EQ(y.send_timeout_ms, 5'000);
    ASSERT_EQ(x.added_headers.size(), 1u);
    EXPECT_EQ(x.added_headers[0].name, "B");
    EXPECT_EQ(x.root, "/srv/base");
    EXPECT_EQ(y.root, "/abs");
    EXPECT_EQ(x.logs.size(), 1u);
    EXPECT_TRUE(y.logs.empty());
}

TEST(Network, ContainsByBits) {
    const auto contains = [](const char* network, const char* address) {
        return Network::Parse(network)->Contains(*Address::Parse(address));
    };
    EXPECT_TRUE(contains("10.0.0.0/8", "10.255.1.2"));
    EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
    EXPECT_TRUE(contains("192.0.2.128/25", "192.0.2.200"));
    EXPECT_FALSE(contains("192.0.2.128/25", "192.0.2.100"));
    EXPECT_TRUE(contains("0.0.0.0/0", "8.8.8.8"));
    EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
    EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
    EXPECT_FALSE(Network::Parse("10.0.0.0/-1") || Network::Parse("x") || Network::Parse("::/129"));
}

TEST(RealAddress, IsTheLastUntrustedOne) {
    const std::vector<Network> trusted = {*Network::Parse("10.0.0.0/8"), *Network::Parse("::1")};
    const auto real = [&](const char* peer, const char* header, bool recursive) {
        const auto found = RealAddress(*Address::Parse(peer), trusted, header, recursive);
        return found ? found->ToText() : "-";
    };
    EXPECT_EQ(real("10.0.0.1", "1.1.1.1, 2.2.2.2, 10.9.9.9", true), "2.2.2.2");
    EXPECT_EQ(real("10.0.0.1", "1.1.1.1, 2.2.2.2, 10.9.9.9", false), "10.9.9.9");
    EXPECT_EQ(real("10.0.0.1", "10.1.1.1, 10.2.2.2", true), "10.1.1.1");
    EXPECT_EQ(real("10.0.0.1", "x, 2.2.2.2:99", true), "2.2.2.2");
    EXPECT_EQ(real("10.0.0.1", "1.1.1.1, x", true), "-");
    EXPECT_EQ(real("::1", "[2001:db8::5]:1", true), "2001:db8::5");
    EXPECT_EQ(real("9.9.9.9", "1.1.1.1", true), "-");
}

}  // namespace
}  // namespace mch::http
