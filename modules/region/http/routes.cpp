#include "modules/region/http/routes.h"

#include <cmath>
#include <optional>
#include <utility>

#include "mch/base/json.h"
#include "mch/base/text.h"

namespace anlan::region {
namespace {

using mch::Schema;
using mch::http::Context;
using mch::http::Request;
using mch::http::Response;

Schema RegionSchema() {
    return Schema::Object({{"id", Schema::Id(), mch::kRequired},
                           {"parent_id", Schema::Id().Nullable(), mch::kRequired},
                           {"code", Schema::String(), mch::kRequired},
                           {"name", Schema::String(), mch::kRequired},
                           {"level", Schema::String(), mch::kRequired},
                           {"has_children", Schema::Boolean(), mch::kRequired},
                           {"longitude", Schema::Number().Nullable(), mch::kRequired},
                           {"latitude", Schema::Number().Nullable(), mch::kRequired}})
        .Named("Region");
}

void WriteRegion(mch::json::Writer& out, const RegionRow& row) {
    const bool placed = row.centre.longitude != 0 || row.centre.latitude != 0;
    out.BeginObject()
        .IdField("id", row.region.id)
        .IdField("parent_id", row.region.parent_id)
        .Field("code", row.region.code)
        .Field("name", row.region.name)
        .Field("level", LevelName(row.region.level))
        .Field("has_children", row.has_children);
    if (placed) {
        out.Field("longitude", row.centre.longitude).Field("latitude", row.centre.latitude);
    } else {
        out.Key("longitude").Null().Key("latitude").Null();
    }
    out.EndObject();
}

mch::Result<double> Degrees(const Request& request, const std::string& name, double limit) {
    const std::optional<std::string> text = request.Query(name);
    if (!text || text->empty()) return mch::InvalidField(name, "field.required");
    const std::optional<double> value = mch::text::ParseDouble(*text);
    if (!value) return mch::InvalidField(name, "field.type", {{"expected", "@type.number"}});
    if (std::abs(*value) > limit) {
        const std::string bound = std::to_string(static_cast<int>(limit));
        return *value > 0 ? mch::InvalidField(name, "field.too_large", {{"max", bound}})
                          : mch::InvalidField(name, "field.too_small", {{"min", "-" + bound}});
    }
    return *value;
}

class Handlers {
  public:
    Handlers(mch::app::ModuleContext& context, std::shared_ptr<RegionService> service)
        : runtime_(context.runtime), messages_(context.messages), service_(std::move(service)) {}

    mch::Result<Response> List(const Request& request, Context& context) {
        mch::Id parent_id = 0;
        if (const auto text = request.Query("parent_id"); text && !text->empty()) {
            auto id = mch::ParseId(*text);
            if (!id) {
                return mch::InvalidField("parent_id", "field.type", {{"expected", "@type.id"}});
            }
            parent_id = *id;
        }
        MCH_TRY(const std::vector<RegionRow> rows,
                runtime_.database().Read(
                    context.deadline(),
                    [&](mch::db::Reader& reader) -> mch::Result<std::vector<RegionRow>> {
                        if (parent_id != 0) return store::Children(reader, parent_id);
                        MCH_TRY(RegionRow root, store::Root(reader));
                        return std::vector<RegionRow>{std::move(root)};
                    }));
        mch::json::Writer out;
        out.BeginObject().Key("items").BeginArray();
        for (const RegionRow& row : rows) WriteRegion(out, row);
        out.EndArray().Key("next_cursor").Null().EndObject();
        return Response::Json(200, out.Take());
    }

