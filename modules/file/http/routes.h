#pragma once

#include <memory>

#include "mch/app/module.h"
#include "modules/file/app/file_service.h"

namespace anlan::file {

void AddRoutes(mch::app::ModuleContext& context, std::shared_ptr<const FileService> files);

}  // namespace anlan::file
