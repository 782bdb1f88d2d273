#include "modules/notify/module.h"

#include "mch/app/embedded_files.h"
#include "modules/notify/app/outbox_service.h"
#include "modules/notify/http/routes.h"

extern const mch::EmbeddedFiles kEmbedded_module_notify;

namespace anlan::notify {

void Register(mch::app::ModuleContext& context) {
    mch::app::AddEmbedded(context, "notify", kEmbedded_module_notify);
    auto outbox = std::make_shared<OutboxService>(context.runtime);
    context.Provide<Outbox>(outbox);
    context.jobs.push_back({"notify.deliver", 1000, [outbox](const mch::Deadline& deadline) {
                                return outbox->Deliver(deadline);
                            }});
    AddRoutes(context, outbox);
}

}  // namespace anlan::notify
