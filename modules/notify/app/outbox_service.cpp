#include "modules/notify/app/outbox_service.h"

#include <set>

#include "mch/base/json.h"

namespace anlan::notify {
namespace {

constexpr std::int64_t kClaimMs = 60'000;
constexpr std::size_t kMaxEvent = 160;

constexpr std::string_view kWaiting =
    "SELECT id, recipient_id, fence FROM notify_outbox "
    "WHERE state = 'waiting' AND channel = 'in_app' AND claimed_until_at <= ? "
    "ORDER BY claimed_until_at, id LIMIT 200";

constexpr std::string_view kClaim =
    "UPDATE notify_outbox SET claimed_until_at = ?, fence = fence + 1 WHERE id = ? AND fence = ?";

constexpr std::string_view kFinish =
    "UPDATE notify_outbox SET state = 'done', delivered_at = ? "
    "WHERE id = ? AND fence = ? AND state = 'waiting'";

constexpr std::string_view kToNotice =
    "INSERT INTO notify_notice (id, outbox_id, user_id, title_code, title_params, body_code, "
    "body_params, link, created_at) "
    "SELECT ?, id, recipient_id, title_code, title_params, body_code, body_params, link, "
    "created_at FROM notify_outbox WHERE id = ?";

constexpr std::string_view kUnread =
    "SELECT COUNT(*) FROM notify_notice WHERE user_id = ? AND read_at IS NULL";

}  // namespace

std::string UserTopic(mch::Id user_id) { return "user:" + mch::FormatId(user_id); }

std::string ParamsToJson(const mch::ErrorParams& params) {
    mch::json::Writer out;
    out.BeginObject();
    for (const auto& [name, value] : params) out.Field(name, value);
    out.EndObject();
    return out.Take();
}

mch::ErrorParams ParamsFromJson(std::string_view json) {
    mch::ErrorParams params;
    const auto parsed = mch::json::Parse(json);
    if (!parsed || !parsed->IsObject()) return params;
    for (const auto& [name, value] : parsed->AsObject()) {
        if (value.IsString()) params.emplace_back(name, value.AsString());
    }
    return params;
}

mch::Result<void> OutboxService::Add(mch::db::Transaction& tx, const Message& message) const {
    if (message.event.empty() || message.event.size() > kMaxEvent || message.channel != "in_app" ||
        message.title_code.empty()) {
        return mch::Internal("notify.message_invalid", message.event);
    }
    const std::string insert = tx.dialect().InsertIgnore(
        "notify_outbox",
        {"id", "event", "recipient_id", "channel", "title_code", "title_params", "body_code",
         "body_params", "link", "state", "claimed_until_at", "fence", "created_at"});
    const std::string title_params = ParamsToJson(message.title_params);
    const std::string body_params = ParamsToJson(message.body_params);
    const std::set<mch::Id> recipients(message.recipients.begin(), message.recipients.end());
    for (const mch::Id recipient : recipients) {
        if (recipient == 0) continue;
        MCH_CHECK(
            tx.Execute(insert, {runtime_.ids().Next(), message.event, recipient, message.channel,
                                message.title_code, title_params, message.body_code, body_params,
                                message.link, "waiting", 0, 0, runtime_.clock().Now()}));
    }
    return {};
}

void OutboxService::Hint(mch::db::Transaction& tx, std::string_view topic, mch::Id id,
                         std::int64_t version) const {
    mch::json::Writer data;
    data.BeginObject().IdField("id", id).Field("version", version).EndObject();
    mch::http::LiveEvent event{std::string(topic), std::string(topic), data.Take(),
                               mch::FormatId(runtime_.ids().Next())};
    tx.AfterCommit([this, event] { runtime_.live().Publish(event); });
}

void OutboxService::AllowTopic(std::string topic, std::string permission) {
    topics_.emplace_back(std::move(topic), std::move(permission));
}

std::vector<std::string> OutboxService::TopicsFor(const mch::http::Principal& principal) const {
    std::vector<std::string> topics = {UserTopic(principal.user_id)};
    for (const auto& [topic, permission] : topics_) {
        if (principal.Has(permission)) topics.push_back(topic);
    }
    return topics;
}

mch::Result<void> OutboxService::Deliver(const mch::Deadline& deadline) const {
    MCH_TRY(const std::vector<Claim> claims, ClaimWaiting(deadline));
    for (const Claim& claim : claims) {
        if (deadline.Passed()) break;  // the claims of the rest run out and are taken again
        MCH_CHECK(DeliverOne(deadline, claim));
    }
    return {};
}

mch::Result<std::vector<OutboxService::Claim>> OutboxService::ClaimWaiting(
    const mch::Deadline& deadline) const {
    const mch::TimeMs now = runtime_.clock().Now();
    // Most of the time nothing waits: look without the write lock first.
    MCH_TRY(const mch::db::Rows waiting,
            runtime_.database().Read(
                deadline, [&](mch::db::Reader& reader) { return reader.Query(kWaiting, {now}); }));
    if (waiting.empty()) return std::vector<Claim>{};
    return runtime_.database().Write(
        deadline, [&](mch::db::Transaction& tx) -> mch::Result<std::vector<Claim>> {
            std::vector<Claim> claims;
            for (const mch::db::Row& row : waiting) {
                MCH_TRY(const std::int64_t changed,
                        tx.Execute(kClaim, {now + kClaimMs, row.Int(0), row.Int(2)}));
                if (changed == 1) claims.push_back({row.Int(0), row.Int(1), row.Int(2) + 1});
            }
            return claims;
        });
}

mch::Result<bool> OutboxService::DeliverOne(const mch::Deadline& deadline,
                                            const Claim& claim) const {
    return runtime_.database().Write(deadline, [&](mch::db::Transaction& tx) -> mch::Result<bool> {
        MCH_TRY(const std::int64_t mine,
                tx.Execute(kFinish, {runtime_.clock().Now(), claim.outbox_id, claim.fence}));
        if (mine != 1) return false;
        MCH_CHECK(tx.Execute(kToNotice, {runtime_.ids().Next(), claim.outbox_id}));
        MCH_TRY(const mch::db::Row unread,
                tx.QueryOne(kUnread, {claim.recipient_id}, "notify.notice.not_found"));
        mch::json::Writer data;
        data.BeginObject().Field("count", unread.Int(0)).EndObject();
        mch::http::LiveEvent event{UserTopic(claim.recipient_id), "notice", data.Take(),
                                   mch::FormatId(runtime_.ids().Next())};
        tx.AfterCommit([this, event] { runtime_.live().Publish(event); });
        return true;
    });
}

}  // namespace anlan::notify
