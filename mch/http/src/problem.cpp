#include "problem.h"

#include "characters.h"
#include "mch/base/json.h"
#include "mch/base/text.h"

namespace mch::http {

int StatusOf(const Error& error) {
    switch (error.kind()) {
        case ErrorKind::kInvalid:
            return error.fields().empty() ? 400 : 422;
        case ErrorKind::kUnauthenticated:
            return 401;
        case ErrorKind::kForbidden:
            return 403;
        case ErrorKind::kNotFound:
            // The path is right but the method is not: the only code that decides.
            return error.code() == "request.method_not_allowed" ? 405 : 404;
        case ErrorKind::kConflict:
            return 409;
        case ErrorKind::kPrecondition:
            return 412;
        case ErrorKind::kTooLarge:
            return 413;
        case ErrorKind::kTooMany:
            return 429;
        case ErrorKind::kTimeout:
            return 504;
        case ErrorKind::kUnavailable:
            return 503;
        case ErrorKind::kUnsupported:
            return 415;
        case ErrorKind::kInternal:
            return 500;
    }
    return 500;
}

Response ProblemResponse(const Error& error, const Catalogue& catalogue, std::string_view language,
                         std::string_view trace_id) {
    const int status = StatusOf(error);
    const std::string sentence = catalogue.Text(language, error.code(), error.params());
    json::Writer w(512);
    w.BeginObject();
    w.Field("type", "urn:problem:" + error.code()).Field("title", sentence);
    w.Field("status", status).Field("code", error.code()).Field("detail", sentence);
    w.Field("trace_id", trace_id);
    if (!error.fields().empty()) {
        w.Key("fields").BeginArray();
        for (const FieldError& field : error.fields()) {
            w.BeginObject().Field("field", field.field).Field("code", field.code);
            w.Field("message", catalogue.Text(language, field.code, field.params));
            w.Key("params").BeginObject();
            for (const auto& [name, value] : field.params) w.Field(name, value);
            w.EndObject().EndObject();
        }
        w.EndArray();
    }
    for (const auto& [name, value] : error.params()) {
        // A parameter is a member too, so that a client need not read the sentence.
        constexpr std::string_view kOwn = " type title status code detail trace_id fields ";
        if (kOwn.find(" " + name + " ") == kOwn.npos) w.Field(name, value);
    }
    if (!error.extra_json().empty()) {
        if (const auto extra = json::Parse(error.extra_json()); extra && extra->IsObject()) {
            for (const auto& [name, value] : extra->AsObject()) w.Key(name).Write(value);
        }
    }
    w.EndObject();
    Response response;
    response.status = status;
    response.headers.emplace_back("Content-Type", "application/problem+json");
    response.headers.emplace_back("Content-Language", language);
    if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
    if (status == 503) response.headers.emplace_back("Retry-After", "2");
    response.body = w.Take();
    return response;
}

std::string_view ChooseLanguage(std::string_view accept_language) {
    double chinese = -1;
    double english = -1;
    double any = -1;
    while (!accept_language.empty()) {
        const std::size_t comma = accept_language.find(',');
        std::string_view item = TrimBlanks(accept_language.substr(0, comma));
        accept_language =
            comma == accept_language.npos ? std::string_view{} : accept_language.substr(comma + 1);
        double weight = 1;
        if (const std::size_t semicolon = item.find(';'); semicolon != item.npos) {
            const std::string_view parameter = TrimBlanks(item.substr(semicolon + 1));
            if (parameter.substr(0, 2) == "q=") {
                weight = text::ParseDouble(parameter.substr(2)).value_or(0);
            }
            item = TrimBlanks(item.substr(0, semicolon));
        }
        const std::string_view primary = item.substr(0, item.find('-'));
        double* const target = EqualsLower(primary, "zh")   ? &chinese
                               : EqualsLower(primary, "en") ? &english
                               : primary == "*"             ? &any
                                                            : nullptr;
        if (target != nullptr && weight > *target) *target = weight;
    }
    if (chinese < 0) chinese = any;
    if (english < 0) english = any;
    return english > 0 && english > chinese ? Catalogue::kEnglish : Catalogue::kChinese;
}

std::string_view ReasonPhrase(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "";
    }
}

}  // namespace mch::http
