#include "switches.h"

#include <gtest/gtest.h>

namespace mch::app {
namespace {

Result<Switches> Parse(std::vector<const char*> args) {
    args.insert(args.begin(), "mch");
    return ParseSwitches(static_cast<int>(args.size()), args.data(), "conf/mch.conf");
}

TEST(Switches, ReadsTheForms) {
    const auto joined = Parse({"-p/srv", "-c", "x.conf", "-tq", "-g", "daemon off;"});
    ASSERT_TRUE(joined);
    EXPECT_EQ(joined->prefix, "/srv/");
    EXPECT_EQ(joined->configuration, "/srv/x.conf");
    EXPECT_TRUE(joined->test && joined->quiet && !joined->dump);
    EXPECT_EQ(joined->directives, "daemon off;");

    const auto command = Parse({"-p", "/srv/", "-e", "log/e.log", "user", "reset", "-x"});
    ASSERT_TRUE(command);
    EXPECT_EQ(command->configuration, "/srv/conf/mch.conf");
    EXPECT_EQ(command->error_log, "/srv/log/e.log");
    EXPECT_EQ(command->command, (std::vector<std::string>{"user", "reset", "-x"}));
    EXPECT_EQ(Parse({"-e", "stderr"})->error_log, "stderr");
    EXPECT_TRUE(Parse({"-T"})->test);
    EXPECT_TRUE(Parse({"--help"})->help);
    EXPECT_TRUE(Parse({"-V"})->build);
}

TEST(Switches, RefusesWhatNginxRefuses) {
    for (const auto& args : std::vector<std::vector<const char*>>{
             {"-x"}, {"-"}, {"-c"}, {"-s"}, {"-s", "halt"}, {"-tx"}, {"--quiet"}}) {
        const auto result = Parse(args);
        ASSERT_FALSE(result) << args[0];
        EXPECT_EQ(result.error().code(), "command.switch");
    }
}

}  // namespace
}  // namespace mch::app
