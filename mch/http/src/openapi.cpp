// The OpenAPI 3.1 document of a Router.
#include <algorithm>
#include <map>

#include "mch/base/json.h"
#include "mch/base/text.h"
#include "mch/http/router.h"

namespace mch::http {
namespace {

using Components = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kProblem =
    R"({"type":"object","description":"RFC 9457 problem document",)"
    R"("required":["type","title","status","code","trace_id"],"properties":{)"
    R"("type":{"type":"string","format":"uri-reference"},"title":{"type":"string"},)"
    R"("status":{"type":"integer"},"code":{"type":"string"},"detail":{"type":"string"},)"
    R"("trace_id":{"type":"string"},"fields":{"type":"array","items":{"type":"object",)"
    R"("required":["field","code","message"],"properties":{"field":{"type":"string"},)"
    R"("code":{"type":"string"},"message":{"type":"string"},"params":{"type":"object",)"
    R"("additionalProperties":{"type":"string"}}}}}}})";

// "POST /api/v1/hazards/{id}/transitions" -> "postHazardsIdTransitions".
std::string OperationId(const Route& route, std::string_view prefix) {
    std::string out = text::ToLower(route.method);
    bool upper = true;
    for (const char c : std::string_view(route.pattern).substr(prefix.size())) {
        const bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter) {
            upper = true;
            continue;
        }
        out.push_back(upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c);
        upper = false;
    }
    return out;
}

std::string_view TagOf(const Route& route, std::string_view prefix) {
    std::string_view rest = std::string_view(route.pattern).substr(prefix.size());
    while (!rest.empty() && rest.front() == '/') rest.remove_prefix(1);
    const std::string_view tag = rest.substr(0, rest.find('/'));
    return tag.empty() ? "root" : tag;
}

void WriteParameters(json::Writer& w, const Route& route, Components* components) {
    w.Key("parameters").BeginArray();
    for (const std::string_view segment : text::Split(route.pattern, '/')) {
        if (segment.size() < 3 || segment.front() != '{') continue;
        w.BeginObject().Field("name", segment.substr(1, segment.size() - 2)).Field("in", "path");
        w.Field("required", true).Key("schema").Raw(R"({"type":"string"})").EndObject();
    }
    for (const QueryParameter& parameter : route.query) {
        w.BeginObject().Field("name", parameter.name).Field("in", "query");
        if (!parameter.description.empty()) w.Field("description", parameter.description);
        w.Key("schema").Raw(parameter.schema.ToJsonSchema(components)).EndObject();
    }
    w.EndArray();
}

void WriteBody(json::Writer& w, const Route& route, Components* components) {
    if (route.request.Empty() && !route.multipart) return;
    w.Key("requestBody").BeginObject().Field("required", true).Key("content").BeginObject();
    w.Key(route.multipart ? "multipart/form-data" : "application/json").BeginObject().Key("schema");
    w.Raw(route.request.Empty() ? R"({"type":"object"})" : route.request.ToJsonSchema(components));
    w.EndObject().EndObject().EndObject();
}

void WriteResponses(json::Writer& w, const Route& route, Components* components) {
    w.Key("responses").BeginObject();
    w.Key("2XX").BeginObject().Field("description", "Success");
    if (!route.response.Empty()) {
        w.Key("content").BeginObject().Key("application/json").BeginObject().Key("schema");
        w.Raw(route.response.ToJsonSchema(components)).EndObject().EndObject();
    }
    w.EndObject();
    w.Key("default").Raw(R"({"$ref":"#/components/responses/Problem"})");
    w.EndObject();
}

void WriteOperation(json::Writer& w, const Route& route, std::string_view prefix,
                    Components* components) {
    w.BeginObject();
    w.Field("operationId", OperationId(route, prefix)).Field("summary", route.summary);
    w.Key("tags").BeginArray().String(TagOf(route, prefix)).EndArray();
    w.Field("x-permission", route.permission);
    if (!route.audit_action.empty()) w.Field("x-audit-action", route.audit_action);
    w.Key("security").Raw(route.permission == kPublic ? "[]" : R"([{"cookie":[]},{"bearer":[]}])");
    WriteParameters(w, route, components);
    WriteBody(w, route, components);
    WriteResponses(w, route, components);
    w.EndObject();
}

}  // namespace

std::string Router::ToOpenApi(std::string_view title, std::string_view version) const {
    // All routes of the platform stand under the prefix; what does not keeps its whole path.
    constexpr std::string_view kPrefix = "/api/v1";
    std::map<std::string_view, std::vector<const Route*>> by_path;
    for (const Route& route : routes_) by_path[route.pattern].push_back(&route);

    Components components = {{"Problem", std::string(kProblem)}};
    json::Writer w(64 * 1024);
    w.BeginObject().Field("openapi", "3.1.0");
    w.Key("info").BeginObject().Field("title", title).Field("version", version).EndObject();
    w.Key("paths").BeginObject();
    for (const auto& [path, routes] : by_path) {
        const bool prefixed = path.substr(0, kPrefix.size()) == kPrefix;
        w.Key(path).BeginObject();
        for (const Route* route : routes) {
            w.Key(text::ToLower(route->method));
            WriteOperation(w, *route, prefixed ? kPrefix : std::string_view{}, &components);
        }
        w.EndObject();
    }
    w.EndObject();
    w.Key("components").BeginObject().Key("schemas").BeginObject();
    for (const auto& [name, schema] : components) w.Key(name).Raw(schema);
    w.EndObject();
    w.Key("responses")
        .Raw(
            R"({"Problem":{"description":"Refused or failed","content":{"application/problem+json":)"
            R"({"schema":{"$ref":"#/components/schemas/Problem"}}}}})");
    w.Key("securitySchemes")
        .Raw(R"({"cookie":{"type":"apiKey","in":"cookie","name":"__Host-anlan_session"},)"
             R"("bearer":{"type":"http","scheme":"bearer"}})");
    w.EndObject().EndObject();
    return w.Take();
}

}  // namespace mch::http
