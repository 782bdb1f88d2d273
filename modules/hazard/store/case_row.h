// A row of hazard_case, column by column.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mch/base/clock.h"
#include "mch/base/ids.h"
#include "modules/hazard/domain/moves.h"

namespace anlan::hazard {

struct CaseRow {
    mch::Id id = 0;
    std::string hazard_no;
    std::string client_uuid;
    mch::Id region_id = 0;
    std::string region_status;  // located | unconfirmed
    mch::Id org_id = 0;         // the principal's organisation; 0 while unknown
    std::string sector;
    State state = State::kReported;
    mch::TimeMs state_since = 0;
    mch::TimeMs due_at = 0;  // kNoDue when nobody owes a step
    int round = 1;
    bool urgent = false;
    std::string source;
    std::string type;
    std::string name;
    HazardGrade reporter_grade = HazardGrade::kOrdinary;
    std::optional<HazardGrade> hazard_grade;
    std::optional<RiskGrade> risk_grade;
    mch::Id asset_id = 0;
    std::string address;
    double longitude = 0;  // WGS-84
    double latitude = 0;
    std::string floor;
    std::string part;
    std::string nature;
    std::string cause;
    std::string consequence;
    std::optional<std::int64_t> affected_people;
    mch::Id reporter_id = 0;
    std::string reporter_name_sealed;
    std::string reporter_phone_sealed;
    mch::TimeMs reported_at = 0;
    mch::Id cover_photo_id = 0;
    mch::Id principal_org_id = 0;
    mch::Id plan_author_id = 0;
    mch::Id rectifier_id = 0;
    mch::Id verifier_id = 0;
    // The running term of rectification, civil days; halved by a failed verification.
    std::int64_t rectify_from_day = 0;
    std::int64_t rectify_due_day = 0;
    std::int64_t version = 1;
    mch::TimeMs created_at = 0;
    mch::Id created_by = 0;
    mch::TimeMs updated_at = 0;
    mch::Id updated_by = 0;

    CaseFacts Facts() const {
        return {state,          reporter_grade, hazard_grade, reporter_id, principal_org_id,
                plan_author_id, rectifier_id,   verifier_id};
    }
    // The confirmed grade, or the reporter's while there is none.
    HazardGrade EffectiveGrade() const { return hazard_grade.value_or(reporter_grade); }
};

}  // namespace anlan::hazard
