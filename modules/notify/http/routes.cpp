#include "modules/notify/http/routes.h"

#include <limits>
#include <optional>
#include <utility>

#include "mch/base/json.h"
#include "mch/base/text.h"
#include "modules/audit/api/audit.h"

namespace anlan::notify {
namespace {

using mch::Schema;
using mch::http::Context;
using mch::http::Request;
using mch::http::Response;

constexpr std::string_view kPermission = "notify:notice:list";

constexpr std::string_view kList =
    "SELECT id, title_code, title_params, body_code, body_params, link, created_at, read_at "
    "FROM notify_notice WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT ?";
constexpr std::string_view kListUnread =
    "SELECT id, title_code, title_params, body_code, body_params, link, created_at, read_at "
    "FROM notify_notice WHERE user_id = ? AND id < ? AND read_at IS NULL "
    "ORDER BY id DESC LIMIT ?";
constexpr std::string_view kCount =
    "SELECT COUNT(*) FROM notify_notice WHERE user_id = ? AND read_at IS NULL";
constexpr std::string_view kFind = "SELECT read_at FROM notify_notice WHERE id = ? AND user_id = ?";
constexpr std::string_view kMarkRead =
    "UPDATE notify_notice SET read_at = ? WHERE id = ? AND user_id = ? AND read_at IS NULL";

Schema NoticeSchema() {
    return Schema::Object({{"id", Schema::Id(), mch::kRequired},
                           {"title", Schema::String(), mch::kRequired},
                           {"body", Schema::String(), mch::kRequired},
                           {"link", Schema::String(), mch::kRequired},
                           {"at", Schema::Time(), mch::kRequired},
                           {"read_at", Schema::Time().Nullable(), mch::kRequired}})
        .Named("Notice");
}

class Handlers {
  public:
    Handlers(mch::app::ModuleContext& context, std::shared_ptr<const OutboxService> outbox)
        : runtime_(context.runtime),
          messages_(context.messages),
          audit_(context.Get<audit::AuditLog>()),
          outbox_(std::move(outbox)) {}

    mch::Result<Response> List(const Request& request, Context& context) {
        mch::Id before = std::numeric_limits<mch::Id>::max();
        if (const auto cursor = request.Query("cursor"); cursor && !cursor->empty()) {
            auto id = mch::ParseId(*cursor);
            if (!id) {
                return mch::InvalidField("cursor", "field.format", {{"expected", "@type.id"}});
            }
            before = *id;
        }
        std::int64_t limit = 20;
        if (const auto text = request.Query("limit"); text && !text->empty()) {
            const auto value = mch::text::ParseInt(*text);
            if (!value || *value < 1) {
                return mch::InvalidField("limit", "field.too_small", {{"min", "1"}});
            }
            if (*value > 100) {
                return mch::InvalidField("limit", "field.too_large", {{"max", "100"}});
            }
            limit = *value;
        }
        const bool unread = request.Query("unread").value_or("") == "true";
        MCH_TRY(const mch::db::Rows rows,
                runtime_.database().Read(context.deadline(), [&](mch::db::Reader& reader) {
                    return reader.Query(unread ? kListUnread : kList,
                                        {context.principal.user_id, before, limit + 1});
                }));
        mch::json::Writer out;
        out.BeginObject().Key("items").BeginArray();
        const std::size_t shown = std::min(rows.size(), static_cast<std::size_t>(limit));
        for (std::size_t i = 0; i < shown; ++i) WriteNotice(out, rows[i], context.language);
        out.EndArray().Key("next_cursor");
        if (rows.size() > shown) {
            out.String(mch::FormatId(rows[shown - 1].Int(0)));
        } else {
            out.Null();
        }
        out.EndObject();
        return Response::Json(200, out.Take());
    }

    mch::Result<Response> Count(const Request&, Context& context) {
        MCH_TRY(const mch::db::Row row,
                runtime_.database().Read(context.deadline(), [&](mch::db::Reader& reader) {
                    return reader.QueryOne(kCount, {context.principal.user_id},
                                           "notify.notice.not_found");
                }));
        mch::json::Writer out;
        out.BeginObject().Field("unread", row.Int(0)).EndObject();
        return Response::Json(200, out.Take());
    }

