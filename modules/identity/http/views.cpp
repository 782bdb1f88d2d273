#include "modules/identity/http/views.h"

#include <algorithm>

#include "mch/base/text.h"

namespace anlan::identity {

namespace {

using mch::Schema;

void WriteMenus(mch::json::Writer& json, const std::vector<MenuRow>& menus,
                const mch::http::Principal& principal, const std::string& language,
                std::string_view parent) {
    json.BeginArray();
    for (const MenuRow& menu : menus) {
        if (menu.parent_code != parent) continue;
        if (!menu.permission.empty() && !principal.Has(menu.permission)) continue;
        json.BeginObject().Field("code", menu.code);
        json.Field("name", NameIn(language, menu.name_zh, menu.name_en));
        json.Field("icon", menu.icon).Field("path", menu.path).Field("mobile", menu.mobile);
        json.Key("children");
        WriteMenus(json, menus, principal, language, menu.code);
        json.EndObject();
    }
    json.EndArray();
}

}  // namespace

Schema SessionViewSchema() {
    Schema menu = Schema::Object({{"code", Schema::String(), mch::kRequired},
                                  {"name", Schema::String(), mch::kRequired},
                                  {"icon", Schema::String(), mch::kRequired},
                                  {"path", Schema::String(), mch::kRequired},
                                  {"mobile", Schema::Boolean(), mch::kRequired},
                                  {"children", Schema::Array(Schema::Any()), mch::kRequired}})
                      .Named("Menu");
    Schema user = Schema::Object(
        {{"id", Schema::Id(), mch::kRequired},
         {"account", Schema::String(), mch::kRequired},
         {"name", Schema::String(), mch::kRequired},
         {"org_id", Schema::Id().Nullable(), mch::kRequired},
         {"org_name", Schema::String(), mch::kRequired},
         {"region_id", Schema::Id().Nullable(), mch::kRequired},
         {"region_name", Schema::String(), mch::kRequired},
         {"roles",
          Schema::Array(Schema::Object({{"code", Schema::String(), mch::kRequired},
                                        {"name", Schema::String(), mch::kRequired}})),
          mch::kRequired}});
    return Schema::Object({{"user", std::move(user), mch::kRequired},
                           {"permissions", Schema::Array(Schema::String()), mch::kRequired},
                           {"menus", Schema::Array(std::move(menu)), mch::kRequired},
                           {"must_change_password", Schema::Boolean(), mch::kRequired},
                           {"password_expires_at", Schema::Time(), mch::kRequired},
                           {"last_login",
                            Schema::Object({{"at", Schema::Time(), mch::kRequired},
                                            {"address", Schema::String(), mch::kRequired}})
                                .Nullable(),
                            mch::kRequired},
                           {"expires_at", Schema::Time().Nullable(), mch::kRequired},
                           {"idle_timeout_s", Schema::Integer(), mch::kRequired},
                           {"language", Schema::String(), mch::kRequired},
                           {"theme", Schema::String(), mch::kRequired},
                           {"product_title", Schema::String(), mch::kRequired}})
        .Named("SessionView");
}

Schema ListSchema(Schema item) {
    return Schema::Object({{"items", Schema::Array(std::move(item)), mch::kRequired},
                           {"next_cursor", Schema::String().Nullable(), mch::kRequired}});
}

const std::string& NameIn(const std::string& language, const std::string& zh,
                          const std::string& en) {
    return language == mch::Catalogue::kEnglish ? en : zh;
}

std::string ProductTitle(Parts& parts, const mch::Catalogue& messages,
                         const std::string& language) {
    const std::string title = parts.runtime.config().Text("title");
    return title.empty() ? messages.Text(language, "identity.product_title") : title;
}

mch::Result<std::string> SessionView(Parts& parts, const mch::Catalogue& messages,
                                     const mch::http::Context& context,
                                     const mch::http::Principal& principal,
                                     const SessionRow* session) {
    std::optional<UserRow> user;
    std::string region_name;
    std::vector<Role> roles;
    std::vector<MenuRow> menus;
    MCH_CHECK(
        parts.runtime.database().Read(context.deadline(), [&](Reader& reader) -> mch::Result<void> {
            MCH_TRY(user, FindUser(reader, principal.user_id));
            if (!user) return mch::Error(mch::ErrorKind::kUnauthenticated, "session.expired");
            MCH_TRY(region_name, NameOfRegion(reader, user->region_id));
            MCH_TRY(roles, ListRoles(reader));
            MCH_TRY(menus, ListMenus(reader));
            return {};
        }));
    const std::string& language = context.language;
    mch::json::Writer json;
    json.BeginObject().Key("user").BeginObject();
    json.IdField("id", user->id).Field("account", user->account).Field("name", user->name);
    json.IdField("org_id", user->org_id).Field("org_name", user->org_name);
    json.IdField("region_id", user->region_id).Field("region_name", region_name);
    json.Key("roles").BeginArray();
    for (const std::string& code : principal.roles) {
        const Role* role = FindRole(roles, code);
        json.BeginObject().Field("code", code);
        json.Field("name", role == nullptr ? code : NameIn(language, role->name_zh, role->name_en));
        json.EndObject();
    }
    json.EndArray().EndObject();
    json.Key("permissions").BeginArray();
    for (const std::string& permission : principal.permissions) json.String(permission);
    json.EndArray().Key("menus");
    WriteMenus(json, menus, principal, language, "");
    json.Field("must_change_password", principal.must_change_password);
    json.Field("password_expires_at",
               user->password_changed_at + parts.password_policy.lifetime_ms);
    json.Key("last_login");
    if (session != nullptr && session->previous_login_at != 0) {
        json.BeginObject().Field("at", session->previous_login_at);
        json.Field("address", session->previous_login_address).EndObject();
    } else {
        json.Null();
    }
    json.TimeField("expires_at", session == nullptr ? 0 : session->expires_at);
    json.Field("idle_timeout_s", Sessions::IdleMs(principal) / 1000);
    json.Field("language", user->language).Field("theme", user->theme);
    json.Field("product_title", ProductTitle(parts, messages, language)).EndObject();
    return json.Take();
}

mch::Result<std::int64_t> QueryNumber(const mch::http::Request& request, std::string_view name) {
    const auto text = request.Query(name);
    if (!text || text->empty()) return std::int64_t{0};
    const auto number = mch::text::ParseInt(*text);
    if (!number || *number < 0) {
        return mch::InvalidField(std::string(name), "field.format", {{"expected", "integer"}});
    }
    return *number;
}

mch::Result<int> QueryLimit(const mch::http::Request& request) {
    constexpr std::int64_t kDefault = 20;
    constexpr std::int64_t kMost = 100;
    MCH_TRY(const auto limit, QueryNumber(request, "limit"));
    return static_cast<int>(limit == 0 ? kDefault : std::min(limit, kMost));
}

}  // namespace anlan::identity
