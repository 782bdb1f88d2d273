#include "mch/app/application.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>

#include "commands.h"
#include "declarations.h"
#include "mch/base/crypto.h"
#include "mch/base/text.h"
#include "mch/http/server.h"
#include "mch/log/log.h"
#include "mch/process/control.h"
#include "mch/process/live_bus.h"
#include "mch/process/master.h"
#include "mch/process/pid_file.h"
#include "process_runtime.h"
#include "routes.h"
#include "scheduler.h"
#include "switches.h"

namespace mch::app {
namespace {

constexpr std::string_view kScheduler = "scheduler";
constexpr std::int64_t kCheckpointEveryMs = 5'000;

// One program run: what main() would otherwise keep in a dozen locals.
class Application {
  public:
    Application(const ApplicationInfo& info, Switches switches)
        : info_(info), switches_(std::move(switches)), runtime_(info) {}

    Result<int> Run(const std::vector<RegisterFunction>& modules);

  private:
    Result<std::unique_ptr<process::Generation>> Load();
    Result<void> CheckListeners(const conf::Directive& root,
                                const std::vector<http::ListenAddress>& addresses) const;
    Result<int> Test();
    Result<int> Signal();
    Result<int> Status();
    Result<int> RunCommand();
    Result<void> BecomeOwner(const process::Generation& generation);
    int Serve();

    int Worker(const process::Generation& generation, const process::ChildStart& start);
    int Service(const process::Generation& generation, const process::ChildStart& start);
    Result<void> RunWorker(const process::Generation& generation, const process::ChildStart& start);
    Result<void> RunScheduler(const process::Generation& generation,
                              const process::ChildStart& start);
    Result<void> Open(const process::Generation& generation, const process::ChildStart& start);

