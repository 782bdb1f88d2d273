// An audit log that only remembers, for unit tests of other modules. Never linked into a program.
#pragma once

#include <utility>
#include <vector>

#include "modules/audit/api/audit.h"

namespace anlan::audit {

class RecordingAudit final : public AuditLog {
  public:
    using AuditLog::Append;
    mch::Result<void> Append(mch::db::Transaction&, Actor, Record record) override {
        records.push_back(std::move(record));
        return {};
    }
    std::vector<Record> records;
};

}  // namespace anlan::audit
