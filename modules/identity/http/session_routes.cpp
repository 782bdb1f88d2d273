#include <algorithm>

#include "mch/base/text.h"
#include "modules/identity/http/routes.h"
#include "modules/identity/http/views.h"

namespace anlan::identity {

namespace {

using mch::Schema;
using mch::http::Context;
using mch::http::Pool;
using mch::http::Request;
using mch::http::Response;
using mch::http::Route;

std::string SetCookie(const Request& request, std::string_view token, std::int64_t max_age_s) {
    std::string cookie =
        std::string(Sessions::CookieName(request)) + "=" + std::string(token) +
        "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(max_age_s);
    if (request.scheme == "https") cookie += "; Secure";
    return cookie;
}

// Login has no session yet whose CSRF rule the dispatcher could apply.
mch::Result<void> CheckOrigin(const Request& request) {
    const std::string_view origin = request.Header("origin");
    if (origin.empty()) return {};
    const std::string_view host = request.Header("host");
    if (origin == request.scheme + "://" + std::string(host)) return {};
    return mch::Forbidden("csrf.refused", "origin " + std::string(origin));
}

Route Make(std::string method, std::string pattern, std::string summary, std::string permission) {
    Route route;
    route.method = std::move(method);
    route.pattern = "/api/v1" + std::move(pattern);
    route.summary = std::move(summary);
    route.permission = std::move(permission);
    return route;
}

Schema TokenSchema() {
    return Schema::Object({{"id", Schema::Id(), mch::kRequired},
                           {"name", Schema::String(), mch::kRequired},
                           {"permissions", Schema::Array(Schema::String()), mch::kRequired},
                           {"created_at", Schema::Time(), mch::kRequired},
                           {"expires_at", Schema::Time(), mch::kRequired},
                           {"last_used_at", Schema::Time().Nullable(), mch::kRequired},
                           {"token", Schema::String()}})
        .Named("Token");
}

void WriteToken(mch::json::Writer& json, const TokenRow& row, std::string_view text) {
    json.BeginObject().IdField("id", row.id).Field("name", row.name);
    json.Key("permissions").BeginArray();
    for (const auto permission : mch::text::Split(row.permissions, ' ')) {
        if (!permission.empty()) json.String(permission);
    }
    json.EndArray().Field("created_at", row.created_at).Field("expires_at", row.expires_at);
    json.TimeField("last_used_at", row.last_used_at);
    if (!text.empty()) json.Field("token", text);
    json.EndObject();
}

void AddSession(mch::app::ModuleContext& context, const std::shared_ptr<Parts>& parts,
                const std::shared_ptr<Sessions>& sessions) {
    const mch::Catalogue& messages = context.messages;

    Route login = Make("POST", "/session", "Log in", std::string(mch::http::kPublic));
    login.request = Schema::Object({{"account", Schema::String().Min(1).Max(64), mch::kRequired},
                                    {"password", Schema::Secret().Min(1).Max(256), mch::kRequired}})
                        .Named("LoginRequest");
    login.response = SessionViewSchema();
    login.pool = Pool::kHash;
    login.audit_action = "session.begin";
    login.allow_before_password_change = true;
    login.handler = [parts, sessions, &messages](const Request& request,
                                                 Context& ctx) -> mch::Result<Response> {
        MCH_CHECK(CheckOrigin(request));
        MCH_TRY(const OpenedSession opened,
                sessions->Login(
                    ctx, {request.json.String("account"), request.json.String("password"),
                          request.client_address, std::string(request.Header("user-agent"))}));
        MCH_TRY(auto view, SessionView(*parts, messages, ctx, opened.principal, &opened.session));
        return Response::Json(200, std::move(view))
            .Header("set-cookie", SetCookie(request, opened.token, kAbsoluteMs / 1000));
    };
    context.routes.Add(std::move(login));

    Route read = Make("GET", "/session", "Who is signed in", std::string(mch::http::kPublic));
    read.response = SessionViewSchema();
    read.allow_before_password_change = true;
    read.handler = [parts, sessions, &messages](const Request& request,
                                                Context& ctx) -> mch::Result<Response> {
        if (ctx.principal.user_id == 0) {
            mch::json::Writer extra;
            extra.BeginObject();
            extra.Field("product_title", ProductTitle(*parts, messages, ctx.language)).EndObject();
            return mch::Error(mch::ErrorKind::kUnauthenticated, "session.none")
                .WithExtraJson(extra.Take());
        }
        std::optional<SessionRow> session;
        if (ctx.principal.cookie_session) {
            MCH_TRY(session, parts->runtime.database().Read(ctx.deadline(), [&](Reader& reader) {
                return sessions->SessionOf(reader, request);
            }));
        }
        MCH_TRY(auto view,
                SessionView(*parts, messages, ctx, ctx.principal, session ? &*session : nullptr));
        return Response::Json(200, std::move(view));
    };
    context.routes.Add(std::move(read));

    Route logout = Make("DELETE", "/session", "Log out", std::string(mch::http::kSignedIn));
    logout.audit_action = "session.end";
    logout.allow_before_password_change = true;
    logout.handler = [sessions](const Request& request, Context& ctx) -> mch::Result<Response> {
        MCH_CHECK(sessions->Logout(ctx));
        return Response::NoContent().Header("set-cookie", SetCookie(request, "", 0));
    };
    context.routes.Add(std::move(logout));

    Route password = Make("PUT", "/session/password", "Change the own password",
                          std::string(mch::http::kSignedIn));
    password.request =
        Schema::Object({{"current_password", Schema::Secret().Min(1).Max(256), mch::kRequired},
                        {"new_password", Schema::Secret().Min(1).Max(256), mch::kRequired}})
            .Named("PasswordChange");
    password.response = SessionViewSchema();
    password.pool = Pool::kHash;
    password.audit_action = "session.password";
    password.allow_before_password_change = true;
    password.handler = [parts, sessions, &messages](const Request& request,
                                                    Context& ctx) -> mch::Result<Response> {
        MCH_TRY(const OpenedSession opened,
                sessions->ChangePassword(ctx, request.json.String("current_password"),
                                         request.json.String("new_password"),
                                         request.Header("user-agent")));
        MCH_TRY(auto view, SessionView(*parts, messages, ctx, opened.principal, &opened.session));
        return Response::Json(200, std::move(view))
            .Header("set-cookie", SetCookie(request, opened.token, kAbsoluteMs / 1000));
    };
    context.routes.Add(std::move(password));

    Route preferences = Make("PUT", "/session/preferences", "Language and theme of the user",
                             std::string(mch::http::kSignedIn));
    preferences.request = Schema::Object({{"language", Schema::Enum({"zh-CN", "en"})},
                                          {"theme", Schema::Enum({"light", "dark", "system"})}})
                              .Named("Preferences");
    preferences.audit_action = "session.preferences";
    preferences.allow_before_password_change = true;
    preferences.handler = [sessions](const Request& request,
                                     Context& ctx) -> mch::Result<Response> {
        MCH_CHECK(sessions->SetPreferences(ctx, request.json.String("language"),
                                           request.json.String("theme")));
        return Response::NoContent();
    };
    context.routes.Add(std::move(preferences));
}

void AddTokens(mch::app::ModuleContext& context, const std::shared_ptr<Parts>& parts,
               const std::shared_ptr<Sessions>& sessions) {
    Route list = Make("GET", "/tokens", "Own bearer tokens", std::string(mch::http::kSignedIn));
    list.response = ListSchema(TokenSchema());
    list.handler = [parts](const Request&, Context& ctx) -> mch::Result<Response> {
        MCH_TRY(const auto tokens,
                parts->runtime.database().Read(ctx.deadline(), [&](Reader& reader) {
                    return ListTokens(reader, ctx.principal.user_id);
                }));
        mch::json::Writer json;
        json.BeginObject().Key("items").BeginArray();
        for (const TokenRow& row : tokens) WriteToken(json, row, "");
        json.EndArray().Key("next_cursor").Null().EndObject();
        return Response::Json(200, json.Take());
    };
    context.routes.Add(std::move(list));

    Route create = Make("POST", "/tokens", "Make a bearer token; its text is answered once",
                        std::string(mch::http::kSignedIn));
    create.request =
        Schema::Object({{"name", Schema::String().Min(1).Max(100), mch::kRequired},
                        {"expires_on", Schema::Date(), mch::kRequired},
                        {"permissions", Schema::Array(Schema::String().Max(100)).Max(100)}})
            .Named("TokenRequest");
    create.response = TokenSchema();
    create.audit_action = "token.create";
    create.handler = [parts, sessions](const Request& request,
                                       Context& ctx) -> mch::Result<Response> {
        MCH_TRY(const auto day, mch::ParseDate(request.json.String("expires_on")));
        // Valid until that day ends in the installation's zone.
        const mch::TimeMs expires =
            (day + 1) * 24 * 3600'000 -
            static_cast<std::int64_t>(parts->runtime.zone_minutes()) * 60'000;
        std::vector<std::string> permissions;
        if (const auto* asked = request.json.Find("permissions");
            asked != nullptr && asked->IsArray()) {
            for (const auto& item : asked->AsArray()) permissions.push_back(item.AsString());
        }
        MCH_TRY(const auto made,
                sessions->CreateToken(ctx, request.json.String("name"), permissions, expires));
        mch::json::Writer json;
        WriteToken(json, made.row, made.text);
        return Response::Json(201, json.Take());
    };
    context.routes.Add(std::move(create));

    Route revoke = Make("DELETE", "/tokens/{id}", "Revoke an own bearer token",
                        std::string(mch::http::kSignedIn));
    revoke.audit_action = "token.revoke";
    revoke.handler = [sessions](const Request& request, Context& ctx) -> mch::Result<Response> {
        MCH_TRY(const auto id, request.PathId("id"));
        MCH_CHECK(sessions->RevokeOwnToken(ctx, id));
        return Response::NoContent();
    };
    context.routes.Add(std::move(revoke));
}

}  // namespace

void AddSessionRoutes(mch::app::ModuleContext& context, std::shared_ptr<Parts> parts,
                      std::shared_ptr<Sessions> sessions) {
    AddSession(context, parts, sessions);
    AddTokens(context, parts, sessions);
}

}  // namespace anlan::identity
