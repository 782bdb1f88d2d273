// The routes of identity: parse, use case, answer.
#pragma once

#include "mch/app/module.h"
#include "modules/identity/app/accounts.h"
#include "modules/identity/app/sessions.h"

namespace anlan::identity {

// /session, /tokens
void AddSessionRoutes(mch::app::ModuleContext& context, std::shared_ptr<Parts> parts,
                      std::shared_ptr<Sessions> sessions);
// /users, /organisations, /roles
void AddAdministrationRoutes(mch::app::ModuleContext& context, std::shared_ptr<Parts> parts);

}  // namespace anlan::identity
