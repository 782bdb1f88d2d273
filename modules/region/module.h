#pragma once

#include "mch/app/module.h"

namespace anlan::region {

void Register(mch::app::ModuleContext& context);

}  // namespace anlan::region
