#include "mch/conf/configuration.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace mch::conf {
namespace {

Registry MakeRegistry() {
    Registry registry;
    registry.Add({.name = "worker_processes", .description = "Workers."});
    registry.Add({.name = "daemon", .kind = ArgKind::kFlag});
    registry.Add(
        {.name = "worker_rlimit_nofile", .kind = ArgKind::kInteger, .min = 64, .max = 1000000});
    registry.Add({.name = "error_log", .min_args = 1, .max_args = 2, .repeat = Repeat::kMany});
    registry.Add({.name = "level", .kind = ArgKind::kEnum, .allowed = {"low", "high"}});
    registry.Add({.name = "events", .min_args = 0, .max_args = 0, .block = kEvents});
    registry.Add(
        {.name = "worker_connections", .contexts = kEvents, .kind = ArgKind::kInteger, .min = 1});
    registry.Add({.name = "http", .min_args = 0, .max_args = 0, .block = kHttp});
    registry.Add(
        {.name = "types", .contexts = kHttp, .min_args = 0, .max_args = 0, .block = kTypes});
    registry.Add({.name = "server",
                  .contexts = kHttp,
                  .min_args = 0,
                  .max_args = 0,
                  .block = kServer,
                  .repeat = Repeat::kMany});
    registry.Add({.name = "listen",
                  .contexts = kServer,
                  .min_args = 1,
                  .max_args = -1,
                  .repeat = Repeat::kMany});
    registry.Add({.name = "location",
                  .contexts = kServer | kLocation,
                  .min_args = 1,
                  .max_args = 2,
                  .block = kLocation,
                  .repeat = Repeat::kMany});
    registry.Add({.name = "client_max_body_size",
                  .contexts = kHttp | kServer | kLocation,
                  .kind = ArgKind::kSize});
    registry.Add({.name = "send_timeout",
                  .contexts = kHttp | kServer | kLocation,
                  .kind = ArgKind::kDuration,
                  .min = 1,
                  .max = 3'600'000});
    registry.Add({.name = "even",
                  .kind = ArgKind::kInteger,
                  .check = [](const std::vector<std::string>& args) -> std::string {
                      return (args[0].back() - '0') % 2 == 0 ? "" : "an odd number is no even one";
                  }});
    return registry;
}

struct Verdict {
    const char* name;
    const char* text;
    const char* error;  // "" = accepted; else the whole message after "test.conf:"
};

class ConfigurationVerdict : public testing::TestWithParam<Verdict> {};

TEST_P(ConfigurationVerdict, IsRight) {
    const auto result = Parse(MakeRegistry(), GetParam().text, "test.conf");
    const std::string expected = GetParam().error;
    if (expected.empty()) {
        EXPECT_TRUE(result.has_value()) << result.error().detail();
        return;
    }
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code(), "conf.invalid");
    EXPECT_EQ(result.error().detail(), "test.conf:" + expected);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ConfigurationVerdict,
    testing::Values(
        Verdict{"Empty", "", ""}, Verdict{"OnlyComment", "# daemon maybe;\n", ""},
        Verdict{"Simple", "worker_processes auto;", ""},
        Verdict{"Nested", "http { server { listen 80; location / { location ~ \\.x$ { } } } }", ""},
        Verdict{"HashInsideWord", "worker_processes a#b;", ""},
        Verdict{"TypesTakeAnyName", "http { types { text/html html htm; daemon x; } }", ""},
        Verdict{"Repeatable", "error_log a; error_log b warn;", ""},
        Verdict{"VariableWithBraces", "worker_processes ${x}y;", ""},
        Verdict{"QuotedWithBrace", "worker_processes \"a;{}\";", ""},
        Verdict{"SizeInLocation", "http{server{location / {client_max_body_size 10M;}}}", ""},
        // Syntax.
        Verdict{"NoSemicolonAtEnd", "daemon on",
                "1: unexpected end of file, \"daemon\" of line 1 is not terminated by \";\""},
        Verdict{"NoSemicolonBeforeClose", "events {\nworker_connections 5\n}",
                "3: unexpected \"}\", \"worker_connections\" of line 2 is not terminated by \";\""},
        Verdict{"LoneClose", "\n}", "2: unexpected \"}\""},
        Verdict{"LoneSemicolon", "daemon on;;", "1: unexpected \";\""},
        Verdict{"LoneOpen", "{ }", "1: unexpected \"{\""},
        Verdict{
            "UnclosedBlock", "http {\nserver {\n}\n",
            "4: unexpected end of file, expecting \"}\" of the block \"http\" that line 1 opens"},
        Verdict{"UnclosedQuote", "\nerror_log \"x;\n\n",
                "2: unexpected end of file, the \" has no end"},
        Verdict{"TextAfterQuote", "error_log 'a'b;",
                "1: unexpected \"b\" after a quoted parameter"},
        Verdict{"BlockWithoutBrace", "http;", "1: directive \"http\" has no opening \"{\""},
        Verdict{"BraceWithoutBlock", "daemon on { }",
                "1: directive \"daemon\" is not terminated by \";\": it opens no block"},
        Verdict{"IncludeRefused", "include x;", "1: \"include\" is not allowed here"},
        Verdict{"IncludeArity", "include;",
                "1: invalid number of arguments in \"include\" directive: it takes 1, not 0"},
        Verdict{"TypeWithoutExtension", "http { types {\n text/html; } }",
                "2: \"text/html\" must be followed by file name extensions and \";\""},
        // Contexts and names.
        Verdict{"Misplaced", "listen 80;",
                "1: \"listen\" directive is not allowed here, it may stand in: server"},
        Verdict{"MisplacedMany", "location / { }",
                "1: \"location\" directive is not allowed here, it may stand in: server, location"},
        Verdict{"NearMiss", "worker_proceses 2;",
                "1: unknown directive \"worker_proceses\", did you mean \"worker_processes\"?"},
        Verdict{"SwappedLetters", "http { server { litsen 80; } }",
                "1: unknown directive \"litsen\", did you mean \"listen\"?"},
        Verdict{"FarMiss", "frobnicate 2;", "1: unknown directive \"frobnicate\""},
        Verdict{"Duplicate", "daemon on;\ndaemon off;",
                "2: \"daemon\" directive is duplicate, the first is at test.conf:1"},
        // Arity.
        Verdict{"TooFew", "daemon;",
                "1: invalid number of arguments in \"daemon\" directive: it takes 1, not 0"},
        Verdict{
            "TooMany", "error_log a b c;",
            "1: invalid number of arguments in \"error_log\" directive: it takes 1 to 2, not 3"},
        Verdict{
            "AtLeast", "http { server { listen; } }",
            "1: invalid number of arguments in \"listen\" directive: it takes at least 1, not 0"},
        Verdict{"BlockArguments", "http x { }",
                "1: invalid number of arguments in \"http\" directive: it takes 0, not 1"},
        // Kinds.
        Verdict{"BadFlag", "daemon yes;",
                "1: invalid value \"yes\" in \"daemon\" directive, it must be \"on\" or \"off\""},
        Verdict{"BadEnum", "level middle;",
                "1: invalid value \"middle\" in \"level\" directive, it must be one of: low, high"},
        Verdict{"BadInteger", "worker_rlimit_nofile 1e3;",
                "1: invalid number \"1e3\" in \"worker_rlimit_nofile\" directive"},
        Verdict{"IntegerRange", "worker_rlimit_nofile 5;",
                "1: \"5\" in \"worker_rlimit_nofile\" directive is not between 64 and 1000000"},
        Verdict{"IntegerBelow", "events { worker_connections 0; }",
                "1: \"0\" in \"worker_connections\" directive is below 1"},
        Verdict{"BadSize", "http { client_max_body_size 1q; }",
                "1: invalid size \"1q\" in \"client_max_body_size\" directive, write for example "
                "16k or 2m"},
        Verdict{"BadDuration", "http { send_timeout 1x; }",
                "1: invalid time \"1x\" in \"send_timeout\" directive, write for example 500ms, "
                "30s or 5m"},
        Verdict{"DurationRange", "http { send_timeout 2h; }",
                "1: \"2h\" in \"send_timeout\" directive is not between 1 and 3600000"},
        Verdict{"OwnCheck", "even 3;", "1: an odd number is no even one"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Configuration, RefusesNul) {
    const std::string text("daemon o\0n;", 11);
    EXPECT_FALSE(Parse(MakeRegistry(), text, "t").has_value());
}

TEST(Configuration, ResolvesQuotesAndEscapes) {
    const auto root = Parse(MakeRegistry(), R"(error_log "a \"b\" \\ \t." 'it''s \d';)", "t");
    // 'it''s' is a quote followed by a quote: refused, as by nginx.
    EXPECT_FALSE(root.has_value());
    const auto good = Parse(MakeRegistry(), R"(error_log "a \"b\" \\ \t." '\d$x{1}';)", "t");
    ASSERT_TRUE(good.has_value()) << good.error().detail();
    EXPECT_EQ(good->children[0].args, (std::vector<std::string>{"a \"b\" \\ \t.", "\\d$x{1}"}));
}

TEST(Configuration, ReadsTypedValues) {
    const auto root = Parse(MakeRegistry(),
                            "daemon off; worker_rlimit_nofile 512;\n"
                            "http { client_max_body_size 2m; send_timeout 1m30s; }",
                            "t");
    ASSERT_TRUE(root.has_value()) << root.error().detail();
    EXPECT_FALSE(root->Flag("daemon", true));
    EXPECT_EQ(root->Integer("worker_rlimit_nofile", 0), 512);
    const Directive* http = root->Find("http");
    ASSERT_NE(http, nullptr);
    EXPECT_EQ(http->Size("client_max_body_size", 0), 2 * 1024 * 1024);
    EXPECT_EQ(http->Duration("send_timeout", 0), 90'000);
    EXPECT_EQ(http->Duration("keepalive_timeout", 75'000), 75'000);
    EXPECT_EQ(http->Where(), "t:2");
}

TEST(Configuration, ParsesSizesAndDurations) {
    EXPECT_EQ(ParseSize("0"), 0);
    EXPECT_EQ(ParseSize("16K"), 16384);
    EXPECT_EQ(ParseSize("2g"), 2LL * 1024 * 1024 * 1024);
    for (const char* bad :
         {"", "k", "1kb", "-1", "1.5m", "9223372036854775807k", "99999999999999999999"}) {
        EXPECT_FALSE(ParseSize(bad).has_value()) << bad;
    }
    EXPECT_EQ(ParseDuration("15"), 15'000);
    EXPECT_EQ(ParseDuration("500ms"), 500);
    EXPECT_EQ(ParseDuration("1d12h"), 129'600'000);
    EXPECT_EQ(ParseDuration("1m30"), 90'000);
    EXPECT_EQ(ParseDuration("2M"), 60LL * 86'400'000);
    for (const char* bad :
         {"", "s", "5x", "1s1h", "1h1h", "30 s", "-5s", "1.5s", "9223372036854775807d"}) {
        EXPECT_FALSE(ParseDuration(bad).has_value()) << bad;
    }
}

class ConfigurationFiles : public testing::Test {
  protected:
    void SetUp() override {
        folder_ =
            std::filesystem::temp_directory_path() / ("conf_test_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_ / "d");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string Write(const std::string& name, const std::string& text) {
        std::ofstream(folder_ / name) << text;
        return (folder_ / name).string();
    }
    std::filesystem::path folder_;
};

TEST_F(ConfigurationFiles, IncludesGlobsInOrder) {
    const std::string file = Write("a.conf", "http { include d/*.conf; include none/*.conf; }\n");
    Write("d/2.conf", "server { listen 2; }");
    Write("d/1.conf", "server { listen 1; }");
    const auto root = Load(MakeRegistry(), file, "daemon off;");
    ASSERT_TRUE(root.has_value()) << root.error().detail();
    EXPECT_FALSE(root->Flag("daemon", true));
    const auto servers = root->Find("http")->FindAll("server");
    ASSERT_EQ(servers.size(), 2u);
    EXPECT_EQ(servers[0]->Text("listen"), "1");
    EXPECT_TRUE(servers[1]->Where().ends_with("d/2.conf:1"));
    const auto dump = Dump(MakeRegistry(), file);
    ASSERT_TRUE(dump.has_value());
    EXPECT_TRUE(dump->starts_with("# configuration file " + file + ":\nhttp {"));
    EXPECT_NE(dump->find("d/1.conf:\nserver { listen 1; }\n"), std::string::npos);
}

TEST_F(ConfigurationFiles, NamesTheLineOfAMissingInclude) {
    const std::string file = Write("a.conf", "\ninclude absent.conf;\n");
    const auto root = Load(MakeRegistry(), file);
    ASSERT_FALSE(root.has_value());
    EXPECT_TRUE(root.error().detail().starts_with(file + ":2: ")) << root.error().detail();
}

TEST_F(ConfigurationFiles, NamesThePlaceInsideAnInclude) {
    const std::string file = Write("a.conf", "http {\n include d/b.conf;\n}\n");
    const std::string part = Write("d/b.conf", "\n\nlisten 1;");
    const auto root = Load(MakeRegistry(), file);
    ASSERT_FALSE(root.has_value());
    EXPECT_TRUE(root.error().detail().starts_with(part + ":3: ")) << root.error().detail();
}

TEST_F(ConfigurationFiles, RefusesAFileThatIncludesItself) {
    const std::string file = Write("a.conf", "include a.conf;");
    EXPECT_FALSE(Load(MakeRegistry(), file).has_value());
}

TEST(Configuration, RefusesDeepNesting) {
    std::string text = "http { server { ";
    for (int i = 0; i < 100; ++i) text += "location / { ";
    const auto root = Parse(MakeRegistry(), text, "t");
    ASSERT_FALSE(root.has_value());
    EXPECT_EQ(root.error().detail(), "t:1: blocks are nested too deeply");
}

TEST(Configuration, ReferenceNamesEveryDirective) {
    const Registry registry = MakeRegistry();
    const std::string page = registry.ToMarkdown();
    for (const auto& spec : registry.specs()) {
        EXPECT_NE(page.find("`" + spec.name + "`"), std::string::npos) << spec.name;
    }
}

}  // namespace
}  // namespace mch::conf
