// The parts of the process layer one by one; master_test.cpp has the whole.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "mch/process/listeners.h"
#include "mch/process/live_bus.h"
#include "mch/process/pid_file.h"
#include "mch/process/privileges.h"
#include "mch/process/settings.h"
#include "mch/process/shared_state.h"

namespace mch::process {
namespace {

class Folder : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "process_XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        path_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(path_); }
    std::string path_;
};

ProcessRow Row(std::string_view name, pid_t pid) {
    ProcessRow row;
    row.name.Set(name);
    row.pid = pid;
    row.state = ProcessState::kRunning;
    return row;
}

TEST(SharedState, IsRebuiltWhenItsOwnerDiesInsideTheLock) {
    SharedState* state = SharedState::Map();
    state->SetProcesses({Row("master", 1), Row("worker 0", 2)});
    JobRow job;
    job.name.Set("db.checkpoint");
    state->SetJob(job);
    ASSERT_EQ(state->Processes().size(), 2u);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        state->WithLockForTest([] { ::kill(::getpid(), SIGKILL); });
        ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(state->Rebuilds(), 0);
    EXPECT_TRUE(state->Processes().empty());  // rebuilt, not half read, and not blocked
    EXPECT_TRUE(state->Jobs().empty());
    EXPECT_EQ(state->Rebuilds(), 1);
    state->SetProcesses({Row("master", 1)});
    EXPECT_EQ(state->Processes().at(0).name.ToString(), "master");
    EXPECT_EQ(state->Rebuilds(), 1);
}

TEST(SharedState, KeepsOneRowForEachJob) {
    SharedState* state = SharedState::Map();
    for (std::size_t i = 0; i < SharedState::kJobs + 5; ++i) {
        JobRow job;
        job.name.Set("job " + std::to_string(i));
        state->SetJob(job);
    }
    EXPECT_EQ(state->Jobs().size(), SharedState::kJobs);
    JobRow job;
    job.name.Set("job 0");
    job.runs = 7;
    state->SetJob(job);
    EXPECT_EQ(state->Jobs().size(), SharedState::kJobs);
    EXPECT_EQ(state->Jobs()[0].runs, 7);
}

http::ListenAddress Loopback(int port) {
    http::ListenAddress address;
    address.host = "127.0.0.1";
    address.port = port;
    address.text = "127.0.0.1:" + std::to_string(port);
    return address;
}

int PortOf(const ListenSet& set) {
    const std::string text = set.Addresses().at(0);
    return std::stoi(text.substr(text.rfind(':') + 1));
}

TEST(ListenSet, KeepsSocketsOverAReload) {
    const auto first = ListenSet::Open({Loopback(0)}, 2, {});
    ASSERT_TRUE(first.has_value()) << first.error().ToString();
    auto other = Loopback(0);
    other.text = "127.0.0.1:00";
    const auto second = ListenSet::Open({Loopback(0), other}, 2, *first);
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(first->ForWorker(0)[0].second, second->ForWorker(0)[0].second);
    EXPECT_EQ(PortOf(*first), PortOf(*second));
    EXPECT_EQ(second->ForWorker(1).size(), 2u);
}

TEST(ListenSet, GivesEachWorkerItsReuseportSocket) {
    auto address = Loopback(0);
    const auto probe = ListenSet::Open({address}, 1, {});
    ASSERT_TRUE(probe.has_value());
    address.reuseport = true;
    address.text = "reuse";
    const auto set = ListenSet::Open({address}, 3, {});
    ASSERT_TRUE(set.has_value());
    EXPECT_NE(set->ForWorker(0)[0].second, set->ForWorker(2)[0].second);
}

TEST(ListenSet, NamesTheOwnerOfATakenPort) {
    // Another program holds the port: a child with another name.
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in bound{};
    bound.sin_family = AF_INET;
    bound.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&bound), sizeof bound), 0);
    ASSERT_EQ(::listen(fd, 1), 0);
    socklen_t size = sizeof bound;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[1]);
        ::dup2(ends[0], STDIN_FILENO);
        ::execlp("cat", "cat", nullptr);
        ::_exit(1);
    }
    ::close(fd);
    // Until the exec has happened the child still bears our name.
    std::string name;
    while (name != "cat")
        std::getline(std::ifstream("/proc/" + std::to_string(child) + "/comm"), name);
    const auto set = ListenSet::Open({Loopback(ntohs(bound.sin_port))}, 1, {});
    ASSERT_FALSE(set.has_value());
    EXPECT_EQ(set.error().code(), "process.listen");
    EXPECT_EQ(set.error().detail(), "listen 127.0.0.1:" + std::to_string(ntohs(bound.sin_port)) +
                                        ": address in use by cat (pid " + std::to_string(child) +
                                        ")");
    ::close(ends[1]);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
}

