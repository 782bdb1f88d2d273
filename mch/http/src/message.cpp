#include "mch/http/message.h"

#include <algorithm>

#include "characters.h"
#include "mch/base/ids.h"
#include "mch/base/text.h"
#include "mch/http/conditional.h"
#include "mch/http/principal.h"

namespace mch::http {

std::string_view Request::Header(std::string_view lower_name) const {
    for (const auto& [name, value] : headers) {
        if (name == lower_name) return value;
    }
    return {};
}

bool Request::HasHeader(std::string_view lower_name) const {
    return std::any_of(headers.begin(), headers.end(),
                       [&](const auto& header) { return header.first == lower_name; });
}

std::string_view Request::Cookie(std::string_view name) const {
    for (const auto& [header, value] : headers) {
        if (header != "cookie") continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t end = rest.find(';');
            const std::string_view pair = TrimBlanks(rest.substr(0, end));
            const std::size_t equals = pair.find('=');
            if (equals != pair.npos && pair.substr(0, equals) == name) {
                return pair.substr(equals + 1);
            }
            rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
        }
    }
    return {};
}

std::optional<std::string> Request::Query(std::string_view name) const {
    std::string_view rest = query;
    while (!rest.empty()) {
        const std::size_t end = rest.find('&');
        const std::string_view pair = rest.substr(0, end);
        const std::size_t equals = pair.find('=');
        const auto key = text::PercentDecode(pair.substr(0, equals), true);
        if (key && *key == name) {
            auto value = text::PercentDecode(
                equals == pair.npos ? std::string_view{} : pair.substr(equals + 1), true);
            if (!value || !text::IsUtf8(*value)) return std::nullopt;
            return value;
        }
        rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
    }
    return std::nullopt;
}

std::string_view Request::PathText(std::string_view name) const {
    for (const auto& [key, value] : path_parameters) {
        if (key == name) return value;
    }
    return {};
}

Result<std::int64_t> Request::PathId(std::string_view name) const {
    auto id = ParseId(PathText(name));
    if (!id) return NotFound("request.not_found");
    return *id;
}

Response Response::Json(int status, std::string json_text) {
    Response response;
    response.status = status;
    response.headers.emplace_back("Content-Type", "application/json");
    response.body = std::move(json_text);
    return response;
}

Response Response::NoContent() {
    Response response;
    response.status = 204;
    return response;
}

Response Response::Text(int status, std::string text) {
    Response response;
    response.status = status;
    response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
    response.body = std::move(text);
    return response;
}

bool Principal::Has(std::string_view permission) const {
    return std::binary_search(permissions.begin(), permissions.end(), permission);
}

std::string VersionTag(std::int64_t version) { return '"' + std::to_string(version) + '"'; }

Result<std::int64_t> VersionSeen(const Request& request) {
    if (const json::Value* member = request.json.Find("version");
        member != nullptr && member->IsInt()) {
        return member->AsInt();
    }
    std::string_view tag = request.Header("if-match");
    if (tag.empty()) return Invalid("request.version_required");
    if (tag.size() > 2 && tag.front() == '"' && tag.back() == '"') {
        if (const auto version = text::ParseInt(tag.substr(1, tag.size() - 2))) return *version;
    }
    return Invalid("request.version_malformed");
}

Error VersionChanged(std::int64_t current) {
    return Error(ErrorKind::kPrecondition, "request.version_changed")
        .WithExtraJson("{\"current_version\":" + std::to_string(current) + "}");
}

bool MatchesTag(std::string_view if_none_match, std::string_view tag) {
    const auto strong = [](std::string_view text) {
        return text.substr(0, 2) == "W/" ? text.substr(2) : text;
    };
    if (TrimBlanks(if_none_match) == "*") return true;
    while (!if_none_match.empty()) {
        const std::size_t comma = if_none_match.find(',');
        if (strong(TrimBlanks(if_none_match.substr(0, comma))) == strong(tag)) return true;
        if_none_match =
            comma == if_none_match.npos ? std::string_view{} : if_none_match.substr(comma + 1);
    }
    return false;
}

}  // namespace mch::http
