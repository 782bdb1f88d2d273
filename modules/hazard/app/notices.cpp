#include "modules/hazard/app/notices.h"

#include <algorithm>

namespace anlan::hazard {
namespace {

// A permission that very many hold must not turn one move into thousands of rows; whoever is left
// out still finds the case in the list of things to do.
constexpr std::size_t kMaxRecipients = 50;

std::vector<mch::Id> PrincipalPeople(const std::vector<identity::UserCard>& holders,
                                     const CaseRow& row) {
    std::vector<mch::Id> people;
    for (const identity::UserCard& holder : holders) {
        if (holder.org_id == row.principal_org_id) people.push_back(holder.id);
    }
    return people;
}

// The facts that a guard needs of somebody known only by a card of the directory.
bool Separated(const MoveRule& rule, const CaseRow& row, const identity::UserCard& card) {
    const ActorFacts actor = {card.id, card.org_id, {}, {}};
    return std::any_of(rule.guards.begin(), rule.guards.end(), [&](Guard guard) {
        // Roles are asked of the directory, not of the card.
        return guard != Guard::kRegulatorForOrdinary &&
               !BrokenGuard(guard, row.Facts(), actor).empty();
    });
}

bool Has(const MoveRule& rule, Guard guard) {
    return std::find(rule.guards.begin(), rule.guards.end(), guard) != rule.guards.end();
}

mch::Result<std::vector<mch::Id>> NextPeople(const Services& services, mch::db::Reader& reader,
                                             const CaseRow& row, const std::vector<Duty>& duties) {
    const auto next = MainMove(row.state);
    if (!next) return std::vector<mch::Id>{row.reporter_id};
    const MoveRule& rule = *FindRule(*next, row.state);
    if (Has(rule, Guard::kIsReporter)) return std::vector<mch::Id>{row.reporter_id};
    const identity::Place place = {row.region_id, row.org_id, row.sector};
    if (Has(rule, Guard::kOfPrincipal)) {
        for (const Duty& duty : duties) {
            if (duty.kind == DutyKind::kPrincipal && duty.person_id != 0) {
                return std::vector<mch::Id>{duty.person_id};
            }
        }
        MCH_TRY(auto holders,
                services.directory->HoldersOfPermission(reader, rule.permission, place));
        return PrincipalPeople(holders, row);
    }
    const bool supervisor_only =
        Has(rule, Guard::kRegulatorForOrdinary) && row.hazard_grade == HazardGrade::kMajor;
    MCH_TRY(auto holders,
            supervisor_only
                ? services.directory->HoldersOfRole(reader, "supervisor", place)
                : services.directory->HoldersOfPermission(reader, rule.permission, place));
    std::vector<mch::Id> people;
    for (const identity::UserCard& holder : holders) {
        if (!Separated(rule, row, holder)) people.push_back(holder.id);
    }
    return people;
}

mch::Result<void> Send(const Services& services, mch::db::Transaction& tx,
                       const mch::http::Principal& actor, const CaseRow& row,
                       std::vector<mch::Id> people, const std::string& what, std::string event) {
    std::erase(people, actor.user_id);
    if (people.size() > kMaxRecipients) people.resize(kMaxRecipients);
    if (people.empty()) return {};
    return services.outbox->Add(
        tx, {.event = std::move(event),
             .recipients = std::move(people),
             .title_code = "hazard.notice." + what,
             .title_params = {{"hazard_no", row.hazard_no}, {"name", row.name}},
             .body_code = "hazard.notice.body",
             .body_params = {{"name", row.name},
                             {"address", row.address},
                             {"state", "@hazard.state_name." + std::string(Code(row.state))}},
             .link = "/hazards/" + mch::FormatId(row.id)});
}

}  // namespace

mch::Result<void> TellNext(const Services& services, mch::db::Transaction& tx,
                           const mch::http::Principal& actor, const CaseRow& row,
                           const std::vector<Duty>& duties, std::string_view what) {
    MCH_TRY(std::vector<mch::Id> people, NextPeople(services, tx, row, duties));
    const std::string code(what);
    MCH_CHECK(
        Send(services, tx, actor, row, std::move(people), code,
             "hazard." + code + ":" + mch::FormatId(row.id) + ":" + std::to_string(row.version)));
    services.outbox->Hint(tx, kObjectType, row.id, row.version);
    return {};
}

mch::Result<void> TellComment(const Services& services, mch::db::Transaction& tx,
                              const mch::http::Principal& actor, const CaseRow& row,
                              const std::vector<Duty>& duties, mch::Id comment_id) {
    std::vector<mch::Id> people = {row.reporter_id};
    for (const Duty& duty : duties) people.push_back(duty.person_id);
    MCH_CHECK(Send(services, tx, actor, row, std::move(people), "comment",
                   "hazard.comment:" + mch::FormatId(comment_id)));
    services.outbox->Hint(tx, kObjectType, row.id, row.version);
    return {};
}

}  // namespace anlan::hazard
