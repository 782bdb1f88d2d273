#include "mch/process/settings.h"

#include <fmt/format.h>
#include <sched.h>

#include "mch/base/text.h"

namespace mch::process {
namespace {

constexpr std::int64_t kMaxWorkers = 256;

int ProcessorCount() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return std::max(1, CPU_COUNT(&set));
}

std::string CheckWorkers(const std::vector<std::string>& args) {
    const auto number = text::ParseInt(args[0]);
    if (args[0] == "auto" || (number && *number >= 1 && *number <= kMaxWorkers)) return {};
    return fmt::format("\"worker_processes\" must be \"auto\" or a number from 1 to {}, not \"{}\"",
                       kMaxWorkers, args[0]);
}

std::string CheckLogLevel(const std::vector<std::string>& args) {
    if (args.size() < 2) return {};
    const auto level = log::ParseLevel(args[1]);
    return level ? std::string{} : level.error().detail();
}

}  // namespace

void DeclareDirectives(conf::Registry& registry, std::string_view program) {
    using conf::ArgKind;
    registry.Add({.name = "worker_processes",
                  .default_value = "auto",
                  .description = "Number of worker processes; auto is one for each processor.",
                  .check = CheckWorkers});
    registry.Add({.name = "user",
                  .max_args = 2,
                  .description = "Account (and group) of workers and service processes when the "
                                 "master runs as root."});
    registry.Add({.name = "daemon",
                  .kind = ArgKind::kFlag,
                  .default_value = "off",
                  .description = "Go to the background once all processes serve."});
    registry.Add({.name = "pid",
                  .default_value = fmt::format("var/run/{}.pid", program),
                  .description = "File with the master's process number."});
    registry.Add(
        {.name = "control_socket",
         .default_value = fmt::format("var/run/{}.sock", program),
         .description = "Unix socket for commands; root and the master's own account may use it."});
    registry.Add(
        {.name = "error_log",
         .max_args = 2,
         .default_value = "stderr notice",
         .description = "File of the error log, or stderr, and the lowest level that is written.",
         .check = CheckLogLevel});
    registry.Add({.name = "worker_rlimit_nofile",
                  .kind = ArgKind::kInteger,
                  .description = "Limit of open files of each worker.",
                  .min = 64,
                  .max = 10'000'000});
    registry.Add({.name = "worker_shutdown_timeout",
                  .kind = ArgKind::kDuration,
                  .description = "Time after which a worker that drains connections is ended."});
    registry.Add({.name = "events",
                  .min_args = 0,
                  .max_args = 0,
                  .description = "Settings of the event loop.",
                  .block = conf::kEvents});
    registry.Add({.name = "worker_connections",
                  .contexts = conf::kEvents,
                  .kind = ArgKind::kInteger,
                  .default_value = "1024",
                  .description = "Most connections that one worker keeps open.",
                  .min = 16,
                  .max = 1'000'000});
}

Settings ReadSettings(const conf::Directive& root, const std::string& prefix,
                      std::string_view program) {
    const auto absolute = [&](std::string path) {
        return path.starts_with('/') ? path : prefix + path;
    };
    Settings settings;
    const std::string workers = root.Text("worker_processes", "auto");
    settings.workers = workers == "auto" ? ProcessorCount()
                                         : static_cast<int>(text::ParseInt(workers).value_or(1));
    if (const conf::Directive* user = root.Find("user"); user != nullptr) {
        settings.user = user->args[0];
        if (user->args.size() > 1) settings.group = user->args[1];
    }
    settings.daemon = root.Flag("daemon", false);
    settings.pid_file = absolute(root.Text("pid", fmt::format("var/run/{}.pid", program)));
    settings.control_socket =
        absolute(root.Text("control_socket", fmt::format("var/run/{}.sock", program)));
    settings.error_log = "stderr";
    if (const conf::Directive* error_log = root.Find("error_log"); error_log != nullptr) {
        if (error_log->args[0] != "stderr") settings.error_log = absolute(error_log->args[0]);
        if (error_log->args.size() > 1) {
            settings.log_level = log::ParseLevel(error_log->args[1]).value_or(log::Level::kNotice);
        }
    }
    settings.open_files = root.Integer("worker_rlimit_nofile", 0);
    settings.shutdown_timeout_ms = root.Duration("worker_shutdown_timeout", 0);
    return settings;
}

}  // namespace mch::process
