// Registers identity: sessions, users, roles, organisations; sets the authenticator and provides
// identity::Directory and identity::PersonalData.
#pragma once

#include "mch/app/module.h"

namespace anlan::identity {

void Register(mch::app::ModuleContext& context);

}  // namespace anlan::identity