    const ApplicationInfo& info_;
    const Switches switches_;
    ProcessRuntime runtime_;
    Declarations declarations_;
    process::SharedState* state_ = nullptr;  // of a worker
};

void PrintVersion(const ApplicationInfo& info, bool build) {
    fmt::print(stderr, "{} version: {}/{}\n", info.program, info.program, info.version);
    if (!build) return;
    fmt::print(stderr, "built by gcc {}\nbuilt with {}\nTLS SNI support enabled\n", __VERSION__,
               OpenSSL_version(OPENSSL_VERSION));
    fmt::print(stderr,
               "modules: http static tls real_ip access gzip_static metrics module_routes sse{}\n",
               info.open_database ? " database" : "");
}

void PrintHelp(const ApplicationInfo& info, const std::vector<Command>& commands) {
    fmt::print(
        "{0} version: {0}/{1}\n"
        "Usage: {0} [-?hvVtTq] [-s signal] [-p prefix] [-e filename] [-c filename] [-g "
        "directives]\n"
        "       {0} [-p prefix] [-c filename] COMMAND ...\n\n"
        "Options:\n"
        "  -?,-h         : this help\n"
        "  -v            : show version and exit\n"
        "  -V            : show version and what is built in, and exit\n"
        "  -t            : test configuration and exit\n"
        "  -T            : test configuration, dump it and exit\n"
        "  -q            : suppress non-error messages during configuration testing\n"
        "  -s signal     : send signal to the master process: stop, quit, reopen, reload\n"
        "  -p prefix     : set prefix path (default: the current folder)\n"
        "  -e filename   : set error log file\n"
        "  -c filename   : set configuration file (default: {2})\n"
        "  -g directives : set global directives out of configuration file\n\nCommands:\n",
        info.program, info.version, info.default_configuration);
    for (const Command& command : commands)
        fmt::print("  {}\n        {}\n", command.usage, command.summary);
}

bool IsLoopback(const http::ListenAddress& address) {
    return !address.unix_path.empty() || address.host == "::1" || address.host.starts_with("127.");
}

// A proxy whose word about the client is trusted terminates TLS in front of us.
bool DeclaresTrustedProxy(const conf::Directive& directive) {
    if (directive.name == "set_real_ip_from") return true;
    for (const conf::Directive& child : directive.children)
        if (DeclaresTrustedProxy(child)) return true;
    return false;
}

bool MayComeBack(const Error& error) {
    return error.kind() == ErrorKind::kUnavailable || error.kind() == ErrorKind::kTimeout;
}

// The name under which this installation holds the leases of its jobs. A file lock, which the
// kernel drops with its process, keeps a second scheduler of the installation out; so the name need
// not differ between one that was killed and its successor, and that one goes on without waiting
// for the leases to end. The lock lasts as long as the process.
Result<std::string> LockScheduler(const std::string& var_folder) {
    const std::string path = var_folder + "/run/scheduler.lock";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return Internal("app.folder", fmt::format("{}: {}", path, std::strerror(errno)));
    constexpr int kTries = 100;
    constexpr useconds_t kPauseUs = 100'000;
    for (int i = 0; ::flock(fd, LOCK_EX | LOCK_NB) != 0; ++i) {
        if (i == kTries) {
            return Error(ErrorKind::kUnavailable, "process.scheduler_running",
                         path + " is held by another scheduler");
        }
        ::usleep(kPauseUs);
    }
    char host[65] = {};
    ::gethostname(host, sizeof host - 1);
    return fmt::format("{}/{}", host, text::ToHex(crypto::Sha256(var_folder).substr(0, 8)));
}

// Workers that are not root cannot make their spool folders below a prefix of root's.
Result<void> MakeBodyFolders(const conf::Directive& block, const std::string& prefix,
                             const process::Account& account) {
    if (account.name.empty()) return {};
    constexpr std::string_view kDirective = "client_body_temp_path";
    const auto make = [&](const std::string& path) -> Result<void> {
        const std::string folder = path.starts_with('/') ? path : prefix + path;
        MCH_CHECK(MakeFolder(folder));
        if (::chown(folder.c_str(), account.uid, account.gid) == 0) return {};
        return Internal("app.folder", fmt::format("{}: {}", folder, std::strerror(errno)));
    };
    if (block.name == "http" && block.Find(kDirective) == nullptr)
        MCH_CHECK(make("client_body_temp"));
    for (const conf::Directive& child : block.children) {
        if (child.name == kDirective) MCH_CHECK(make(child.args[0]));
        MCH_CHECK(MakeBodyFolders(child, prefix, account));
    }
    return {};
}

Result<std::unique_ptr<process::Generation>> Application::Load() {
    auto generation = std::make_unique<process::Generation>();
    MCH_TRY(generation->root,
            conf::Load(declarations_.directives, switches_.configuration, switches_.directives));
    generation->settings = process::ReadSettings(generation->root, switches_.prefix, info_.program);
    auto account = process::FindAccount(generation->settings.user, generation->settings.group);
    if (!account) {
        return Invalid("conf.invalid",
                       generation->root.Find("user")->Where() + ": " + account.error().detail());
    }
    generation->account = std::move(*account);
    MCH_TRY(generation->addresses, http::CollectListeners(generation->root, switches_.prefix));
    MCH_CHECK(http::CheckConfiguration(generation->root, switches_.prefix));
    MCH_CHECK(MakeBodyFolders(generation->root, switches_.prefix, generation->account));
    if (info_.open_database) {
        MCH_CHECK(CheckListeners(generation->root, generation->addresses));
        if (generation->root.Find("database") != nullptr)
            generation->services.emplace_back(kScheduler);
    }
    return generation;
}

Result<void> Application::CheckListeners(const conf::Directive& root,
                                         const std::vector<http::ListenAddress>& addresses) const {
    if (DeclaresTrustedProxy(root)) return {};
    for (const http::ListenAddress& address : addresses) {
        if (address.ssl || IsLoopback(address)) continue;
        const ErrorParams params{{"address", address.text}};
        return Invalid(
            "conf.invalid",
            declarations_.messages.Text(Catalogue::kEnglish, "app.listen_plain", params) + "\n" +
                declarations_.messages.Text(Catalogue::kChinese, "app.listen_plain", params));
    }
    return {};
}

Result<int> Application::Test() {
    const auto loaded = Load();
    if (!loaded) {
        fmt::print(stderr, "{}: [emerg] {}\n{}: configuration file {} test failed\n", info_.program,
                   loaded.error().detail(), info_.program, switches_.configuration);
        return 1;
    }
    if (!switches_.quiet)
        fmt::print(stderr,
                   "{0}: the configuration file {1} syntax is ok\n"
                   "{0}: configuration file {1} test is successful\n",
                   info_.program, switches_.configuration);
    if (switches_.dump) {
        MCH_TRY(const std::string text,
                conf::Dump(declarations_.directives, switches_.configuration));
        fmt::print("{}", text);
    }
    return 0;
}

Result<int> Application::Signal() {
    MCH_TRY(const auto generation, Load());
    MCH_TRY(const pid_t master, process::RunningMaster(generation->settings.pid_file));
    const std::pair<std::string_view, int> signals[] = {
        {"stop", SIGTERM}, {"quit", SIGQUIT}, {"reload", SIGHUP}, {"reopen", SIGUSR1}};
    for (const auto& [name, number] : signals)
        if (switches_.signal == name && ::kill(master, number) != 0)
            return Internal("process.signal",
                            fmt::format("kill({}): {}", master, std::strerror(errno)));
    return 0;
}

Result<int> Application::Status() {
    MCH_TRY(const auto generation, Load());
    MCH_TRY(const std::string answer,
            process::SendCommand(generation->settings.control_socket, "status"));
    MCH_TRY(const json::Value status, json::Parse(answer));
    const json::Value* processes = status.Find("processes");
    if (processes != nullptr && processes->IsArray())
        for (const json::Value& process : processes->AsArray())
            fmt::print("{}\t{}\t{}\n", process.String("name"), process.Int("pid"),
                       process.String("state"));
    return 0;
}

// Files that a command makes belong to the account of the workers.
Result<void> Application::BecomeOwner(const process::Generation& generation) {
    const process::Account& account = generation.account;
    if (account.name.empty() || ::geteuid() != 0) return {};
    MCH_CHECK(MakeFolder(runtime_.var_folder()));
    if (::chown(runtime_.var_folder().c_str(), account.uid, account.gid) != 0)
        return Internal("app.folder",
                        fmt::format("{}: {}", runtime_.var_folder(), std::strerror(errno)));
    return process::Become(account);
}

Result<int> Application::RunCommand() {
    std::vector<std::string> arguments;
    const Command* command = FindCommand(declarations_.commands, switches_.command, &arguments);
    if (command == nullptr)
        return Invalid("command.unknown", fmt::format("no command \"{}\"; {} -h lists them",
                                                      switches_.command[0], info_.program));
    // Commands that need no configuration work without one.
    const bool offline = !command->needs_database && command->name != "migrate";
    if (offline) return command->run(arguments);
    MCH_TRY(const auto generation, Load());
    runtime_.Configure(generation->root, switches_.prefix);
    if (!runtime_.HasDatabase())
        return Invalid("conf.invalid", "the configuration has no \"database\" block");
    MCH_CHECK(BecomeOwner(*generation));
    process::LiveSocket live(runtime_.var_folder() + "/run/live");
    runtime_.UseLiveBus(live);
    if (command->needs_database) {
        MCH_CHECK(runtime_.OpenStores());
        MCH_CHECK(CheckSchema(runtime_, declarations_));
        MCH_CHECK(runtime_.LoadKeys(declarations_.keys, ProcessRuntime::MissingKeys::kRefuse));
        MCH_CHECK(runtime_.StartIds(command->name));
    }
    const auto status = command->run(arguments);
    runtime_.Close();
    return status;
}

Result<void> Application::Open(const process::Generation& generation,
                               const process::ChildStart& start) {
    state_ = start.shared;
    runtime_.Configure(generation.root, switches_.prefix);
    if (!runtime_.HasDatabase()) return {};
    if (::access(runtime_.var_folder().c_str(), R_OK | W_OK | X_OK) != 0) {
        return Internal("app.migrations_pending",
                        fmt::format("{}: {}: run `{} migrate` first", runtime_.var_folder(),
                                    std::strerror(errno), info_.program));
    }
    MCH_CHECK(runtime_.OpenStores());
    MCH_CHECK(CheckSchema(runtime_, declarations_));
    MCH_CHECK(runtime_.LoadKeys(declarations_.keys, ProcessRuntime::MissingKeys::kRefuse));
    return runtime_.StartIds(start.name);
}

Result<void> Application::RunWorker(const process::Generation& generation,
                                    const process::ChildStart& start) {
    MCH_CHECK(Open(generation, start));
    std::unique_ptr<process::LiveSocket> live;
    if (runtime_.HasDatabase()) {
        live = std::make_unique<process::LiveSocket>(runtime_.var_folder() + "/run/live");
        MCH_CHECK(live->Listen());
        runtime_.UseLiveBus(*live);
    }
    http::ServerOptions options;
    options.root = &generation.root;
    options.sockets = start.sockets;
    options.router = &declarations_.routes;
    options.authenticator = declarations_.authenticator.get();
    options.catalogue = &declarations_.messages;
    options.clock = &runtime_.clock();
    options.prefix = switches_.prefix;
    options.zone = &start.shared->metrics;
    MCH_TRY(const auto server, http::Server::Create(std::move(options)));
    {
        process::ChildCallbacks callbacks;
        callbacks.quit = [&] { server->Quit(); };
        callbacks.terminate = [&] { server->Terminate(); };
        callbacks.reopen = [&] { server->ReopenLogs(); };
        callbacks.connections = [&] { return server->Connections(); };
        if (live != nullptr) {
            callbacks.extra_fd = live->fd();
            callbacks.extra_readable = [&] {
                live->Drain([&](http::LiveEvent event) { server->Deliver(std::move(event)); });
            };
        }
        process::ChildWatch watch(start, std::move(callbacks));
        watch.Ready();
        server->Run();
    }
    runtime_.Close();
    return {};
}

Result<void> Application::RunScheduler(const process::Generation& generation,
                                       const process::ChildStart& start) {
    MCH_CHECK(Open(generation, start));
    MCH_TRY(const std::string holder, LockScheduler(runtime_.var_folder()));
    process::LiveSocket live(runtime_.var_folder() + "/run/live");
    runtime_.UseLiveBus(live);
    std::vector<Job> jobs = declarations_.jobs;
    jobs.push_back({.name = "db.checkpoint",
                    .interval_ms = kCheckpointEveryMs,
                    .run = [this](const Deadline& deadline) -> Result<void> {
                        const auto done = runtime_.database().Checkpoint(deadline);
                        // A reader still needs the log: the next run moves the rest.
                        if (!done && done.error().code() == "db.busy") return {};
                        return done;
                    }});
    {
        Scheduler scheduler(runtime_, holder, jobs, start.shared);
        process::ChildCallbacks callbacks;
        callbacks.quit = [&] { scheduler.Stop(); };
        callbacks.terminate = [&] { scheduler.Stop(); };
        callbacks.audit = [this](std::string_view json) {
            if (!declarations_.on_control_command) return;
            if (const auto done = declarations_.on_control_command(json); !done)
                MCH_LOG(kError, "cannot audit a command of the control socket",
                        {{"error", done.error().ToString()}});
        };
        process::ChildWatch watch(start, std::move(callbacks));
        watch.Ready();
        scheduler.Wait();
    }
    runtime_.Close();
    return {};
}

int Application::Worker(const process::Generation& generation, const process::ChildStart& start) {
    const auto done = RunWorker(generation, start);
    if (done) return 0;
    process::ReportFailure(start, done.error());
    return MayComeBack(done.error()) ? 1 : process::kFatalExit;
}

int Application::Service(const process::Generation& generation, const process::ChildStart& start) {
    const auto done = RunScheduler(generation, start);
    if (done) return 0;
    process::ReportFailure(start, done.error());
    return MayComeBack(done.error()) ? 1 : process::kFatalExit;
}

int Application::Serve() {
    process::MasterOptions options;
    options.program = info_.program;
    options.version = info_.version;
    options.clock = &runtime_.clock();
    options.load = [this] { return Load(); };
    options.worker = [this](const process::Generation& generation,
                            const process::ChildStart& start) { return Worker(generation, start); };
    options.service = [this](const process::Generation& generation,
                             const process::ChildStart& start) {
        return Service(generation, start);
    };
    options.error_log = switches_.error_log;
    return process::RunMaster(options);
}

Result<int> Application::Run(const std::vector<RegisterFunction>& modules) {
    const RouteContext routes{info_, runtime_, declarations_, [this] { return state_; }};
    const CommandContext commands{info_, runtime_, declarations_};
    MCH_CHECK(Declare(info_, modules, runtime_, declarations_));
    AddRoutes(routes);
    AddCommands(commands);
    declarations_.commands.push_back(
        {.name = "status",
         .usage = std::string(info_.program) + " status",
         .summary = "Print the processes of the running master: name, number, state",
         .needs_database = false,
         .run = [this](const std::vector<std::string>&) { return Status(); }});
    if (switches_.help) {
        PrintHelp(info_, declarations_.commands);
        return 0;
    }
    if (switches_.version) {
        PrintVersion(info_, switches_.build);
        return 0;
    }
    if (switches_.test) return Test();
    if (!switches_.signal.empty()) return Signal();
    if (!switches_.command.empty()) return RunCommand();
    return Serve();
}

}  // namespace

int Main(const ApplicationInfo& info, const std::vector<RegisterFunction>& modules, int argc,
         char** argv) {
    const auto fail = [&](const Error& error) {
        const std::string& text = error.detail().empty() ? error.code() : error.detail();
        fmt::print(stderr, "{}: {}\n", info.program, text);
        for (const FieldError& field : error.fields())
            fmt::print(stderr, "{}: {}: {}\n", info.program, field.field, field.code);
        return 1;
    };
    try {
        auto switches = ParseSwitches(argc, argv, info.default_configuration);
        if (!switches) return fail(switches.error());
        process::InitialiseTitle(argc, argv);
        Application application(info, std::move(*switches));
        const auto status = application.Run(modules);
        return status ? *status : fail(status.error());
    } catch (const std::exception& exception) {
        return fail(Internal("app.exception", exception.what()));
    }
}

}  // namespace mch::app
