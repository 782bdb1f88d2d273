#include "modules/hazard/module.h"

#include <string>

#include "mch/app/embedded_files.h"
#include "mch/base/embedded.h"
#include "modules/dictionary/api/dictionary.h"
#include "modules/hazard/app/services.h"
#include "modules/hazard/http/routes.h"
#include "modules/hazard/store/case_store.h"
#include "modules/hazard/store/parts.h"

extern const mch::EmbeddedFiles kEmbedded_module_hazard;

namespace anlan::hazard {
void Register(mch::app::ModuleContext& context) {
    mch::app::AddEmbedded(context, "hazard", kEmbedded_module_hazard);
    const auto dictionaries = context.Get<dictionary::Dictionaries>()->Add(
        mch::app::EmbeddedText(kEmbedded_module_hazard, "data/dictionaries.json"));
    MCH_ASSERT(dictionaries.has_value());

    auto services = std::make_shared<const Services>(
        Services{context.runtime, context.messages, context.Get<audit::AuditLog>(),
                 context.Get<identity::Directory>(), context.Get<identity::PersonalData>(),
                 context.Get<region::Regions>(), context.Get<asset::Assets>(),
                 context.Get<file::Files>(), context.Get<notify::Outbox>()});
    // Whoever may see the case may see its photos.
    services->files->RegisterGuard(
        std::string(kObjectType),
        [](mch::db::Reader& reader, const mch::http::Principal& principal,
           mch::Id id) -> mch::Result<void> {
            if (!principal.Has("hazard:case:view")) return mch::NotFound("hazard.not_found");
            MCH_CHECK(FindVisible(reader, principal, id));
            return {};
        });
    services->outbox->AllowTopic(std::string(kObjectType), "hazard:case:list");
    context.seeds.push_back([](mch::db::Transaction& tx) {
        return SeedDeadlines(
            tx, mch::app::EmbeddedText(kEmbedded_module_hazard, "data/deadlines.json"));
    });
    AddRoutes(context, std::move(services));
}

}  // namespace anlan::hazard
