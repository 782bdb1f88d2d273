// What a module declares and what it may use: the seam between the container and the platform.
//
// Each module has one function `void Register(mch::app::ModuleContext&)`, called once per process,
// in the order of the application's list, before the configuration is read. It declares; it opens
// nothing. Handlers, jobs and commands keep references into `context.runtime`, whose parts exist
// only when the process has started (workers, service processes, commands; never in the master).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>
#include <vector>

#include "mch/base/catalogue.h"
#include "mch/base/clock.h"
#include "mch/base/ids.h"
#include "mch/conf/configuration.h"
#include "mch/db/blob_store.h"
#include "mch/db/database.h"
#include "mch/db/migrator.h"
#include "mch/http/principal.h"
#include "mch/http/router.h"
#include "mch/http/stream.h"

namespace mch::app {

// Parts of the running process. References are valid from start to exit of the process.
class Runtime {
  public:
    virtual ~Runtime() = default;
    virtual const Clock& clock() = 0;
    virtual IdGenerator& ids() = 0;
    virtual db::Database& database() = 0;
    virtual db::BlobStore& blobs() = 0;
    virtual http::LiveBus& live() = 0;
    // The `anlan { }` block (empty when absent).
    virtual const conf::Directive& config() = 0;
    // Absolute folder of everything that the installation writes ("var").
    virtual const std::string& var_folder() = 0;
    // Installed data files (web console, borders, divisions).
    virtual const std::string& share_folder() = 0;
    // A secret of 32 bytes kept outside the database, var/keys/NAME (0600). The name must be in
    // ModuleContext::keys. Made by `anlan migrate` only; key.missing or key.changed keeps every
    // other process from starting, so a lost key is never silently replaced.
    virtual Result<std::string> Key(std::string_view name) = 0;
    // Minutes east of UTC of the installation's zone.
    virtual int zone_minutes() = 0;
};

// A job of the scheduler: runs every `interval_ms` in the one process that holds its lease.
struct Job {
    std::string name;  // "notify.deliver_outbox"
    std::int64_t interval_ms = 1000;
    std::function<Result<void>(const Deadline&)> run;
};

// A sub-command of the program: `anlan user reset NAME`.
struct Command {
    std::string name;   // words as typed: "user reset"
    std::string usage;  // "anlan user reset NAME"
    std::string summary;
    bool needs_database = true;
    // Returns the exit status; prints for people on stdout. An error is printed by the caller.
    std::function<Result<int>(const std::vector<std::string>& args)> run;
};

struct ModuleContext {
    Runtime& runtime;
    conf::Registry& directives;
    Catalogue& messages;
    http::Router& routes;
    std::vector<db::Migration>& migrations;
    std::vector<Job>& jobs;
    std::vector<Command>& commands;
    // Run by `anlan migrate` after the schema is current, in order; must be repeatable. For seed
    // rows (dictionaries, menus, roles).
    std::vector<std::function<Result<void>(db::Transaction&)>>& seeds;
    // Set by the identity module.
    std::shared_ptr<http::Authenticator>& authenticator;
    // Set by the audit module: records a command of the control socket ({"command":...,"uid":...}).
    std::function<Result<void>(std::string_view json)>& on_control_command;
    // Names of the secrets that the module asks Runtime::Key for.
    std::vector<std::string>& keys;

    // Services that one module offers to the others, by the interface type of its api/ folder.
    // Asking for one that no earlier module provided is a bug in the application's list (assert).
    template <typename T>
    void Provide(std::shared_ptr<T> service) {
        (*services)[std::type_index(typeid(T))] = std::move(service);
    }
    template <typename T>
    std::shared_ptr<T> Get() const {
        auto it = services->find(std::type_index(typeid(T)));
        MCH_ASSERT(it != services->end());
        return std::static_pointer_cast<T>(it->second);
    }
    std::shared_ptr<std::unordered_map<std::type_index, std::shared_ptr<void>>> services =
        std::make_shared<std::unordered_map<std::type_index, std::shared_ptr<void>>>();
};

using RegisterFunction = void (*)(ModuleContext&);

}  // namespace mch::app
