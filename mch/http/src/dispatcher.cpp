#include "dispatcher.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>

#include "characters.h"
#include "mch/base/json.h"
#include "mch/base/text.h"
#include "mch/http/conditional.h"
#include "mch/log/log.h"
#include "problem.h"

namespace mch::http {
namespace {

bool IsSafe(std::string_view method) { return method == "GET" || method == "HEAD"; }

bool HasHeader(const Response& response, std::string_view lower_name) {
    for (const auto& [name, value] : response.headers) {
        if (EqualsLower(name, lower_name)) return true;
    }
    return false;
}

void SetDefault(Response& response, std::string_view lower_name, std::string_view name,
                std::string_view value) {
    if (!HasHeader(response, lower_name)) response.headers.emplace_back(name, value);
}

// Every answer of the API: never guessed at, never framed, never kept unless its route says so.
void AddSecurityHeaders(Response& response, std::string_view cache_control) {
    SetDefault(response, "cache-control", "Cache-Control", cache_control);
    SetDefault(response, "x-content-type-options", "X-Content-Type-Options", "nosniff");
    SetDefault(response, "referrer-policy", "Referrer-Policy", "no-referrer");
    SetDefault(response, "content-security-policy", "Content-Security-Policy",
               "default-src 'none'; frame-ancestors 'none'");
}

// Origin must name the host that the request was sent to. A browser sends it with every write.
bool IsSameOrigin(std::string_view origin, std::string_view host) {
    const std::size_t scheme = origin.find("://");
    return scheme != origin.npos && text::EqualsIgnoreCase(origin.substr(scheme + 3), host);
}

bool IsJson(std::string_view content_type) {
    const std::string_view type = TrimBlanks(content_type.substr(0, content_type.find(';')));
    return EqualsLower(type, "application/json");
}

Result<std::string> ReadWhole(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    std::string out;
    std::array<char, 16 * 1024> buffer;
    ssize_t n = -1;
    while (fd >= 0 && (n = read(fd, buffer.data(), buffer.size())) > 0) {
        out.append(buffer.data(), static_cast<std::size_t>(n));
    }
    const int saved = errno;
    if (fd >= 0) close(fd);
    if (n < 0) return Error(ErrorKind::kUnavailable, "server.storage", std::strerror(saved));
    return out;
}

}  // namespace

std::string_view Dispatcher::Language(const Job& job) const {
    return ChooseLanguage(job.request.Header("accept-language"));
}

Response Dispatcher::Refuse(const Error& error, const Job& job) const {
    Response response = ProblemResponse(error, catalogue_, Language(job), job.trace_id);
    AddSecurityHeaders(response, "no-store");
    const std::string_view route =
        job.route != nullptr ? std::string_view(job.route->pattern) : job.request.path;
    if (response.status >= 500) {
        MCH_LOG(kError, "request failed",
                {{"error", error.ToString()}, {"route", route}, {"trace", job.trace_id}});
    } else if (response.status == 403) {
        MCH_LOG(kWarn, "request refused",
                {{"error", error.ToString()},
                 {"method", job.request.method},
                 {"route", route},
                 {"account", job.principal.account},
                 {"client", job.request.client_address},
                 {"trace", job.trace_id}});
    } else {
        MCH_LOG(kInfo, "request refused",
                {{"error", error.ToString()}, {"route", route}, {"trace", job.trace_id}});
    }
    return response;
}

Response Dispatcher::Run(Job& job) const {
    Context context(clock_, *job.deadline);
    context.trace_id = job.trace_id;
    context.language = Language(job);
    context.client_address = job.request.client_address;
    context.route = job.route;
    // The first of the three catch walls: third-party code and bad_alloc end here.
    Result<Response> answer = Error(ErrorKind::kInternal, "server.internal");
    try {
        answer = Handle(job, context);
    } catch (const std::exception& e) {
        answer =
            Error(ErrorKind::kInternal, "server.internal", std::string("exception: ") + e.what());
    } catch (...) {
        answer = Error(ErrorKind::kInternal, "server.internal", "unknown exception");
    }
    if (job.principal.user_id == 0) job.principal = context.principal;
    if (!answer) return Refuse(answer.error(), job);

    Response response = std::move(*answer);
    AddSecurityHeaders(response,
                       job.route->method == "GET" ? job.route->cache_control : "no-store");
    if (response.status == 200 && IsSafe(job.request.method) && !response.stream) {
        const std::string_view seen = job.request.Header("if-none-match");
        for (const auto& [name, value] : response.headers) {
            if (seen.empty() || !EqualsLower(name, "etag") || !MatchesTag(seen, value)) continue;
            response.status = 304;
            response.body.clear();
            response.file_path.clear();
            break;
        }
    }
    return response;
}

Result<Response> Dispatcher::Handle(Job& job, Context& context) const {
    if (job.deadline->Passed()) {
        return Error(ErrorKind::kTimeout, "server.deadline", "waited too long for a thread");
    }
    MCH_CHECK(Authorise(job, context));
    MCH_CHECK(ReadBody(job));
    return job.route->handler(job.request, context);
}

Result<void> Dispatcher::Authorise(Job& job, Context& context) const {
    const Request& request = job.request;
    const Route& route = *job.route;
    const bool is_public = route.permission == kPublic;
    const bool has_credentials = request.HasHeader("cookie") || request.HasHeader("authorization");
    if (authenticator_ != nullptr && has_credentials && route.pool != Pool::kInline) {
        auto principal = authenticator_->Authenticate(request, context);
        // A stale cookie must not keep anybody from signing in.
        if (!principal && !is_public) return principal.error();
        if (principal) context.principal = std::move(*principal);
    }
    job.principal = context.principal;

    if (!IsSafe(request.method)) {
        const std::string_view origin = request.Header("origin");
        const bool foreign = !origin.empty() && !IsSameOrigin(origin, job.raw_host);
        const bool unmarked =
            context.principal.cookie_session && request.Header("x-anlan-request") != "1";
        if (foreign || unmarked) {
            return Forbidden("csrf.refused", foreign ? "foreign Origin" : "no X-Anlan-Request");
        }
    }
    if (is_public) return {};
    if (context.principal.user_id == 0) {
        return Error(ErrorKind::kUnauthenticated, "session.none");
    }
    if (context.principal.must_change_password && !route.allow_before_password_change) {
        return Forbidden("session.password_change_required");
    }
    if (route.permission != kSignedIn && !context.principal.Has(route.permission)) {
        return Forbidden("session.forbidden").With("permission", route.permission);
    }
    return {};
}

Result<void> Dispatcher::ReadBody(Job& job) const {
    const Route& route = *job.route;
    if (route.multipart || route.request.Empty()) return {};
    if (job.request.body.empty() && job.request.body_path.empty()) {
        return Invalid("request.body_required");
    }
    if (!IsJson(job.request.Header("content-type"))) {
        return Error(ErrorKind::kUnsupported, "request.media_type")
            .With("expected", "application/json");
    }
    std::string spooled;
    if (!job.request.body_path.empty()) {
        MCH_TRY(spooled, ReadWhole(job.request.body_path));
    }
    MCH_TRY(json::Value value,
            json::Parse(job.request.body_path.empty() ? job.request.body : spooled));
    MCH_TRY(job.request.json, route.request.Validate(std::move(value)));
    return {};
}

bool Dispatcher::StillAllowed(const Job& job) const {
    if (authenticator_ == nullptr || job.principal.user_id == 0) return true;
    Context context(clock_, Deadline(clock_, 5'000));
    context.trace_id = job.trace_id;
    context.client_address = job.request.client_address;
    context.route = job.route;
    try {
        const auto principal = authenticator_->Authenticate(job.request, context);
        if (!principal) {
            // A store that is away for a moment says nothing about the session.
            return principal.error().kind() == ErrorKind::kUnavailable ||
                   principal.error().kind() == ErrorKind::kTimeout;
        }
        return principal->user_id == job.principal.user_id &&
               (job.route->permission == kSignedIn || principal->Has(job.route->permission));
    } catch (const std::exception& e) {
        MCH_LOG(kError, "session check of a stream failed", {{"error", e.what()}});
        return false;
    }
}

}  // namespace mch::http
