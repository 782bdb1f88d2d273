#pragma once

#include "mch/app/module.h"

namespace anlan::file {

void Register(mch::app::ModuleContext& context);

}  // namespace anlan::file
