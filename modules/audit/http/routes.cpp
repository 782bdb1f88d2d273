#include "modules/audit/http/routes.h"

#include <algorithm>

#include "mch/base/text.h"
#include "modules/audit/app/verify.h"
#include "modules/audit/store/checkpoint_file.h"
#include "modules/audit/store/records.h"

namespace anlan::audit {

namespace {

using mch::Schema;
using mch::http::Context;
using mch::http::Request;
using mch::http::Response;

constexpr int kDefaultLimit = 20;
constexpr std::int64_t kMaxLimit = 100;

// A whole number of the query; 0 when absent.
mch::Result<std::int64_t> QueryNumber(const Request& request, std::string_view name) {
    const auto text = request.Query(name);
    if (!text || text->empty()) return std::int64_t{0};
    const auto number = mch::text::ParseInt(*text);
    if (!number || *number < 0) {
        return mch::InvalidField(std::string(name), "field.format", {{"expected", "integer"}});
    }
    return *number;
}

mch::Result<RecordFilter> FilterOf(const Request& request) {
    RecordFilter filter;
    filter.actor = request.Query("actor").value_or("");
    filter.action = request.Query("action").value_or("");
    MCH_TRY(filter.object_id, QueryNumber(request, "object_id"));
    MCH_TRY(filter.from, QueryNumber(request, "from"));
    MCH_TRY(filter.to, QueryNumber(request, "to"));
    MCH_TRY(filter.before_seq, QueryNumber(request, "cursor"));
    MCH_TRY(const auto limit, QueryNumber(request, "limit"));
    filter.limit = limit == 0 ? kDefaultLimit : static_cast<int>(std::min(limit, kMaxLimit));
    return filter;
}

std::string Described(const RecordFilter& f) {
    return "actor=" + f.actor + " action=" + f.action +
           " object_id=" + std::to_string(f.object_id) + " from=" + std::to_string(f.from) +
           " to=" + std::to_string(f.to) + " below=" + std::to_string(f.before_seq);
}

void WriteRecord(mch::json::Writer& json, const ChainRecord& r, const mch::Catalogue& messages,
                 const std::string& language) {
    const std::string name = "audit.action." + r.action;
    json.BeginObject().Field("seq", std::to_string(r.seq)).Field("at", r.at);
    json.IdField("actor_id", r.actor_id).Field("actor", r.actor_account);
    json.Field("session", r.session).Field("address", r.address).Field("route", r.route);
    json.Field("action", r.action);
    json.Field("action_name",
               messages.Has(language, name) ? messages.Text(language, name) : r.action);
    json.Field("object_type", r.object_type).IdField("object_id", r.object_id);
    json.Field("result", r.result).Field("note", r.note).Field("trace_id", r.trace_id);
    json.Field("hash", r.hash).Key("changes").BeginArray();
    // Stored by ChangesToJson; a row that is not such a list has been tampered with and shows none.
    const auto changes = mch::json::Parse(r.changes);
    if (changes && changes->IsArray()) {
        for (const auto& change : changes->AsArray()) {
            if (!change.IsArray() || change.AsArray().size() != 3) continue;
            json.BeginObject().Key("field").Write(change.AsArray()[0]);
            json.Key("before").Write(change.AsArray()[1]).Key("after").Write(change.AsArray()[2]);
            json.EndObject();
        }
    }
    json.EndArray().EndObject();
}

Schema RecordSchema() {
    return Schema::Object(
               {{"seq", Schema::Id(), mch::kRequired},
                {"at", Schema::Time(), mch::kRequired},
                {"actor_id", Schema::Id().Nullable(), mch::kRequired},
                {"actor", Schema::String(), mch::kRequired},
                {"session", Schema::String(), mch::kRequired},
                {"address", Schema::String(), mch::kRequired},
                {"route", Schema::String(), mch::kRequired},
                {"action", Schema::String(), mch::kRequired},
                {"action_name", Schema::String(), mch::kRequired},
                {"object_type", Schema::String(), mch::kRequired},
                {"object_id", Schema::Id().Nullable(), mch::kRequired},
                {"result", Schema::Enum({"done", "refused"}), mch::kRequired},
                {"note", Schema::String(), mch::kRequired},
                {"trace_id", Schema::String(), mch::kRequired},
                {"hash", Schema::String(), mch::kRequired},
                {"changes",
                 Schema::Array(Schema::Object({{"field", Schema::String(), mch::kRequired},
                                               {"before", Schema::String(), mch::kRequired},
                                               {"after", Schema::String(), mch::kRequired}})),
                 mch::kRequired}})
        .Named("AuditRecord");
}

}  // namespace

void AddRoutes(mch::app::ModuleContext& context, std::shared_ptr<AuditLog> audit) {
    mch::app::Runtime& runtime = context.runtime;
    const mch::Catalogue& messages = context.messages;

    mch::http::Route records;
    records.method = "GET";
    records.pattern = "/api/v1/audit/records";
    records.summary = "Audit records, newest first; the reading is recorded too";
    records.permission = "audit:record:list";
    records.audit_action = "audit.read";
    records.query = {{"actor", Schema::String(), "account"},
                     {"action", Schema::String(), "for example hazard.report"},
                     {"object_id", Schema::Id(), "id of the object"},
                     {"from", Schema::Time(), "not before, UTC milliseconds"},
                     {"to", Schema::Time(), "before, UTC milliseconds"},
                     {"cursor", Schema::String(), "next_cursor of the page before"},
                     {"limit", Schema::Integer(), "1 to 100, default 20"}};
    records.response =
        Schema::Object({{"items", Schema::Array(RecordSchema()), mch::kRequired},
                        {"next_cursor", Schema::String().Nullable(), mch::kRequired}})
            .Named("AuditRecordPage");
    records.handler = [&runtime, &messages, audit](const Request& request,
                                                   Context& ctx) -> mch::Result<Response> {
        MCH_TRY(RecordFilter filter, FilterOf(request));
        const auto limit = static_cast<std::size_t>(filter.limit);
        ++filter.limit;  // one more tells whether there is a next page
        MCH_TRY(auto rows,
                runtime.database().Write(
                    ctx.deadline(),
                    [&](mch::db::Transaction& tx) -> mch::Result<std::vector<ChainRecord>> {
                        Record read;
                        read.action = "audit.read";
                        read.object_type = "audit";
                        read.note = Described(filter);
                        MCH_CHECK(audit->Append(tx, ctx, std::move(read)));
                        return ListRecords(tx, filter);
                    }));
        const bool more = rows.size() > limit;
        if (more) rows.resize(limit);
        mch::json::Writer json;
        json.BeginObject().Key("items").BeginArray();
        for (const ChainRecord& row : rows) WriteRecord(json, row, messages, ctx.language);
        json.EndArray().Key("next_cursor");
        if (more) {
            json.String(std::to_string(rows.back().seq));
        } else {
            json.Null();
        }
        json.EndObject();
        return Response::Json(200, json.Take());
    };
    context.routes.Add(std::move(records));

    mch::http::Route chain;
    chain.method = "GET";
    chain.pattern = "/api/v1/audit/chain";
    chain.summary = "Head, checkpoints and last verification of the audit chain";
    chain.permission = "audit:chain:verify";
    chain.response =
        Schema::Object({{"head_seq", Schema::Id().Nullable(), mch::kRequired},
                        {"checkpoints", Schema::Integer(), mch::kRequired},
                        {"checkpointed_seq", Schema::Id().Nullable(), mch::kRequired},
                        {"last_verified",
                         Schema::Object({{"at", Schema::Time(), mch::kRequired},
                                         {"through_seq", Schema::Id().Nullable(), mch::kRequired},
                                         {"whole", Schema::Boolean(), mch::kRequired},
                                         {"bad_seq", Schema::Id().Nullable(), mch::kRequired},
                                         {"damage", Schema::String(), mch::kRequired}})
                             .Nullable(),
                         mch::kRequired}})
            .Named("AuditChain");
    chain.handler = [&runtime](const Request&, Context& ctx) -> mch::Result<Response> {
        Head head;
        std::optional<Verification> verified;
        MCH_CHECK(runtime.database().Read(ctx.deadline(),
                                          [&](mch::db::Reader& reader) -> mch::Result<void> {
                                              MCH_TRY(head, ReadHead(reader));
                                              MCH_TRY(verified, LastVerification(reader));
                                              return {};
                                          }));
        MCH_TRY(const auto file, ReadCheckpoints(CheckpointPath(runtime)));
        mch::json::Writer json;
        json.BeginObject().IdField("head_seq", head.seq);
        json.Field("checkpoints", static_cast<std::int64_t>(file.checkpoints.size()));
        json.IdField("checkpointed_seq",
                     file.checkpoints.empty() ? 0 : file.checkpoints.back().last);
        json.Key("last_verified");
        if (verified) {
            json.BeginObject().Field("at", verified->at);
            json.IdField("through_seq", verified->through_seq);
            json.Field("whole", verified->bad_seq == 0).IdField("bad_seq", verified->bad_seq);
            json.Field("damage", verified->damage).EndObject();
        } else {
            json.Null();
        }
        json.EndObject();
        return Response::Json(200, json.Take());
    };
    context.routes.Add(std::move(chain));
}

}  // namespace anlan::audit
