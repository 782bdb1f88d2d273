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
using mch::json::Value;
using mch::json::Writer;

Schema GrantSchema() {
    return Schema::Object(
               {{"role", Schema::String().Min(1).Max(64), mch::kRequired},
                {"scope_kind", Schema::Enum({"all", "region_tree", "sector", "organisation_tree",
                                             "organisation", "self"})},
                {"region_id", Schema::Id().Nullable()},
                {"org_id", Schema::Id().Nullable()},
                {"sector", Schema::String().Max(64)}})
        .Named("Grant");
}

Schema UserSchema() {
    return Schema::Object({{"id", Schema::Id(), mch::kRequired},
                           {"account", Schema::String(), mch::kRequired},
                           {"name", Schema::String(), mch::kRequired},
                           {"phone", Schema::String(), mch::kRequired},
                           {"org_id", Schema::Id().Nullable(), mch::kRequired},
                           {"org_name", Schema::String(), mch::kRequired},
                           {"region_id", Schema::Id().Nullable(), mch::kRequired},
                           {"sector", Schema::String(), mch::kRequired},
                           {"language", Schema::String(), mch::kRequired},
                           {"status", Schema::Enum({"enabled", "disabled"}), mch::kRequired},
                           {"locked", Schema::Boolean(), mch::kRequired},
                           {"must_change_password", Schema::Boolean(), mch::kRequired},
                           {"last_login_at", Schema::Time().Nullable(), mch::kRequired},
                           {"roles", Schema::Array(GrantSchema()), mch::kRequired},
                           {"version", Schema::Integer(), mch::kRequired}})
        .Named("User");
}

Schema IssuedSchema() {
    return Schema::Object({{"user", UserSchema(), mch::kRequired},
                           {"initial_password", Schema::String(), mch::kRequired},
                           {"initial_password_expires_at", Schema::Time(), mch::kRequired}})
        .Named("IssuedPassword");
}

Schema UserBody(mch::Presence required) {
    std::vector<Schema::Property> properties = {{"name", Schema::String().Min(1).Max(50), required},
                                                {"phone", Schema::String().Max(20)},
                                                {"org_id", Schema::Id().Nullable()},
                                                {"region_id", Schema::Id().Nullable()},
                                                {"sector", Schema::String().Max(64)},
                                                {"language", Schema::Enum({"zh-CN", "en"})},
                                                {"roles", Schema::Array(GrantSchema()).Max(50)}};
    if (required == mch::kRequired) {
        properties.push_back({"account", Schema::String().Min(3).Max(32), mch::kRequired});
        return Schema::Object(std::move(properties)).Named("UserRequest");
    }
    properties.push_back({"version", Schema::Integer(), mch::kRequired});
    return Schema::Object(std::move(properties)).Named("UserUpdate");
}

std::vector<Grant> GrantsFrom(const Value& list) {
    std::vector<Grant> grants;
    for (const Value& item : list.AsArray()) {
        grants.push_back({item.String("role"), item.String("scope_kind"), item.Id("region_id"),
                          item.Id("org_id"), item.String("sector")});
    }
    return grants;
}

// Everything about a user that is read together.
struct UserDetails {
    UserRow row;
    std::vector<Grant> grants;
    bool locked = false;
};

mch::Result<void> WriteUser(Writer& json, Parts& parts, const UserDetails& user) {
    MCH_TRY(const auto phone,
            parts.personal_data->Open("identity_user.phone", user.row.phone_sealed));
    const UserRow& u = user.row;
    json.BeginObject().IdField("id", u.id).Field("account", u.account).Field("name", u.name);
    json.Field("phone", MaskPhone(phone)).IdField("org_id", u.org_id).Field("org_name", u.org_name);
    json.IdField("region_id", u.region_id).Field("sector", u.sector);
    json.Field("language", u.language).Field("status", u.status).Field("locked", user.locked);
    json.Field("must_change_password", u.must_change_password);
    json.TimeField("last_login_at", u.last_login_at).Key("roles").BeginArray();
    for (const Grant& grant : user.grants) {
        json.BeginObject().Field("role", grant.role).Field("scope_kind", grant.scope_kind);
        json.IdField("region_id", grant.region_id).IdField("org_id", grant.org_id);
        json.Field("sector", grant.sector).EndObject();
    }
    json.EndArray().Field("version", u.version).EndObject();
    return {};
}

