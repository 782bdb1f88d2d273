// The real master with workers that only wait: start, respawn, reload, stop.
#include "mch/process/master.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "mch/base/json.h"
#include "mch/log/log.h"
#include "mch/process/control.h"

namespace mch::process {
namespace {

// Serves nothing: waits for the end. `mode` "fatal" refuses to start, "crash" dies at once.
int WaitingChild(const std::string& mode, const ChildStart& start, const std::string& audit_file) {
    if (mode == "fatal") {
        ReportFailure(start, Internal("test.fatal", "this worker cannot start"));
        return kFatalExit;
    }
    if (mode == "crash") return 1;
    const int done = ::eventfd(0, 0);
    const auto end = [done] {
        const std::uint64_t one = 1;
        EXPECT_EQ(::write(done, &one, sizeof one), static_cast<ssize_t>(sizeof one));
    };
    ChildWatch watch(start, {.quit = end,
                             .terminate = end,
                             .reopen = {},
                             .audit =
                                 [&](std::string_view json) {
                                     std::ofstream(audit_file, std::ios::app) << json << "\n";
                                 },
                             .extra_fd = -1,
                             .extra_readable = {}});
    watch.Ready();
    std::uint64_t value = 0;
    EXPECT_EQ(::read(done, &value, sizeof value), static_cast<ssize_t>(sizeof value));
    return 0;
}

class MasterTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "master_XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        control_ = folder_ + "/var/run/t.sock";
        Write("good");
    }
    void TearDown() override {
        if (master_ > 0) {
            ::kill(master_, SIGKILL);
            ::waitpid(master_, nullptr, 0);
        }
        std::filesystem::remove_all(folder_);
    }

    // The "configuration": its mode, then the number of workers.
    void Write(const std::string& mode, int workers = 2) {
        std::ofstream(folder_ + "/conf") << mode << " " << workers;
    }

    Result<std::unique_ptr<Generation>> Load() const {
        auto generation = std::make_unique<Generation>();
        std::string mode;
        int workers = 0;
        std::ifstream(folder_ + "/conf") >> mode >> workers;
        if (mode == "bad") return Invalid("conf.invalid", "conf:1: bad");
        generation->root.name = mode;
        generation->settings = ReadSettings(conf::Directive{}, folder_ + "/", "t");
        generation->settings.workers = workers;
        generation->settings.error_log = folder_ + "/error.log";
        generation->services = {"scheduler"};
        http::ListenAddress address;
        address.host = "127.0.0.1";
        address.text = "127.0.0.1:0";
        generation->addresses = {address};
        return generation;
    }

    void Start() {
        master_ = ::fork();
        ASSERT_GE(master_, 0);
        if (master_ != 0) return;
        SystemClock clock;
        MasterOptions options;
        options.program = "t";
        options.version = "1";
        options.clock = &clock;
        options.load = [this] { return Load(); };
        options.worker = [this](const Generation& generation, const ChildStart& start) {
            return WaitingChild(generation.root.name, start, folder_ + "/audit");
        };
        options.service = [this](const Generation&, const ChildStart& start) {
            return WaitingChild("good", start, folder_ + "/audit");
        };
        ::_exit(RunMaster(options));
    }

