// The command `anlan import assets`.
#pragma once

#include <memory>

#include "modules/asset/app/import.h"

namespace anlan::asset {

void AddImportCommand(mch::app::ModuleContext& context, std::shared_ptr<AssetImport> import);

// Errors: command.usage with the switch that is wrong.
mch::Result<ImportOptions> ParseImportOptions(const std::vector<std::string>& args);

}  // namespace anlan::asset
