#pragma once

#include "mch/app/module.h"

namespace anlan::asset {

void Register(mch::app::ModuleContext& context);

}  // namespace anlan::asset
