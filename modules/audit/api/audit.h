// The tamper-evident audit. Every write use case appends one record, in its own transaction, that
// carries all its changes; see modules/audit/README.md for the chain and what it detects.
//
//   audit->Append(tx, context, {.action = "hazard.report", .object_type = "hazard",
//                               .object_id = id, .changes = {{"state", "draft", "reported"}}});
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/ids.h"
#include "mch/base/result.h"
#include "mch/db/database.h"
#include "mch/http/router.h"

namespace anlan::audit {

// One field of the object. Never a password, token or clear personal data: the writer of the
// record masks or leaves out what must not be read in ten years.
struct Change {
    std::string field;
    std::string before;
    std::string after;
};

enum class Outcome { kDone, kRefused };

struct Record {
    std::string action;       // "hazard.report": the audit_action of the route
    std::string object_type;  // "hazard"
    mch::Id object_id = 0;
    mch::Id region_id = 0;
    mch::Id org_id = 0;
    std::vector<Change> changes = {};
    std::string note = {};
    Outcome result = Outcome::kDone;
};

// Who did it, when it is not the signed-in user of a request.
struct Actor {
    mch::Id user_id = 0;
    std::string account;  // "system" for jobs, "cli:root" for commands
    std::string session;
    std::string address;
    std::string route;  // "POST /api/v1/session", "job notify.deliver_outbox", "anlan user reset"
    std::string trace_id;
};

// A job of the scheduler.
Actor SystemActor(std::string_view job);
// A command typed on the machine; the account names the login of the system.
Actor CommandActor(std::string_view command);
// The signed-in user of a request.
Actor RequestActor(const mch::http::Context& context);

// Provided by module audit. Thread safe.
class AuditLog {
  public:
    virtual ~AuditLog() = default;

    // The record becomes part of `tx`: it is numbered and chained by the last statements before
    // COMMIT, so the chain's head is locked only for a moment. When it cannot be written the
    // transaction fails. Errors: audit.record_invalid, db.*.
    mch::Result<void> Append(mch::db::Transaction& tx, const mch::http::Context& context,
                             Record record) {
        return Append(tx, RequestActor(context), std::move(record));
    }
    virtual mch::Result<void> Append(mch::db::Transaction& tx, Actor actor, Record record) = 0;
};

}  // namespace anlan::audit
