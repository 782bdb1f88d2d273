#include "modules/dictionary/module.h"

#include "mch/app/embedded_files.h"
#include "modules/dictionary/app/dictionary_service.h"

extern const mch::EmbeddedFiles kEmbedded_module_dictionary;

namespace anlan::dictionary {
namespace {

using mch::Schema;

mch::http::Route ListRoute(mch::app::Runtime& runtime, std::shared_ptr<DictionaryService> service) {
    const Schema entry = Schema::Object({{"code", Schema::String(), mch::kRequired},
                                         {"name", Schema::String(), mch::kRequired},
                                         {"color", Schema::String()}});
    mch::http::Route route;
    route.method = "GET";
    route.pattern = "/api/v1/dictionaries";
    route.summary = "Codes of the trade with their texts in the reader's language.";
    route.permission = mch::http::kSignedIn;
    route.response =
        Schema::Object(
            {{"items",
              Schema::Array(Schema::Object({{"code", Schema::String(), mch::kRequired},
                                            {"name", Schema::String(), mch::kRequired},
                                            {"entries", Schema::Array(entry), mch::kRequired}})
                                .Named("Dictionary")),
              mch::kRequired}})
            .Named("DictionaryList");
    route.handler = [&runtime, service](
                        const mch::http::Request&,
                        mch::http::Context& context) -> mch::Result<mch::http::Response> {
        MCH_TRY(std::string json,
                runtime.database().Read(context.deadline(), [&](mch::db::Reader& reader) {
                    return service->ToJson(reader, context.language);
                }));
        return mch::http::Response::Json(200, std::move(json));
    };
    return route;
}

}  // namespace

void Register(mch::app::ModuleContext& context) {
    mch::app::AddEmbedded(context, "dictionary", kEmbedded_module_dictionary);
    auto service = std::make_shared<DictionaryService>(context.runtime);
    context.Provide<Dictionaries>(service);
    context.seeds.push_back([service](mch::db::Transaction& tx) { return service->Seed(tx); });
    context.routes.Add(ListRoute(context.runtime, std::move(service)));
}

}  // namespace anlan::dictionary