TEST_F(Folder, ListenSetTakesOverAStaleUnixSocket) {
    http::ListenAddress address;
    address.unix_path = path_ + "/s";
    address.text = "unix:" + address.unix_path;
    {
        const auto left = ListenSet::Open({address}, 1, {});
        ASSERT_TRUE(left.has_value());
        EXPECT_FALSE(ListenSet::Open({address}, 1, {}).has_value());  // in use
    }
    const auto again = ListenSet::Open({address}, 1, {});
    ASSERT_TRUE(again.has_value()) << again.error().ToString();
    again->RemoveFiles({});
    EXPECT_FALSE(std::filesystem::exists(address.unix_path));
}

TEST_F(Folder, PidFileTellsALivingMasterFromAStaleFile) {
    const std::string path = path_ + "/pid";
    EXPECT_EQ(RunningMaster(path).error().code(), "process.not_running");
    PidFile file;
    ASSERT_TRUE(file.Acquire(path).has_value());
    EXPECT_EQ(RunningMaster(path).value(), ::getpid());
    PidFile second;
    EXPECT_EQ(second.Acquire(path).error().code(), "process.running");
    file.Forget();  // as when the master is killed: the file stays
    EXPECT_TRUE(std::filesystem::exists(path));
    EXPECT_EQ(RunningMaster(path).error().code(), "process.not_running");
    ASSERT_TRUE(second.Acquire(path).has_value());
    second.Remove();
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Folder, LiveBusReachesEveryListenerAndForgetsTheDead) {
    LiveSocket listener(path_);
    ASSERT_TRUE(listener.Listen().has_value());
    // A dead worker's file: bound, then closed without unlink, as SIGKILL leaves it.
    const pid_t child = ::fork();
    if (child == 0) {
        auto* lost = new LiveSocket(path_);
        ::_exit(lost->Listen() ? 0 : 1);
    }
    ::waitpid(child, nullptr, 0);
    ASSERT_TRUE(std::filesystem::exists(path_ + "/" + std::to_string(child)));
    LiveSocket sender(path_);
    sender.Publish({"hazard", "changed", R"({"id":"1"})", "7"});
    EXPECT_FALSE(std::filesystem::exists(path_ + "/" + std::to_string(child)));
    std::vector<http::LiveEvent> events;
    listener.Drain([&](http::LiveEvent event) { events.push_back(std::move(event)); });
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].topic, "hazard");
    EXPECT_EQ(events[0].data, R"({"id":"1"})");
    EXPECT_EQ(events[0].id, "7");
    // A full queue drops, it does not block.
    for (int i = 0; i < 10'000; ++i) sender.Publish({"t", "e", std::string(1000, 'x'), ""});
}

TEST(LiveBus, RefusesCutEvents) {
    const std::string bytes = EncodeEvent({"a", "bb", "ccc", "dddd"});
    http::LiveEvent event;
    EXPECT_TRUE(DecodeEvent(bytes, &event));
    EXPECT_EQ(event.id, "dddd");
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(DecodeEvent(std::string_view(bytes).substr(0, size), &event)) << size;
    }
    EXPECT_FALSE(DecodeEvent(bytes + "x", &event));
}

TEST(Settings, ReadsTheMainContext) {
    conf::Registry registry;
    DeclareDirectives(registry, "anlan");
    const auto root =
        conf::Parse(registry,
                    "worker_processes 3; user www data; pid run/p; error_log e.log warn;\n"
                    "worker_shutdown_timeout 5s; daemon on;",
                    "t");
    ASSERT_TRUE(root.has_value()) << root.error().detail();
    const Settings settings = ReadSettings(*root, "/srv/", "anlan");
    EXPECT_EQ(settings.workers, 3);
    EXPECT_EQ(settings.user, "www");
    EXPECT_EQ(settings.group, "data");
    EXPECT_EQ(settings.pid_file, "/srv/run/p");
    EXPECT_EQ(settings.control_socket, "/srv/var/run/anlan.sock");
    EXPECT_EQ(settings.error_log, "/srv/e.log");
    EXPECT_EQ(settings.log_level, log::Level::kWarn);
    EXPECT_EQ(settings.shutdown_timeout_ms, 5000);
    EXPECT_TRUE(settings.daemon);
    for (const char* bad : {"worker_processes 0;", "worker_processes many;", "error_log x loud;"}) {
        EXPECT_FALSE(conf::Parse(registry, bad, "t").has_value()) << bad;
    }
    EXPECT_GE(ReadSettings(conf::Directive{}, "/", "mch").workers, 1);
}

TEST(Privileges, RefusesAnUnknownUser) {
    EXPECT_EQ(FindAccount("no-such-user-here", "").error().code(), "process.user");
    EXPECT_TRUE(FindAccount("", "")->name.empty());
}

TEST(Privileges, ConfinedProcessCannotStartPrograms) {
    const pid_t child = ::fork();
    if (child == 0) {
        Confine();
        ::execlp("true", "true", nullptr);
        ::_exit(errno == EPERM ? 42 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 42);
}

}  // namespace
}  // namespace mch::process
