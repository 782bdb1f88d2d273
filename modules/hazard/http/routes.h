// Routes of hazards.
#pragma once

#include <memory>

#include "mch/app/module.h"
#include "modules/hazard/app/services.h"

namespace anlan::hazard {

void AddRoutes(mch::app::ModuleContext& context, std::shared_ptr<const Services> services);

}  // namespace anlan::hazard
