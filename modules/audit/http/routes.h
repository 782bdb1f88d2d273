// GET /audit/records and GET /audit/chain.
#pragma once

#include "mch/app/module.h"
#include "modules/audit/api/audit.h"

namespace anlan::audit {

void AddRoutes(mch::app::ModuleContext& context, std::shared_ptr<AuditLog> audit);

}  // namespace anlan::audit
