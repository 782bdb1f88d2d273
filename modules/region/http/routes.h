#pragma once

#include <memory>

#include "mch/app/module.h"
#include "modules/region/app/region_service.h"

namespace anlan::region {

void AddRoutes(mch::app::ModuleContext& context, std::shared_ptr<RegionService> service);

}  // namespace anlan::region
