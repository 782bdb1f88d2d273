#include "modules/audit/app/audit_log.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "mch/base/json.h"
#include "mch/base/text.h"
#include "mch/db/fault.h"
#include "modules/audit/domain/chain.h"
#include "modules/audit/store/records.h"

namespace anlan::audit {

namespace {

// Cuts on a character boundary, so that a long client text never fails the use case.
std::string Clip(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return std::string(text);
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
    return std::string(text.substr(0, bytes));
}

}  // namespace

Actor SystemActor(std::string_view job) {
    Actor actor;
    actor.account = "system";
    actor.route = "job " + std::string(job);
    return actor;
}

Actor CommandActor(std::string_view command) {
    std::array<char, 64> login{};
    Actor actor;
    const bool known = getlogin_r(login.data(), login.size()) == 0;
    actor.account = "cli:" + (known ? std::string(login.data()) : "uid" + std::to_string(getuid()));
    actor.route = "anlan " + std::string(command);
    return actor;
}

Actor RequestActor(const mch::http::Context& context) {
    Actor actor;
    actor.user_id = context.principal.user_id;
    actor.account = context.principal.account;
    actor.session = context.principal.session_id;
    actor.address = context.client_address;
    if (context.route != nullptr)
        actor.route = context.route->method + " " + context.route->pattern;
    actor.trace_id = context.trace_id;
    return actor;
}

std::string ChangesToJson(const std::vector<Change>& changes) {
    mch::json::Writer json;
    json.BeginArray();
    for (const Change& change : changes) {
        json.BeginArray()
            .String(change.field)
            .String(change.before)
            .String(change.after)
            .EndArray();
    }
    json.EndArray();
    return json.Take();
}

mch::Result<void> ChainedAuditLog::Append(mch::db::Transaction& tx, Actor actor, Record record) {
    if (record.action.empty() || record.object_type.empty()) {
        return mch::Internal("audit.record_invalid", "action and object type are required");
    }
    MCH_TRY(auto key, runtime_.Key("audit"));
    ChainRecord row;
    row.actor_id = actor.user_id;
    row.actor_account = Clip(actor.account, 128);
    row.session = Clip(actor.session, 64);
    row.address = Clip(actor.address, 64);
    row.route = Clip(actor.route, 255);
    row.action = Clip(record.action, 128);
    row.object_type = Clip(record.object_type, 64);
    row.object_id = record.object_id;
    row.region_id = record.region_id;
    row.org_id = record.org_id;
    row.result = record.result == Outcome::kDone ? "done" : "refused";
    row.changes = ChangesToJson(record.changes);
    row.note = Clip(record.note, 2000);
    row.trace_id = Clip(actor.trace_id, 64);
    tx.BeforeCommit([this, row = std::move(row), key = std::move(key)](
                        mch::db::Transaction& last) mutable -> mch::Result<void> {
        MCH_TRY(const Head head, LockHead(last));
        row.seq = head.seq + 1;
        // Taken under the lock, so that the order of numbers is the order of times.
        row.at = runtime_.clock().Now();
        Seal(row, head.hash, key);
        MCH_CHECK(InsertRecord(last, row));
        MCH_CHECK(MoveHead(last, {row.seq, row.hash}));
        mch::db::FaultPoint("audit.after_append");
        return {};
    });
    return {};
}

}  // namespace anlan::audit