    mch::Result<Response> Locate(const Request& request, Context& context) {
        Point point;
        MCH_TRY(point.longitude, Degrees(request, "lon", 180));
        MCH_TRY(point.latitude, Degrees(request, "lat", 90));
        Crs crs = Crs::kWgs84;
        if (const auto name = request.Query("crs"); name && !name->empty()) {
            auto parsed = ParseCrs(*name);
            if (!parsed) {
                return mch::InvalidField("crs", "field.not_allowed",
                                         {{"allowed", "wgs84, gcj02, bd09"}});
            }
            crs = *parsed;
        }
        return runtime_.database().Read(
            context.deadline(), [&](mch::db::Reader& reader) -> mch::Result<Response> {
                MCH_TRY(const Location found,
                        service_->Locate(reader, Convert(point, crs, Crs::kWgs84)));
                std::vector<std::string> names;
                if (found.region_id != 0) {
                    MCH_TRY(names, service_->PathNames(reader, found.region_id));
                }
                mch::json::Writer out;
                out.BeginObject().IdField("region_id", found.region_id);
                out.Field("name", names.empty() ? std::string() : names.back());
                out.Key("path_names").BeginArray();
                for (const std::string& name : names) out.String(name);
                out.EndArray().Field("status", RegionStatusName(found.status));
                out.Field("note", found.note_code.empty()
                                      ? std::string()
                                      : messages_.Text(context.language, found.note_code));
                out.Field("note_code", found.note_code).EndObject();
                return Response::Json(200, out.Take());
            });
    }

    mch::Result<Response> Borders(const Request& request, Context& context) {
        MCH_TRY(const auto layer,
                runtime_.database().Read(context.deadline(), [&](mch::db::Reader& reader) {
                    return service_->Layer(reader);
                }));
        if (request.Header("if-none-match") == layer->etag) {
            Response unchanged;
            unchanged.status = 304;
            return std::move(unchanged).Header("ETag", layer->etag);
        }
        return Response::Json(200, layer->drawing)
            .Header("Content-Type", "application/geo+json")
            .Header("ETag", layer->etag);
    }

  private:
    mch::app::Runtime& runtime_;
    const mch::Catalogue& messages_;
    std::shared_ptr<RegionService> service_;
};

}  // namespace

void AddRoutes(mch::app::ModuleContext& context, std::shared_ptr<RegionService> service) {
    // Shared by the three handlers, which the router owns.
    auto handlers = std::make_shared<Handlers>(context, std::move(service));

    mch::http::Route list;
    list.method = "GET";
    list.pattern = "/api/v1/regions";
    list.summary = "Regions below a region, in order of their codes; the root without parent_id.";
    list.permission = mch::http::kSignedIn;
    list.response = Schema::Object({{"items", Schema::Array(RegionSchema()), mch::kRequired},
                                    {"next_cursor", Schema::String().Nullable()}})
                        .Named("RegionList");
    list.query = {{"parent_id", Schema::Id(), "The region whose children are wanted."}};
    list.handler = [handlers](const Request& request, Context& c) {
        return handlers->List(request, c);
    };
    context.routes.Add(std::move(list));

    mch::http::Route locate;
    locate.method = "GET";
    locate.pattern = "/api/v1/regions/locate";
    locate.summary = "The region of a point, or that a person must decide it.";
    locate.permission = mch::http::kSignedIn;
    locate.response =
        Schema::Object({{"region_id", Schema::Id().Nullable(), mch::kRequired},
                        {"name", Schema::String(), mch::kRequired},
                        {"path_names", Schema::Array(Schema::String()), mch::kRequired},
                        {"status", Schema::Enum({"located", "unconfirmed"}), mch::kRequired},
                        {"note", Schema::String(), mch::kRequired},
                        {"note_code", Schema::String(), mch::kRequired}})
            .Named("Location");
    locate.query = {{"lon", Schema::Number().Range(-180, 180), "Longitude in degrees."},
                    {"lat", Schema::Number().Range(-90, 90), "Latitude in degrees."},
                    {"crs", Schema::Enum({"wgs84", "gcj02", "bd09"}), "System, wgs84 by default."}};
    locate.handler = [handlers](const Request& request, Context& c) {
        return handlers->Locate(request, c);
    };
    context.routes.Add(std::move(locate));

    mch::http::Route borders;
    borders.method = "GET";
    borders.pattern = "/api/v1/map/borders";
    borders.summary = "District borders in WGS-84, simplified for drawing (GeoJSON).";
    borders.permission = mch::http::kSignedIn;
    borders.response = Schema::Any();
    borders.cache_control = "private, max-age=3600";
    borders.handler = [handlers](const Request& request, Context& c) {
        return handlers->Borders(request, c);
    };
    context.routes.Add(std::move(borders));
}

}  // namespace anlan::region
