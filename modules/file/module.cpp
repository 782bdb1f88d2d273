#include "modules/file/module.h"

#include "mch/app/embedded_files.h"
#include "modules/file/app/file_service.h"
#include "modules/file/http/routes.h"

extern const mch::EmbeddedFiles kEmbedded_module_file;

namespace anlan::file {

void Register(mch::app::ModuleContext& context) {
    context.directives.Add({.name = "file_user_quota",
                            .contexts = mch::conf::kAnlan,
                            .kind = mch::conf::ArgKind::kSize,
                            .default_value = "2g",
                            .description = "How much one user may have uploaded in all."});
    mch::app::AddEmbedded(context, "file", kEmbedded_module_file);
    auto files = std::make_shared<FileService>(context.runtime, context.Get<audit::AuditLog>());
    context.Provide<Files>(files);
    AddRoutes(context, files);
}

}  // namespace anlan::file
