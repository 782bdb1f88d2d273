// Named points at which a fault test kills the process, as a power cut would:
//
//   ANLAN_FAULT_POINT=db.before_commit      at the first hit
//   ANLAN_FAULT_POINT=db.before_commit:7    at the seventh hit in this process
//
// Compiled in always, so that what is tested is what runs; without the variable a point costs one
// comparison. Points: db.before_commit (all statements done, COMMIT not sent), db.after_commit
// (committed, the caller not told), db.during_checkpoint (log copied, not yet cut),
// audit.after_append (modules/audit).
#pragma once

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

namespace mch::db {

class FaultPlan {
  public:
    // nullptr or "" is no plan. A bad count is taken as 1.
    explicit FaultPlan(const char* text) { Arm(text); }
    // Not while other threads may hit points.
    void Arm(const char* text) {
        const std::string_view plan = text == nullptr ? std::string_view() : text;
        const std::size_t colon = plan.find(':');
        point_ = plan.substr(0, colon);
        const long count = colon == std::string_view::npos ? 1 : std::atol(&plan[colon] + 1);
        left_ = count < 1 ? 1 : count;
    }
    // True when the process must die here.
    bool Hit(std::string_view point) {
        return !point_.empty() && point == point_ && left_.fetch_sub(1) == 1;
    }

  private:
    std::string point_;
    std::atomic<long> left_{1};
};

// The plan of this process, read from the environment at the first point.
inline FaultPlan& ProcessFaultPlan() {
    static FaultPlan plan(std::getenv("ANLAN_FAULT_POINT"));
    return plan;
}

inline void FaultPoint(std::string_view point) {
    if (ProcessFaultPlan().Hit(point)) [[unlikely]] {
        std::raise(SIGKILL);
    }
}

}  // namespace mch::db
