// What the use cases of this module work with. The runtime's parts exist only while requests, jobs
// and commands run.
#pragma once

#include <memory>

#include "mch/app/module.h"
#include "modules/asset/api/asset.h"
#include "modules/audit/api/audit.h"
#include "modules/file/api/file.h"
#include "modules/identity/api/directory.h"
#include "modules/identity/api/personal_data.h"
#include "modules/notify/api/outbox.h"
#include "modules/region/api/region.h"

namespace anlan::hazard {

struct Services {
    mch::app::Runtime& runtime;
    const mch::Catalogue& messages;
    std::shared_ptr<audit::AuditLog> audit;
    std::shared_ptr<identity::Directory> directory;
    std::shared_ptr<identity::PersonalData> personal_data;
    std::shared_ptr<region::Regions> regions;
    std::shared_ptr<asset::Assets> assets;
    std::shared_ptr<file::Files> files;
    std::shared_ptr<notify::Outbox> outbox;
};

// Type of the module's rows in audit records and file attachments, and the live topic.
inline constexpr std::string_view kObjectType = "hazard";
// Names under which personal data is sealed: a value moved to another column does not open.
inline constexpr std::string_view kReporterNameColumn = "hazard_case.reporter_name";
inline constexpr std::string_view kReporterPhoneColumn = "hazard_case.reporter_phone";
inline constexpr std::string_view kResponsibleColumn = "hazard_plan.responsible_person";

}  // namespace anlan::hazard
