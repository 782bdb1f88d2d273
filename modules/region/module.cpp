#include "modules/region/module.h"

#include <algorithm>

#include "mch/app/embedded_files.h"
#include "modules/region/http/routes.h"

extern const mch::EmbeddedFiles kEmbedded_module_region;

namespace anlan::region {

void Register(mch::app::ModuleContext& context) {
    context.directives.Add(
        {.name = "region_root",
         .contexts = mch::conf::kAnlan,
         .default_value = "4403",
         .description = "Division code of the city (4 digits) or district (6 digits) that this "
                        "installation is for.",
         .check = [](const std::vector<std::string>& args) -> std::string {
             const std::string& code = args[0];
             const bool digits =
                 std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
             return digits && (code.size() == 4 || code.size() == 6)
                        ? ""
                        : "region_root takes a code of 4 or 6 digits";
         }});
    mch::app::AddEmbedded(context, "region", kEmbedded_module_region);

    auto service = std::make_shared<RegionService>(context.runtime);
    context.Provide<Regions>(service);
    auto audit = context.Get<audit::AuditLog>();
    context.seeds.push_back(
        [service, audit](mch::db::Transaction& tx) { return service->Seed(tx, *audit); });
    AddRoutes(context, std::move(service));
}

}  // namespace anlan::region