mch::Result<UserDetails> Details(Parts& parts, Reader& reader, UserRow row) {
    UserDetails user;
    MCH_TRY(user.grants, GrantsOf(reader, row.id));
    MCH_TRY(const auto subject, AccountSubject(parts.runtime, row.account));
    MCH_TRY(const Lockout lockout, FindLockout(reader, subject));
    user.locked = lockout.LockedAt(parts.runtime.clock().Now());
    user.row = std::move(row);
    return user;
}

mch::Result<Response> AnswerUser(Parts& parts, Context& ctx, mch::Id id, int status,
                                 const IssuedPassword* issued) {
    MCH_TRY(const auto user, parts.runtime.database().Read(
                                 ctx.deadline(), [&](Reader& reader) -> mch::Result<UserDetails> {
                                     MCH_TRY(auto row, FindUser(reader, id));
                                     if (!row) return mch::NotFound("identity.user.not_found");
                                     return Details(parts, reader, std::move(*row));
                                 }));
    Writer json;
    if (issued != nullptr) json.BeginObject().Key("user");
    MCH_CHECK(WriteUser(json, parts, user));
    if (issued != nullptr) {
        json.Field("initial_password", issued->password);
        json.Field("initial_password_expires_at", issued->expires_at).EndObject();
    }
    return Response::Json(status, json.Take());
}

Route Make(std::string method, std::string pattern, std::string summary, std::string permission,
           std::string audit_action) {
    Route route;
    route.method = std::move(method);
    route.pattern = "/api/v1" + std::move(pattern);
    route.summary = std::move(summary);
    route.permission = std::move(permission);
    route.audit_action = std::move(audit_action);
    return route;
}

std::vector<mch::http::QueryParameter> ListQuery() {
    return {{"q", Schema::String(), "part of a name or code"},
            {"cursor", Schema::String(), "next_cursor of the page before"},
            {"limit", Schema::Integer(), "1 to 100, default 20"}};
}

