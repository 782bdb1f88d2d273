// anlan setup, anlan user ...
#pragma once

#include <memory>
#include <string>

#include "mch/app/module.h"
#include "modules/identity/app/parts.h"

namespace anlan::identity {

// `starter_json`: data/starter.json.
void AddCommands(mch::app::ModuleContext& context, std::shared_ptr<Parts> parts,
                 std::string starter_json);

}  // namespace anlan::identity
