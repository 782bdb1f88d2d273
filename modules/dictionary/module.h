#pragma once

#include "mch/app/module.h"

namespace anlan::dictionary {

void Register(mch::app::ModuleContext& context);

}  // namespace anlan::dictionary