void AddLists(mch::app::ModuleContext& context, const std::shared_ptr<Parts>& parts) {
    Route users = Make("GET", "/users", "Users in the reader's scope", "identity:user:list", "");
    users.query = ListQuery();
    users.response = ListSchema(UserSchema());
    users.handler = [parts](const Request& request, Context& ctx) -> mch::Result<Response> {
        MCH_TRY(const auto after, QueryNumber(request, "cursor"));
        MCH_TRY(const int limit, QueryLimit(request));
        std::vector<UserDetails> found;
        MCH_CHECK(parts->runtime.database().Read(
            ctx.deadline(), [&](Reader& reader) -> mch::Result<void> {
                MCH_TRY(auto rows, ListUsers(reader, ScopePredicate(ctx.principal, "u"),
                                             request.Query("q").value_or(""), after, limit + 1));
                for (UserRow& row : rows) {
                    MCH_TRY(auto user, Details(*parts, reader, std::move(row)));
                    found.push_back(std::move(user));
                }
                return {};
            }));
        const bool more = found.size() > static_cast<std::size_t>(limit);
        if (more) found.pop_back();
        Writer json;
        json.BeginObject().Key("items").BeginArray();
        for (const UserDetails& user : found) MCH_CHECK(WriteUser(json, *parts, user));
        json.EndArray().Key("next_cursor").Id(more ? found.back().row.id : 0).EndObject();
        return Response::Json(200, json.Take());
    };
    context.routes.Add(std::move(users));

    Route orgs = Make("GET", "/organisations", "Organisations", "identity:org:list", "");
    orgs.query = ListQuery();
    orgs.response =
        ListSchema(Schema::Object({{"id", Schema::Id(), mch::kRequired},
                                   {"parent_id", Schema::Id().Nullable(), mch::kRequired},
                                   {"code", Schema::String(), mch::kRequired},
                                   {"name", Schema::String(), mch::kRequired},
                                   {"kind", Schema::String(), mch::kRequired},
                                   {"region_id", Schema::Id().Nullable(), mch::kRequired},
                                   {"sector", Schema::String(), mch::kRequired},
                                   {"status", Schema::String(), mch::kRequired}})
                       .Named("Organisation"));
    orgs.handler = [parts](const Request& request, Context& ctx) -> mch::Result<Response> {
        MCH_TRY(const auto after, QueryNumber(request, "cursor"));
        MCH_TRY(const int limit, QueryLimit(request));
        ScopeColumns columns;
        columns.org_id = "id";
        MCH_TRY(auto rows, parts->runtime.database().Read(ctx.deadline(), [&](Reader& reader) {
            return ListOrganisations(reader, ScopePredicate(ctx.principal, "o", columns),
                                     request.Query("q").value_or(""), after, limit + 1);
        }));
        const bool more = rows.size() > static_cast<std::size_t>(limit);
        if (more) rows.pop_back();
        Writer json;
        json.BeginObject().Key("items").BeginArray();
        for (const OrganisationRow& o : rows) {
            json.BeginObject().IdField("id", o.id).IdField("parent_id", o.parent_id);
            json.Field("code", o.code).Field("name", o.name).Field("kind", o.kind);
            json.IdField("region_id", o.region_id).Field("sector", o.sector);
            json.Field("status", o.status).EndObject();
        }
        json.EndArray().Key("next_cursor").Id(more ? rows.back().id : 0).EndObject();
        return Response::Json(200, json.Take());
    };
    context.routes.Add(std::move(orgs));

    Route roles = Make("GET", "/roles", "Roles with their permissions", "identity:role:list", "");
    roles.response = ListSchema(
        Schema::Object({{"code", Schema::String(), mch::kRequired},
                        {"name", Schema::String(), mch::kRequired},
                        {"scope_kind", Schema::String(), mch::kRequired},
                        {"exclusive", Schema::Boolean(), mch::kRequired},
                        {"permissions", Schema::Array(Schema::String()), mch::kRequired}})
            .Named("Role"));
    roles.handler = [parts](const Request&, Context& ctx) -> mch::Result<Response> {
        MCH_TRY(const auto rows, parts->runtime.database().Read(ctx.deadline(), [](Reader& reader) {
            return ListRoles(reader);
        }));
        Writer json;
        json.BeginObject().Key("items").BeginArray();
        for (const Role& role : rows) {
            json.BeginObject().Field("code", role.code);
            json.Field("name", NameIn(ctx.language, role.name_zh, role.name_en));
            json.Field("scope_kind", role.scope_kind).Field("exclusive", role.exclusive);
            json.Key("permissions").BeginArray();
            for (const std::string& permission : role.permissions) json.String(permission);
            json.EndArray().EndObject();
        }
        json.EndArray().Key("next_cursor").Null().EndObject();
        return Response::Json(200, json.Take());
    };
    context.routes.Add(std::move(roles));
}

