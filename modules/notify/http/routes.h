#pragma once

#include <memory>

#include "mch/app/module.h"
#include "modules/notify/app/outbox_service.h"

namespace anlan::notify {

void AddRoutes(mch::app::ModuleContext& context, std::shared_ptr<const OutboxService> outbox);

}  // namespace anlan::notify
