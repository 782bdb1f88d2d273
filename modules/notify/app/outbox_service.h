// The outbox: written by use cases, emptied by the scheduler's job notify.deliver.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mch/app/module.h"
#include "modules/notify/api/outbox.h"

namespace anlan::notify {

class OutboxService final : public Outbox {
  public:
    explicit OutboxService(mch::app::Runtime& runtime) : runtime_(runtime) {}

    mch::Result<void> Add(mch::db::Transaction& tx, const Message& message) const override;
    void Hint(mch::db::Transaction& tx, std::string_view topic, mch::Id id,
              std::int64_t version) const override;
    void AllowTopic(std::string topic, std::string permission) override;

    // The topics that this person may listen to.
    std::vector<std::string> TopicsFor(const mch::http::Principal& principal) const;

    // Claims what waits (or whose claim ran out: its holder died) and turns it into notices. Each
    // row is one notice at most, whatever process dies when: claim and delivery are transactions,
    // the delivery names its fence, and notify_notice is unique by outbox row.
    mch::Result<void> Deliver(const mch::Deadline& deadline) const;

    struct Claim {
        mch::Id outbox_id = 0;
        mch::Id recipient_id = 0;
        std::int64_t fence = 0;
    };
    // The two steps of Deliver, apart for the tests of a death between them.
    mch::Result<std::vector<Claim>> ClaimWaiting(const mch::Deadline& deadline) const;
    // False when the claim was taken over or done by another.
    mch::Result<bool> DeliverOne(const mch::Deadline& deadline, const Claim& claim) const;

  private:
    mch::app::Runtime& runtime_;
    std::vector<std::pair<std::string, std::string>>
        topics_;  // (topic, permission); set in Register
};

std::string UserTopic(mch::Id user_id);
// {"name": "value"} and back.
std::string ParamsToJson(const mch::ErrorParams& params);
mch::ErrorParams ParamsFromJson(std::string_view json);

}  // namespace anlan::notify
