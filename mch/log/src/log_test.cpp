#include "mch/log/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace mch::log {
namespace {

class Log : public testing::Test {
  protected:
    void TearDown() override {
        ASSERT_TRUE(Open("stderr", Level::kNotice).has_value());
        std::filesystem::remove(path_);
        std::filesystem::remove(path_ + ".1");
    }
    static std::string Read(const std::string& path) {
        std::ifstream in(path);
        std::stringstream text;
        text << in.rdbuf();
        return text.str();
    }
    std::string path_ =
        (std::filesystem::temp_directory_path() / ("log_test_" + std::to_string(::getpid())))
            .string();
};

TEST_F(Log, WritesOneLineWithEscapedValues) {
    ASSERT_TRUE(Open(path_, Level::kInfo).has_value());
    MCH_LOG(kError, "bad \r\nmessage",
            {{"plain", "a1"}, {"value", "x\r\n2026 [emerg] \"q\" \x01"}, {"empty", ""}});
    const std::string text = Read(path_);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_NE(text.find(" [error] " + std::to_string(::getpid()) + "#"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with(
        ": bad \\r\\nmessage plain=a1 value=\"x\\r\\n2026 [emerg] \\\"q\\\" \\x01\" empty=\"\"\n"))
        << text;
}

TEST_F(Log, LeavesOutLevelsBelowTheSetOne) {
    ASSERT_TRUE(Open(path_, Level::kWarn).has_value());
    MCH_LOG(kNotice, "hidden");
    EXPECT_EQ(Read(path_), "");
    SetLevel(Level::kDebug);
    MCH_LOG(kDebug, "shown");
    EXPECT_NE(Read(path_).find("shown"), std::string::npos);
}

TEST_F(Log, ReopenFollowsRotation) {
    ASSERT_TRUE(Open(path_, Level::kInfo).has_value());
    MCH_LOG(kInfo, "first");
    std::filesystem::rename(path_, path_ + ".1");
    MCH_LOG(kInfo, "second");
    ASSERT_TRUE(Reopen().has_value());
    MCH_LOG(kInfo, "third");
    const std::string old = Read(path_ + ".1");
    EXPECT_NE(old.find("second"), std::string::npos);
    EXPECT_EQ(old.find("third"), std::string::npos);
    EXPECT_NE(Read(path_).find("third"), std::string::npos);
}

TEST_F(Log, RefusesAPathThatCannotBeOpened) {
    const auto opened = Open("/nonexistent/folder/error.log", Level::kInfo);
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().code(), "log.open");
}

TEST_F(Log, ParsesLevels) {
    EXPECT_EQ(ParseLevel("warn").value(), Level::kWarn);
    EXPECT_EQ(ParseLevel("loud").error().code(), "log.level");
}

TEST_F(Log, CutsALongLine) {
    ASSERT_TRUE(Open(path_, Level::kInfo).has_value());
    const std::string value(100'000, 'x');
    MCH_LOG(kInfo, "long", {{"a", value}, {"b", value}, {"c", value}, {"d", value}, {"e", value}});
    const std::string text = Read(path_);
    EXPECT_LE(text.size(), 8192u);
    EXPECT_TRUE(text.ends_with("...\n"));
}

}  // namespace
}  // namespace mch::log
