// Registers the audit: tables, routes, job, command; provides audit::AuditLog.
#pragma once

#include "mch/app/module.h"

namespace anlan::audit {

void Register(mch::app::ModuleContext& context);

}  // namespace anlan::audit