    json::Value Status() const {
        auto answer = SendCommand(control_, "status");
        if (!answer) return {};
        return json::Parse(*answer).value_or(json::Value());
    }
    // Waits for a state of the installation that must come.
    testing::AssertionResult Until(const std::function<bool(const json::Value&)>& condition) const {
        const SystemClock clock;
        const Deadline deadline(clock, 10'000);
        while (!deadline.Passed()) {
            if (const auto status = Status(); status.IsObject() && condition(status)) {
                return testing::AssertionSuccess();
            }
            std::this_thread::yield();
        }
        return testing::AssertionFailure() << Status().ToString();
    }
    static std::int64_t Pid(const json::Value& status, std::string_view name) {
        std::int64_t pid = 0;
        for (const auto& process : status.Find("processes")->AsArray()) {
            if (process.String("name") == name && process.String("state") == "running") {
                pid = process.Int("pid");
            }
        }
        return pid;
    }
    static bool AllRun(const json::Value& status, std::size_t count) {
        const auto& processes = status.Find("processes")->AsArray();
        for (const auto& process : processes) {
            if (process.String("state") != "running") return false;
        }
        return processes.size() == count;
    }
    int Wait() {
        int status = 0;
        ::waitpid(master_, &status, 0);
        master_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

    std::string folder_;
    std::string control_;
    pid_t master_ = 0;
};

TEST_F(MasterTest, StartsAndEndsGracefully) {
    Start();
    ASSERT_TRUE(Until([](const auto& s) { return AllRun(s, 4); }));
    const auto status = Status();
    EXPECT_EQ(status.Find("listeners")->AsArray().size(), 1u);
    EXPECT_FALSE(status.Find("listeners")->AsArray()[0].AsString().ends_with(":0"));
    const std::int64_t worker = Pid(status, "worker 0");
    ::kill(master_, SIGQUIT);
    EXPECT_EQ(Wait(), 0);
    EXPECT_NE(::kill(static_cast<pid_t>(worker), 0), 0);
    EXPECT_FALSE(std::filesystem::exists(folder_ + "/var/run/t.pid"));
    EXPECT_FALSE(std::filesystem::exists(control_));
}

TEST_F(MasterTest, BringsAKilledWorkerBackWithinASecond) {
    Start();
    ASSERT_TRUE(Until([](const auto& s) { return AllRun(s, 4); }));
    const auto before = Status();
    const std::int64_t killed = Pid(before, "worker 1");
    const SystemClock clock;
    const std::int64_t at = clock.Monotonic();
    ::kill(static_cast<pid_t>(killed), SIGKILL);
    ASSERT_TRUE(Until([&](const auto& s) {
        const auto pid = Pid(s, "worker 1");
        return pid != 0 && pid != killed;
    }));
    EXPECT_LT(clock.Monotonic() - at, 1000);
    EXPECT_EQ(Pid(Status(), "worker 0"), Pid(before, "worker 0"));
}

TEST_F(MasterTest, ReloadsWorkersAndServices) {
    Start();
    ASSERT_TRUE(Until([](const auto& s) { return AllRun(s, 4); }));
    const auto before = Status();
    Write("good", 3);
    const auto answer = SendCommand(control_, "reload");
    ASSERT_TRUE(answer.has_value()) << answer.error().ToString();
    EXPECT_EQ(*answer, R"({"ok":true})");
    ASSERT_TRUE(Until([](const auto& s) { return AllRun(s, 5); }));
    const auto after = Status();
    EXPECT_EQ(after.Int("generation"), 2);
    EXPECT_NE(Pid(after, "worker 0"), Pid(before, "worker 0"));
    EXPECT_NE(Pid(after, "scheduler"), Pid(before, "scheduler"));
    EXPECT_EQ(after.Find("listeners")->ToString(), before.Find("listeners")->ToString());
}

TEST_F(MasterTest, ABadConfigurationNeverReplacesAGoodOne) {
    Start();
    ASSERT_TRUE(Until([](const auto& s) { return AllRun(s, 4); }));
    const auto before = Status();
    Write("bad");
    EXPECT_EQ(SendCommand(control_, "reload").value(), R"({"ok":false,"error":"conf:1: bad"})");
    Write("fatal");  // reads well, but no worker can start with it
    EXPECT_EQ(SendCommand(control_, "reload").value(),
              R"({"ok":false,"error":"this worker cannot start"})");
    ASSERT_TRUE(Until([](const auto& s) { return AllRun(s, 4); }));
    EXPECT_EQ(Status().Int("generation"), 1);
    EXPECT_EQ(Pid(Status(), "worker 0"), Pid(before, "worker 0"));
    Write("good");
    EXPECT_EQ(SendCommand(control_, "reload").value(), R"({"ok":true})");
}

TEST_F(MasterTest, RefusesToStartWhenAWorkerCannot) {
    Write("fatal");
    Start();
    EXPECT_EQ(Wait(), 1);
}

TEST_F(MasterTest, ChildrenEndWhenTheMasterIsKilled) {
    Start();
    ASSERT_TRUE(Until([](const auto& s) { return AllRun(s, 4); }));
    const auto worker = static_cast<pid_t>(Pid(Status(), "worker 0"));
    ::kill(master_, SIGKILL);
    EXPECT_EQ(Wait(), 128 + SIGKILL);
    const SystemClock clock;
    const Deadline deadline(clock, 5000);
    while (::kill(worker, 0) == 0 && !deadline.Passed()) std::this_thread::yield();
    EXPECT_NE(::kill(worker, 0), 0);
    Start();  // stale pid file and control socket do not matter
    ASSERT_TRUE(Until([](const auto& s) { return AllRun(s, 4); }));
}

TEST_F(MasterTest, AnswersCommandsAndHandsThemToTheAudit) {
    Start();
    ASSERT_TRUE(Until([](const auto& s) { return AllRun(s, 4); }));
    EXPECT_EQ(SendCommand(control_, "log_level debug").value(), R"({"ok":true})");
    EXPECT_NE(SendCommand(control_, "log_level loud")->find("\"ok\":false"), std::string::npos);
    EXPECT_NE(SendCommand(control_, "dance")->find("unknown command"), std::string::npos);
    std::filesystem::rename(folder_ + "/error.log", folder_ + "/error.log.1");
    EXPECT_EQ(SendCommand(control_, "reopen").value(), R"({"ok":true})");
    EXPECT_TRUE(std::filesystem::exists(folder_ + "/error.log"));
    EXPECT_EQ(SendCommand(control_, "quit").value(), R"({"ok":true})");
    EXPECT_EQ(Wait(), 0);
    std::ifstream in(folder_ + "/audit");
    const std::string audit((std::istreambuf_iterator<char>(in)), {});
    EXPECT_NE(audit.find(R"("command":"log_level debug")"), std::string::npos) << audit;
    EXPECT_NE(audit.find(R"("command":"quit")"), std::string::npos) << audit;
    EXPECT_EQ(audit.find("status"), std::string::npos);
}

}  // namespace
}  // namespace mch::process
