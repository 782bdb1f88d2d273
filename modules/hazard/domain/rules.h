// What a move's content must fulfil, beyond its shape: the rules of the five review items, of the
// plan and of dates (domain reference sections 2 and 3). Each answers with the located field
// errors, empty when all is well.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mch/base/error.h"
#include "modules/hazard/domain/types.h"

namespace anlan::hazard {

using FieldErrors = std::vector<mch::FieldError>;

// The five items of a review that confirms a hazard.
struct ReviewContent {
    bool basic_information_ok = false;
    std::string basic_information_comment;
    bool accuracy_ok = false;
    std::string accuracy_comment;
    bool new_risk_found = false;
    std::vector<std::string> new_risk_items;
    std::string new_risk_comment;
    std::string influence_degree;  // low, medium, high
    std::string influence_comment;
    HazardGrade hazard_grade = HazardGrade::kOrdinary;
    RiskGrade risk_grade = RiskGrade::kLow;
    std::string clause;
    std::string grade_comment;
    std::string opinion;
};

// A major grade needs the clause that decides it and a comment; a grade below the reporter's needs
// a reason; an item answered "no" needs a comment. The risk grade has no say in the hazard grade,
// in either direction.
FieldErrors CheckReview(const ReviewContent& review, HazardGrade reporter_grade);

struct Measure {
    std::string text;
    std::int64_t due_day = 0;  // civil day
};

struct PlanContent {
    std::string responsible_person;
    std::vector<Measure> measures;
    std::int64_t due_day = 0;
    std::optional<std::int64_t> funds_fen;  // hundredths of a yuan
    std::string funds_source;
    std::string contingency;
    std::string interim_controls;
};

// A major hazard's plan needs all five parts (person, measures, money, time, contingency) and the
// controls until it is done. Measures end by the plan's day, the plan within `longest_days`.
FieldErrors CheckPlan(const PlanContent& plan, HazardGrade grade, std::int64_t today,
                      std::int64_t longest_days);

// The last civil day that a failed rectification may be given: half of the former term, counted
// from today, at least one day.
std::int64_t LatestDayAfterFail(std::int64_t former_from_day, std::int64_t former_due_day,
                                std::int64_t today);

FieldErrors CheckFail(std::int64_t due_day, std::int64_t former_from_day,
                      std::int64_t former_due_day, std::int64_t today);

// The duty kinds of which `resolved` has none, in their order.
std::vector<DutyKind> MissingDuties(const std::vector<DutyKind>& resolved);

// "2026-11-24" of a civil day.
std::string DayText(std::int64_t day);

}  // namespace anlan::hazard
