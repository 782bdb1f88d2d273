// Notices to people, written in the transaction of what they tell about and delivered by the
// scheduler; and live hints for open pages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mch/base/error.h"
#include "mch/base/ids.h"
#include "mch/base/result.h"
#include "mch/db/database.h"

namespace anlan::notify {

struct Message {
    // Names the event once and for all, for example "hazard.confirm:7123:4" (object and version).
    // The same event to the same recipient by the same channel is stored once.
    std::string event;
    std::vector<mch::Id> recipients;  // user ids; 0 and doubles are skipped
    std::string channel = "in_app";
    // Sentences of the message catalogues with their parameters; translated when they are read.
    std::string title_code;
    mch::ErrorParams title_params;
    std::string body_code;
    mch::ErrorParams body_params;
    // Path of the page to open, "/hazards/7123".
    std::string link;
};

class Outbox {
  public:
    virtual ~Outbox() = default;

    // Part of the caller's transaction: delivered if and only if it commits. Delivery is at least
    // once to the channel and exactly once to the list of notices.
    virtual mch::Result<void> Add(mch::db::Transaction& tx, const Message& message) const = 0;

    // After COMMIT, tells pages that listen on `topic` ("hazard") that an object changed: event
    // `topic` with {"id","version"}. Lost when the process dies; pages also refresh on reconnect.
    virtual void Hint(mch::db::Transaction& tx, std::string_view topic, mch::Id id,
                      std::int64_t version) const = 0;

    // In Register(): lets GET /live subscribe readers who hold `permission` to `topic`.
    virtual void AllowTopic(std::string topic, std::string permission) = 0;
};

}  // namespace anlan::notify
