// The AuditLog on the business store.
#pragma once

#include "mch/app/module.h"
#include "modules/audit/api/audit.h"

namespace anlan::audit {

class ChainedAuditLog final : public AuditLog {
  public:
    explicit ChainedAuditLog(mch::app::Runtime& runtime) : runtime_(runtime) {}
    using AuditLog::Append;
    mch::Result<void> Append(mch::db::Transaction& tx, Actor actor, Record record) override;

  private:
    mch::app::Runtime& runtime_;
};

// [["field","before","after"],...]
std::string ChangesToJson(const std::vector<Change>& changes);

}  // namespace anlan::audit
