#include "modules/hazard/app/transition.h"

#include <utility>

#include "mch/http/conditional.h"
#include "modules/hazard/app/move_content.h"
#include "modules/hazard/app/notices.h"
#include "modules/hazard/app/people.h"
#include "modules/hazard/store/case_store.h"

namespace anlan::hazard {
namespace {

// Why this move is refused, with the moves that the state does know and who may make them.
mch::Error Refusal(const Services& services, const mch::http::Context& context, const CaseRow& row,
                   const Verdict& verdict) {
    const bool illegal = verdict.reason_code == kReasonWrongState;
    const std::string extra = "{\"state\":\"" + std::string(Code(row.state)) + "\",\"moves\":" +
                              MovesJson(services.messages, context.language,
                                        LegalMoves(row.Facts(), ActorOf(context.principal))) +
                              "}";
    mch::Error error = illegal ? mch::Conflict("hazard.move.illegal")
                               : mch::Forbidden(std::string(verdict.reason_code));
    return std::move(error)
        .With("state", "@hazard.state_name." + std::string(Code(row.state)))
        .With("move", "@hazard.move_name." + std::string(Code(verdict.move)))
        .WithExtraJson(extra);
}

// When the step that now begins must be done.
mch::Result<mch::TimeMs> NextDue(const Services& services, mch::db::Reader& reader,
                                 const MoveRule& rule, const CaseRow& row, mch::TimeMs now) {
    const int zone = services.runtime.zone_minutes();
    if (row.state == State::kRectifying) return EndOfDay(row.rectify_due_day, zone);
    if (rule.next_deadline.empty()) return kNoDue;
    MCH_TRY(Term term, FindTerm(reader, rule.next_deadline, row.EffectiveGrade(), row.urgent));
    return DueAt(now, term, zone);
}

mch::Result<CaseDetail> MoveInside(const Services& services, mch::db::Transaction& tx,
                                   const mch::http::Context& context, mch::Id id,
                                   const TransitionInput& input) {
    const mch::http::Principal& principal = context.principal;
    MCH_TRY(CaseRow row, FindVisibleForUpdate(tx, principal, id));
    if (row.version != input.version) return mch::http::VersionChanged(row.version);
    const Verdict verdict = Judge(input.move, row.Facts(), ActorOf(principal));
    if (!verdict.allowed) return Refusal(services, context, row, verdict);

    const MoveRule& rule = *FindRule(input.move, row.state);
    const CaseRow before = row;
    const mch::TimeMs now = services.runtime.clock().Now();
    MCH_TRY(std::vector<Duty> duties, FindDuties(tx, id));
    Step step{services, tx, principal, row, {now, principal.user_id}, duties, {}, {}};
    step.event = EventBy(principal, row, duties);
    step.event.id = services.runtime.ids().Next();
    step.event.kind = "move";
    step.event.move = Code(input.move);
    step.event.from_state = Code(row.state);
    step.event.to_state = Code(rule.to);
    step.event.duration_ms = now - row.state_since;
    step.event.late = now > row.due_at;
    step.event.at = now;
    step.changes = {{"move", "", std::string(Code(input.move))},
                    {"state", std::string(Code(row.state)), std::string(Code(rule.to))}};
    MCH_CHECK(ApplyContent(step, input));

    row.state = rule.to;
    row.state_since = row.updated_at = now;
    row.updated_by = principal.user_id;
    MCH_TRY(row.due_at, NextDue(services, tx, rule, row, now));
    MCH_TRY(bool updated, UpdateCase(tx, row, before.version, before.state));
    if (!updated) return mch::http::VersionChanged(before.version + 1);
    row.version = before.version + 1;
    MCH_CHECK(InsertEvent(tx, id, step.event));
    MCH_CHECK(services.audit->Append(tx, context,
                                     {.action = "hazard.transition",
                                      .object_type = std::string(kObjectType),
                                      .object_id = id,
                                      .region_id = row.region_id,
                                      .org_id = row.org_id,
                                      .changes = std::move(step.changes)}));
    MCH_CHECK(TellNext(services, tx, principal, row, duties, Code(input.move)));
    return LoadDetail(services, tx, principal, row);
}

mch::Result<CommentList> CommentInside(const Services& services, mch::db::Transaction& tx,
                                       const mch::http::Context& context, mch::Id id,
                                       const std::string& text) {
    const mch::http::Principal& principal = context.principal;
    MCH_TRY(CaseRow row, FindVisible(tx, principal, id));
    MCH_TRY(std::vector<Duty> duties, FindDuties(tx, id));
    Comment comment;
    comment.id = services.runtime.ids().Next();
    comment.text = text;
    comment.signed_by = {services.runtime.clock().Now(), principal.user_id};
    MCH_CHECK(InsertComment(tx, id, comment));
    Event event = EventBy(principal, row, duties);
    event.id = services.runtime.ids().Next();
    event.kind = "comment";
    event.comment_id = comment.id;
    event.at = comment.signed_by.at;
    MCH_CHECK(InsertEvent(tx, id, event));
    MCH_CHECK(services.audit->Append(tx, context,
                                     {.action = "hazard.comment",
                                      .object_type = std::string(kObjectType),
                                      .object_id = id,
                                      .region_id = row.region_id,
                                      .org_id = row.org_id,
                                      .changes = {{"comment_id", "", mch::FormatId(comment.id)}}}));
    MCH_CHECK(TellComment(services, tx, principal, row, duties, comment.id));
    CommentList list;
    list.comments.push_back(comment);
    MCH_TRY(list.names.users, services.directory->Users(tx, {principal.user_id}));
    return list;
}

}  // namespace

std::string MovesJson(const mch::Catalogue& messages, std::string_view language,
                      const std::vector<Verdict>& moves) {
    mch::json::Writer writer;
    writer.BeginArray();
    for (const Verdict& verdict : moves) {
        writer.BeginObject();
        writer.Field("move", Code(verdict.move));
        writer.Field(
            "name", messages.Text(language, "hazard.move_name." + std::string(Code(verdict.move))));
        writer.Field("allowed", verdict.allowed);
        if (verdict.allowed) {
            writer.Key("reason_code").Null().Key("reason").Null();
        } else {
            writer.Field("reason_code", verdict.reason_code);
            writer.Field("reason", messages.Text(language, verdict.reason_code));
        }
        writer.EndObject();
    }
    writer.EndArray();
    return writer.Take();
}

mch::Result<CaseDetail> MoveCase(const Services& services, const mch::http::Context& context,
                                 mch::Id id, const TransitionInput& input) {
    return services.runtime.database().Write(context.deadline(), [&](mch::db::Transaction& tx) {
        return MoveInside(services, tx, context, id, input);
    });
}

mch::Result<CommentList> AddComment(const Services& services, const mch::http::Context& context,
                                    mch::Id id, const std::string& text) {
    return services.runtime.database().Write(context.deadline(), [&](mch::db::Transaction& tx) {
        return CommentInside(services, tx, context, id, text);
    });
}

}  // namespace anlan::hazard
