// Registers hazards: tables, dictionaries, default terms and routes.
#pragma once

#include "mch/app/module.h"

namespace anlan::hazard {

void Register(mch::app::ModuleContext& context);

}  // namespace anlan::hazard
