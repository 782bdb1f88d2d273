// What people send: a report, and the content of each move. Shapes and lengths have been checked by
// the request's schema; the rules are checked by the use cases.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "mch/base/ids.h"
#include "modules/hazard/domain/rules.h"

namespace anlan::hazard {

// A report, or the corrections of one: an absent member leaves the stored value.
struct ReportFields {
    std::optional<std::string> source, name, type, sector, address, nature;
    std::optional<std::string> floor, part, cause, consequence, reporter_name, reporter_phone;
    std::optional<HazardGrade> reporter_grade;
    std::optional<mch::Id> asset_id, region_id;
    std::optional<double> longitude, latitude;
    std::optional<std::int64_t> affected_people;
    std::optional<bool> urgent;
    std::vector<mch::Id> photo_ids;
};

struct GivenDuty {
    DutyKind kind = DutyKind::kPrincipal;
    mch::Id org_id = 0;
    mch::Id person_id = 0;
};

struct AcceptContent {
    std::vector<GivenDuty> duties;
    std::string note;
};
struct ReasonContent {  // return, reject
    std::string reason;
};
struct ResubmitContent {
    ReportFields fields;
    std::string note;
};
struct DoneContent {
    std::string measures_done;
    std::optional<std::int64_t> cost_fen;
    bool self_check = false;
    std::vector<mch::Id> photo_ids;
};
struct FailContent {
    std::string reason;
    std::int64_t due_day = 0;
};
struct PassContent {
    std::string method;
    std::string opinion;
    std::vector<mch::Id> photo_ids;
};
struct WriteOffContent {
    RiskGrade residual_risk_grade = RiskGrade::kLow;
    std::string opinion;
};

using MoveContent =
    std::variant<AcceptContent, ReasonContent, ResubmitContent, ReviewContent, PlanContent,
                 DoneContent, FailContent, PassContent, WriteOffContent>;

struct TransitionInput {
    Move move = Move::kAccept;
    std::int64_t version = 0;  // the one that the person saw
    MoveContent content;       // of the move's kind
};

}  // namespace anlan::hazard
