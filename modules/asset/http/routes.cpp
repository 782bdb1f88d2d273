#include "modules/asset/http/routes.h"

#include "mch/base/text.h"
#include "modules/asset/store/asset_store.h"

namespace anlan::asset {
namespace {

using mch::Schema;
using mch::http::Context;
using mch::http::Request;
using mch::http::Response;

constexpr std::int64_t kDefaultLimit = 20;
constexpr std::int64_t kMaxLimit = 100;

Schema AssetSchema() {
    return Schema::Object(
               {{"id", Schema::Id(), mch::kRequired},
                {"asset_no", Schema::String(), mch::kRequired},
                {"name", Schema::String(), mch::kRequired},
                {"sector", Schema::String(), mch::kRequired},
                {"type", Schema::String(), mch::kRequired},
                {"status", Schema::String(), mch::kRequired},
                {"region_id", Schema::Id(), mch::kRequired},
                {"region_name", Schema::String(), mch::kRequired},
                {"region_status", Schema::Enum({"located", "unconfirmed"}), mch::kRequired},
                {"address", Schema::String(), mch::kRequired},
                {"longitude", Schema::Number(), mch::kRequired},
                {"latitude", Schema::Number(), mch::kRequired},
                {"org_id", Schema::Id().Nullable(), mch::kRequired},
                {"org_name", Schema::String(), mch::kRequired},
                {"source", Schema::String(), mch::kRequired},
                {"crs_source", Schema::String(), mch::kRequired},
                {"extra", Schema::Any(), mch::kRequired},
                {"version", Schema::Integer(), mch::kRequired}})
        .Named("Asset");
}

void WriteAsset(mch::json::Writer& out, const store::AssetRow& row,
                const std::map<mch::Id, std::string>& regions,
                const std::map<mch::Id, identity::OrganisationCard>& organisations) {
    const AssetSummary& a = row.asset;
    const auto region = regions.find(a.region_id);
    const auto organisation = organisations.find(a.org_id);
    out.BeginObject()
        .IdField("id", a.id)
        .Field("asset_no", a.asset_no)
        .Field("name", a.name)
        .Field("sector", a.sector)
        .Field("type", a.type)
        .Field("status", a.status)
        .IdField("region_id", a.region_id)
        .Field("region_name", region == regions.end() ? std::string_view() : region->second)
        .Field("region_status", a.region_status)
        .Field("address", a.address)
        .Field("longitude", a.longitude)
        .Field("latitude", a.latitude)
        .IdField("org_id", a.org_id)
        .Field("org_name", organisation == organisations.end()
                               ? std::string_view()
                               : std::string_view(organisation->second.name))
        .Field("source", row.source)
        .Field("crs_source", row.crs_source);
    out.Key("extra").Raw(row.extra).Field("version", a.version).EndObject();
}

mch::Result<std::int64_t> Limit(const Request& request) {
    const auto text = request.Query("limit");
    if (!text || text->empty()) return kDefaultLimit;
    const auto value = mch::text::ParseInt(*text);
    if (!value) return mch::InvalidField("limit", "field.type", {{"expected", "@type.integer"}});
    if (*value < 1) return mch::InvalidField("limit", "field.too_small", {{"min", "1"}});
    if (*value > kMaxLimit)
        return mch::InvalidField("limit", "field.too_large", {{"max", std::to_string(kMaxLimit)}});
    return *value;
}

mch::Result<mch::Id> IdQuery(const Request& request, const std::string& name) {
    const auto text = request.Query(name);
    if (!text || text->empty()) return mch::Id{0};
    auto id = mch::ParseId(*text);
    if (!id) return mch::InvalidField(name, "field.format", {{"expected", "@type.id"}});
    return *id;
}

// "minLon,minLat,maxLon,maxLat"
mch::Result<void> ReadBox(const Request& request, store::Filter& filter) {
    const auto text = request.Query("bbox");
    if (!text || text->empty()) return {};
    const auto parts = mch::text::Split(*text, ',');
    double* const values[] = {&filter.west, &filter.south, &filter.east, &filter.north};
    bool good = parts.size() == 4;
    for (std::size_t i = 0; good && i < 4; ++i) {
        const auto value = mch::text::ParseDouble(parts[i]);
        good = value.has_value();
        if (good) *values[i] = *value;
    }
    if (!good)
        return mch::InvalidField("bbox", "field.format",
                                 {{"expected", "minLon,minLat,maxLon,maxLat"}});
    filter.has_box = true;
    return {};
}

class Handlers {
  public:
    Handlers(mch::app::Runtime& runtime, std::shared_ptr<region::Regions> regions,
             std::shared_ptr<identity::Directory> directory)
        : runtime_(runtime), regions_(std::move(regions)), directory_(std::move(directory)) {}

