// anlan: the container with the platform's modules. A module joins by one line in each list.
#include "mch/app/application.h"
#include "modules/asset/module.h"
#include "modules/audit/module.h"
#include "modules/dictionary/module.h"
#include "modules/file/module.h"
#include "modules/hazard/module.h"
#include "modules/identity/module.h"
#include "modules/notify/module.h"
#include "modules/region/module.h"
#include "storage/blob.h"
#include "storage/open.h"

int main(int argc, char** argv) {
    // A module may ask only those before it for a service.
    return mch::app::Main({.program = "anlan",
                           .version = ANLAN_VERSION,
                           .default_configuration = "conf/anlan.conf",
                           .open_database = mch::storage::OpenDatabase,
                           .open_blobs = mch::storage::OpenBlobDirectory},
                          {
                              anlan::dictionary::Register,
                              anlan::audit::Register,
                              anlan::region::Register,
                              anlan::identity::Register,
                              anlan::file::Register,
                              anlan::notify::Register,
                              anlan::asset::Register,
                              anlan::hazard::Register,
                          },
                          argc, argv);
}