void AddUserWrites(mch::app::ModuleContext& context, const std::shared_ptr<Parts>& parts,
                   const std::shared_ptr<Accounts>& accounts) {
    Route create = Make("POST", "/users", "Create a user; the initial password is answered once",
                        "identity:user:create", "user.create");
    create.request = UserBody(mch::kRequired);
    create.response = IssuedSchema();
    create.pool = Pool::kHash;
    create.handler = [parts, accounts](const Request& request,
                                       Context& ctx) -> mch::Result<Response> {
        const Value& body = request.json;
        UserInput input;
        input.account = body.String("account");
        input.name = body.String("name");
        input.phone = body.String("phone");
        input.org_id = body.Id("org_id");
        input.region_id = body.Id("region_id");
        input.sector = body.String("sector");
        input.language = body.String("language", "zh-CN");
        if (body.Has("roles")) input.grants = GrantsFrom(*body.Find("roles"));
        MCH_TRY(const auto issued, accounts->CreateUser(CallerOf(ctx), std::move(input)));
        return AnswerUser(*parts, ctx, issued.user_id, 201, &issued);
    };
    context.routes.Add(std::move(create));

    Route update =
        Make("PATCH", "/users/{id}", "Change a user", "identity:user:update", "user.update");
    update.request = UserBody(mch::kOptional);
    update.response = UserSchema();
    update.handler = [parts, accounts](const Request& request,
                                       Context& ctx) -> mch::Result<Response> {
        MCH_TRY(const auto id, request.PathId("id"));
        const Value& body = request.json;
        UserUpdate wanted;
        if (body.Has("name")) wanted.name = body.String("name");
        if (body.Find("phone") != nullptr) wanted.phone = body.String("phone");
        if (body.Find("org_id") != nullptr) wanted.org_id = body.Id("org_id");
        if (body.Find("region_id") != nullptr) wanted.region_id = body.Id("region_id");
        if (body.Find("sector") != nullptr) wanted.sector = body.String("sector");
        if (body.Has("language")) wanted.language = body.String("language");
        if (body.Has("roles")) wanted.grants = GrantsFrom(*body.Find("roles"));
        wanted.version = body.Int("version");
        MCH_CHECK(accounts->Update(CallerOf(ctx), id, wanted));
        return AnswerUser(*parts, ctx, id, 200, nullptr);
    };
    context.routes.Add(std::move(update));

    Route reset =
        Make("POST", "/users/{id}/password-reset", "Issue a password for one use, answered once",
             "identity:user:reset", "user.password_reset");
    reset.response = IssuedSchema();
    reset.pool = Pool::kHash;
    reset.handler = [parts, accounts](const Request& request,
                                      Context& ctx) -> mch::Result<Response> {
        MCH_TRY(const auto id, request.PathId("id"));
        MCH_TRY(const auto issued, accounts->ResetPassword(CallerOf(ctx), id));
        return AnswerUser(*parts, ctx, id, 200, &issued);
    };
    context.routes.Add(std::move(reset));

    using Action = std::function<mch::Result<void>(const Caller&, mch::Id)>;
    const auto add_action = [&](std::string name, std::string summary, Action action) {
        Route route = Make("POST", "/users/{id}/" + name, std::move(summary),
                           "identity:user:update", "user." + name);
        route.response = UserSchema();
        route.handler = [parts, action = std::move(action)](const Request& request,
                                                            Context& ctx) -> mch::Result<Response> {
            MCH_TRY(const auto id, request.PathId("id"));
            MCH_CHECK(action(CallerOf(ctx), id));
            return AnswerUser(*parts, ctx, id, 200, nullptr);
        };
        context.routes.Add(std::move(route));
    };
    add_action("disable", "Disable a user; sessions and tokens end",
               [accounts](const auto& c, auto id) {
                   return accounts->SetStatus(c, id, UserStatus::kDisabled);
               });
    add_action("enable", "Enable a user", [accounts](const auto& c, auto id) {
        return accounts->SetStatus(c, id, UserStatus::kEnabled);
    });
    add_action("unlock", "End the lock after failed logins",
               [accounts](const auto& c, auto id) { return accounts->Unlock(c, id); });
}

}  // namespace

void AddAdministrationRoutes(mch::app::ModuleContext& context, std::shared_ptr<Parts> parts) {
    AddLists(context, parts);
    AddUserWrites(context, parts, std::make_shared<Accounts>(*parts));
}

}  // namespace anlan::identity
