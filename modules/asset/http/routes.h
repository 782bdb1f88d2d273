// GET /api/v1/assets and /api/v1/assets/{id}.
#pragma once

#include <memory>

#include "mch/app/module.h"
#include "modules/identity/api/directory.h"
#include "modules/region/api/region.h"

namespace anlan::asset {

void AddRoutes(mch::app::ModuleContext& context, std::shared_ptr<region::Regions> regions,
               std::shared_ptr<identity::Directory> directory);

}  // namespace anlan::asset
