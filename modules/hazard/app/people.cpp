#include "modules/hazard/app/people.h"

#include <algorithm>
#include <utility>

namespace anlan::hazard {
namespace {

std::string_view RoleOf(DutyKind kind) {
    switch (kind) {
        case DutyKind::kPrincipal:
            return "enterprise";
        case DutyKind::kTerritorial:
            return "street";
        case DutyKind::kSectoral:
            return "regulator";
        case DutyKind::kGeneral:
            break;
    }
    return "supervisor";
}

std::string_view BasisOf(DutyKind kind) {
    switch (kind) {
        case DutyKind::kPrincipal:
            return "asset";
        case DutyKind::kTerritorial:
            return "region";
        case DutyKind::kSectoral:
            return "sector";
        case DutyKind::kGeneral:
            break;
    }
    return "installation";
}

mch::Result<Duty> CheckGiven(const Services& services, mch::db::Reader& reader,
                             const GivenDuty& given, const std::string& field) {
    MCH_TRY(auto organisations, services.directory->Organisations(reader, {given.org_id}));
    const auto org = organisations.find(given.org_id);
    if (org == organisations.end() || !org->second.enabled) {
        return mch::InvalidField(field + ".org_id", "hazard.duties.org_unknown");
    }
    if (given.person_id != 0) {
        MCH_TRY(auto users, services.directory->Users(reader, {given.person_id}));
        const auto person = users.find(given.person_id);
        if (person == users.end() || !person->second.enabled ||
            person->second.org_id != given.org_id) {
            return mch::InvalidField(field + ".person_id", "hazard.duties.person_unknown");
        }
    }
    return Duty{given.kind, given.org_id, given.person_id, "given"};
}

// The duty as the directory knows it; org_id 0 when nobody is found.
mch::Result<Duty> FindHolder(const Services& services, mch::db::Reader& reader, const CaseRow& row,
                             DutyKind kind) {
    Duty duty{kind, 0, 0, std::string(BasisOf(kind))};
    const bool principal = kind == DutyKind::kPrincipal;
    if (principal) {
        duty.org_id = row.org_id;
        if (row.asset_id == 0) duty.basis = "reporter_org";
        if (row.org_id == 0) return duty;
    }
    MCH_TRY(auto holders, services.directory->HoldersOfRole(
                              reader, RoleOf(kind), {row.region_id, row.org_id, row.sector}));
    for (const identity::UserCard& holder : holders) {
        // The principal's organisation is settled; a person of another one cannot act for it.
        if (holder.org_id == 0 || (principal && holder.org_id != row.org_id)) continue;
        duty.org_id = holder.org_id;
        duty.person_id = holder.id;
        break;
    }
    return duty;
}

}  // namespace

mch::Result<std::vector<Duty>> ResolveDuties(const Services& services, mch::db::Reader& reader,
                                             const CaseRow& row,
                                             const std::vector<GivenDuty>& given) {
    std::vector<Duty> duties;
    std::vector<DutyKind> resolved;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string field = "duties[" + std::to_string(i) + "]";
        if (std::find(resolved.begin(), resolved.end(), given[i].kind) != resolved.end()) {
            return mch::InvalidField(field + ".kind", "hazard.duties.twice");
        }
        MCH_TRY(Duty duty, CheckGiven(services, reader, given[i], field));
        resolved.push_back(duty.kind);
        duties.push_back(std::move(duty));
    }
    for (DutyKind kind : MissingDuties(resolved)) {
        MCH_TRY(Duty duty, FindHolder(services, reader, row, kind));
        if (duty.org_id == 0) continue;
        resolved.push_back(kind);
        duties.push_back(std::move(duty));
    }
    std::string missing;
    for (DutyKind kind : MissingDuties(resolved)) {
        missing += (missing.empty() ? "@hazard.duty_name." : ",@hazard.duty_name.");
        missing += Code(kind);
    }
    if (!missing.empty()) {
        return mch::InvalidField("duties", "hazard.duties.missing", {{"kinds", missing}});
    }
    std::sort(duties.begin(), duties.end(),
              [](const Duty& a, const Duty& b) { return a.kind < b.kind; });
    return duties;
}

Event EventBy(const mch::http::Principal& actor, const CaseRow& row,
              const std::vector<Duty>& duties) {
    Event event;
    event.actor_id = actor.user_id;
    event.actor_org_id = actor.org_id;
    for (const std::string& role : actor.roles) {
        event.actor_roles += (event.actor_roles.empty() ? "" : ",") + role;
    }
    event.round = row.round;
    const Duty* own = nullptr;
    for (const Duty& duty : duties) {
        if (duty.person_id != 0 && duty.person_id == actor.user_id) own = &duty;
    }
    for (const Duty& duty : duties) {
        if (own == nullptr && actor.org_id != 0 && duty.org_id == actor.org_id) own = &duty;
    }
    if (own != nullptr) event.duty_kind = Code(own->kind);
    return event;
}

}  // namespace anlan::hazard
