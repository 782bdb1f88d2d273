#pragma once

#include "mch/app/module.h"

namespace anlan::notify {

void Register(mch::app::ModuleContext& context);

}  // namespace anlan::notify