    mch::Result<Response> List(const Request& request, const Context& context) {
        store::Filter filter;
        filter.text = mch::text::Trim(request.Query("q").value_or(""));
        filter.sector = request.Query("sector").value_or("");
        MCH_TRY(filter.region_id, IdQuery(request, "region_id"));
        MCH_TRY(filter.after, IdQuery(request, "cursor"));
        MCH_TRY(filter.limit, Limit(request));
        MCH_CHECK(ReadBox(request, filter));
        return runtime_.database().Read(
            context.deadline(), [&](mch::db::Reader& reader) -> mch::Result<Response> {
                MCH_TRY(std::vector<store::AssetRow> rows,
                        store::List(reader, context.principal, filter));
                const bool more = rows.size() > static_cast<std::size_t>(filter.limit);
                if (more) rows.pop_back();
                mch::json::Writer out(rows.size() * 400);
                out.BeginObject().Key("items").BeginArray();
                MCH_CHECK(WriteAll(reader, rows, out));
                out.EndArray().IdField("next_cursor", more ? rows.back().asset.id : 0).EndObject();
                return Response::Json(200, out.Take());
            });
    }

    mch::Result<Response> Get(const Request& request, const Context& context) {
        MCH_TRY(const mch::Id id, request.PathId("id"));
        return runtime_.database().Read(
            context.deadline(), [&](mch::db::Reader& reader) -> mch::Result<Response> {
                MCH_TRY(store::AssetRow row, store::FindVisible(reader, context.principal, id));
                mch::json::Writer out;
                MCH_CHECK(WriteAll(reader, {std::move(row)}, out));
                return Response::Json(200, out.Take());
            });
    }

  private:
    mch::Result<void> WriteAll(mch::db::Reader& reader, const std::vector<store::AssetRow>& rows,
                               mch::json::Writer& out) const {
        std::vector<mch::Id> region_ids;
        std::vector<mch::Id> organisation_ids;
        for (const store::AssetRow& row : rows) {
            region_ids.push_back(row.asset.region_id);
            organisation_ids.push_back(row.asset.org_id);
        }
        MCH_TRY(const auto regions, regions_->Names(reader, region_ids));
        MCH_TRY(const auto organisations, directory_->Organisations(reader, organisation_ids));
        for (const store::AssetRow& row : rows) WriteAsset(out, row, regions, organisations);
        return {};
    }

    mch::app::Runtime& runtime_;
    std::shared_ptr<region::Regions> regions_;
    std::shared_ptr<identity::Directory> directory_;
};

}  // namespace

void AddRoutes(mch::app::ModuleContext& context, std::shared_ptr<region::Regions> regions,
               std::shared_ptr<identity::Directory> directory) {
    // Shared by the two handlers, which the router owns.
    auto handlers =
        std::make_shared<Handlers>(context.runtime, std::move(regions), std::move(directory));
    context.routes.Add(
        {.method = "GET",
         .pattern = "/api/v1/assets",
         .summary = "Assets in the reader's scope, in order of id",
         .permission = "asset:asset:list",
         .handler = [handlers](const Request& request,
                               Context& c) { return handlers->List(request, c); },
         .response = Schema::Object({{"items", Schema::Array(AssetSchema()), mch::kRequired},
                                     {"next_cursor", Schema::String().Nullable(), mch::kRequired}})
                         .Named("AssetList"),
         .query = {{"q", Schema::String(), "Part of name, number or address"},
                   {"sector", Schema::String(), "Sector code"},
                   {"region_id", Schema::Id(), "Region, with everything below it"},
                   {"bbox", Schema::String(), "minLon,minLat,maxLon,maxLat in WGS-84"},
                   {"cursor", Schema::String(), "next_cursor of the page before"},
                   {"limit", Schema::Integer().Min(1).Max(kMaxLimit), "Rows, 20 by default"}}});
    context.routes.Add({.method = "GET",
                        .pattern = "/api/v1/assets/{id}",
                        .summary = "One asset",
                        .permission = "asset:asset:list",
                        .handler = [handlers](const Request& request,
                                              Context& c) { return handlers->Get(request, c); },
                        .response = AssetSchema()});
}

}  // namespace anlan::asset
