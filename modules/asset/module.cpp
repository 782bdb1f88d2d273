#include "modules/asset/module.h"

#include "mch/app/embedded_files.h"
#include "modules/asset/app/asset_service.h"
#include "modules/asset/app/import_command.h"
#include "modules/asset/http/routes.h"
#include "modules/dictionary/api/dictionary.h"

extern const mch::EmbeddedFiles kEmbedded_module_asset;

namespace anlan::asset {

void Register(mch::app::ModuleContext& context) {
    mch::app::AddEmbedded(context, "asset", kEmbedded_module_asset);
    MCH_ASSERT(context.Get<dictionary::Dictionaries>()->Add(
        mch::app::EmbeddedText(kEmbedded_module_asset, "data/dictionaries.json")));
    context.Provide<Assets>(std::make_shared<AssetService>());
    auto regions = context.Get<region::Regions>();
    auto directory = context.Get<identity::Directory>();
    AddImportCommand(context, std::make_shared<AssetImport>(context.runtime, regions, directory,
                                                            context.Get<audit::AuditLog>()));
    AddRoutes(context, std::move(regions), std::move(directory));
}

}  // namespace anlan::asset
