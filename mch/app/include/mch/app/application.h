// main() of a program made of mch and a list of modules.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mch/app/module.h"

namespace mch::app {

struct ApplicationInfo {
    std::string_view program;  // "mch" or "anlan"
    std::string_view version;
    std::string_view default_configuration;  // relative to the prefix, "conf/anlan.conf"
    // How the stores are opened; empty in a program without a database (`mch`). The application's
    // main() names the adapters, so that mch links none.
    std::function<Result<std::unique_ptr<db::Database>>(const db::DatabaseOptions&, const Clock&)>
        open_database;
    std::function<Result<std::unique_ptr<db::BlobStore>>(const std::string& folder)> open_blobs;
};

// Parses nginx's switches (-p -c -e -g -t -T -q -V -s -h) and the modules' sub-commands, then runs
// the master in the foreground or as a daemon, a command, or a check. Returns the exit status.
int Main(const ApplicationInfo& info, const std::vector<RegisterFunction>& modules, int argc,
         char** argv);

}  // namespace mch::app