    mch::Result<Response> MarkRead(const Request& request, Context& context) {
        MCH_TRY(const mch::Id id, request.PathId("id"));
        MCH_CHECK(runtime_.database().Write(
            context.deadline(), [&](mch::db::Transaction& tx) -> mch::Result<void> {
                const mch::Id user_id = context.principal.user_id;
                MCH_CHECK(tx.QueryOne(kFind, {id, user_id}, "notify.notice.not_found"));
                MCH_TRY(const std::int64_t changed,
                        tx.Execute(kMarkRead, {runtime_.clock().Now(), id, user_id}));
                if (changed == 0) return {};
                return audit_->Append(tx, context,
                                      {.action = "notify.notice.read",
                                       .object_type = "notice",
                                       .object_id = id,
                                       .region_id = context.principal.region_id,
                                       .org_id = context.principal.org_id});
            }));
        return Response::NoContent();
    }

    mch::Result<Response> Live(const Request& request, Context& context) {
        Response response;
        mch::http::Subscription subscription;
        subscription.topics = outbox_->TopicsFor(context.principal);
        subscription.user_id = context.principal.user_id;
        subscription.last_event_id = request.Header("last-event-id");
        response.stream = std::move(subscription);
        return response;
    }

  private:
    void WriteNotice(mch::json::Writer& out, const mch::db::Row& row, std::string_view language) {
        const std::string body_code = row.Text(3);
        out.BeginObject()
            .IdField("id", row.Int(0))
            .Field("title", messages_.Text(language, row.Text(1), ParamsFromJson(row.Text(2))))
            .Field("body", body_code.empty()
                               ? std::string()
                               : messages_.Text(language, body_code, ParamsFromJson(row.Text(4))))
            .Field("link", row.Text(5))
            .TimeField("at", row.Int(6))
            .TimeField("read_at", row.Int(7))
            .EndObject();
    }

    mch::app::Runtime& runtime_;
    const mch::Catalogue& messages_;
    std::shared_ptr<audit::AuditLog> audit_;
    std::shared_ptr<const OutboxService> outbox_;
};

mch::http::Route Declare(std::string method, std::string pattern, std::string summary) {
    mch::http::Route route;
    route.method = std::move(method);
    route.pattern = std::move(pattern);
    route.summary = std::move(summary);
    route.permission = kPermission;
    return route;
}

}  // namespace

void AddRoutes(mch::app::ModuleContext& context, std::shared_ptr<const OutboxService> outbox) {
    // Shared by the handlers, which the router owns.
    auto handlers = std::make_shared<Handlers>(context, std::move(outbox));

    auto list = Declare("GET", "/api/v1/notices", "One's own notices, newest first.");
    list.response = Schema::Object({{"items", Schema::Array(NoticeSchema()), mch::kRequired},
                                    {"next_cursor", Schema::String().Nullable()}})
                        .Named("NoticeList");
    list.query = {{"unread", Schema::Boolean(), "Only those not read yet."},
                  {"cursor", Schema::String(), "next_cursor of the page before."},
                  {"limit", Schema::Integer().Range(1, 100), "Rows of a page, 20 by default."}};
    list.handler = [handlers](const Request& r, Context& c) { return handlers->List(r, c); };
    context.routes.Add(std::move(list));

    auto count = Declare("GET", "/api/v1/notices/count", "How many notices are not read yet.");
    count.response =
        Schema::Object({{"unread", Schema::Integer(), mch::kRequired}}).Named("NoticeCount");
    count.handler = [handlers](const Request& r, Context& c) { return handlers->Count(r, c); };
    context.routes.Add(std::move(count));

    auto read = Declare("POST", "/api/v1/notices/{id}/read", "Marks one of one's notices as read.");
    read.audit_action = "notify.notice.read";
    read.handler = [handlers](const Request& r, Context& c) { return handlers->MarkRead(r, c); };
    context.routes.Add(std::move(read));

    auto live =
        Declare("GET", "/api/v1/live",
                "Server-sent events: hints that something changed (ids and versions only).");
    live.permission = mch::http::kSignedIn;
    live.handler = [handlers](const Request& r, Context& c) { return handlers->Live(r, c); };
    context.routes.Add(std::move(live));
}

}  // namespace anlan::notify
