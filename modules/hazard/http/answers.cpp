#include "modules/hazard/http/answers.h"

#include <algorithm>

#include "mch/base/json.h"
#include "mch/base/text.h"
#include "modules/hazard/app/transition.h"
#include "modules/hazard/http/parse.h"

namespace anlan::hazard {
namespace {

using mch::json::Writer;

void TextOrNull(Writer& out, std::string_view name, std::string_view text) {
    out.Key(name);
    text.empty() ? out.Null() : out.String(text);
}

void NumberOrNull(Writer& out, std::string_view name, const std::optional<std::int64_t>& value) {
    out.Key(name);
    value ? out.Int(*value) : out.Null();
}

void YuanOrNull(Writer& out, std::string_view name, const std::optional<std::int64_t>& fen) {
    out.Key(name);
    fen ? out.Double(static_cast<double>(*fen) / 100) : out.Null();
}

std::string UserName(const Names& names, mch::Id id) {
    const auto it = names.users.find(id);
    return it == names.users.end() ? std::string() : it->second.name;
}

std::string OrganisationName(const Names& names, mch::Id id) {
    const auto it = names.organisations.find(id);
    return it == names.organisations.end() ? std::string() : it->second.name;
}

std::string OrganisationOfUser(const Names& names, mch::Id id) {
    const auto it = names.users.find(id);
    return it == names.users.end() ? std::string() : OrganisationName(names, it->second.org_id);
}

void WriteSummary(Writer& out, const CaseRow& row, const Names& names, mch::TimeMs now) {
    const auto region = names.regions.find(row.region_id);
    const auto next = MainMove(row.state);
    out.IdField("id", row.id)
        .Field("hazard_no", row.hazard_no)
        .Field("name", row.name)
        .Field("state", Code(row.state))
        .Field("type", row.type)
        .Field("sector", row.sector);
    TextOrNull(out, "hazard_grade", row.hazard_grade ? Code(*row.hazard_grade) : "");
    out.Field("reporter_grade", Code(row.reporter_grade));
    TextOrNull(out, "risk_grade", row.risk_grade ? Code(*row.risk_grade) : "");
    out.IdField("region_id", row.region_id)
        .Field("region_name", region == names.regions.end() ? std::string() : region->second)
        .Field("region_status", row.region_status)
        .Field("address", row.address)
        .Field("longitude", row.longitude)
        .Field("latitude", row.latitude);
    TextOrNull(out, "org_name", OrganisationName(names, row.org_id));
    out.TimeField("reported_at", row.reported_at)
        .TimeField("due_at", row.due_at == kNoDue ? 0 : row.due_at)
        .Field("overdue", now > row.due_at)
        .Field("round", row.round)
        .Field("version", row.version);
    TextOrNull(out, "next_move", next ? Code(*next) : "");
    out.IdField("cover_photo_id", row.cover_photo_id).Field("urgent", row.urgent);
}

void WriteDuty(Writer& out, const Duty& duty, const Names& names, const mch::Catalogue& messages,
               std::string_view language) {
    const auto person = names.users.find(duty.person_id);
    const bool known = person != names.users.end();
    out.BeginObject()
        .Field("kind", Code(duty.kind))
        .IdField("org_id", duty.org_id)
        .Field("org_name", OrganisationName(names, duty.org_id))
        .IdField("person_id", duty.person_id);
    TextOrNull(out, "person_name", known ? person->second.name : "");
    TextOrNull(out, "phone", known ? person->second.phone_masked : "");
    out.Field("basis", messages.Text(language, "hazard.duty_basis." + duty.basis)).EndObject();
}

void WriteAnswered(Writer& out, std::string_view name, bool ok, std::string_view comment) {
    out.Key(name).BeginObject().Field("ok", ok);
    TextOrNull(out, "comment", comment);
    out.EndObject();
}

void WriteReview(Writer& out, const ReviewRecord& record, const Names& names) {
    const ReviewContent& c = record.content;
    out.BeginObject();
    WriteAnswered(out, "basic_information", c.basic_information_ok, c.basic_information_comment);
    WriteAnswered(out, "accuracy", c.accuracy_ok, c.accuracy_comment);
    out.Key("new_risk").BeginObject().Field("found", c.new_risk_found).Key("items").BeginArray();
    for (const std::string& item : c.new_risk_items) out.String(item);
    out.EndArray();
    TextOrNull(out, "comment", c.new_risk_comment);
    out.EndObject().Key("influence").BeginObject().Field("degree", c.influence_degree);
    TextOrNull(out, "comment", c.influence_comment);
    out.EndObject()
        .Key("grade")
        .BeginObject()
        .Field("hazard_grade", Code(c.hazard_grade))
        .Field("risk_grade", Code(c.risk_grade));
    TextOrNull(out, "clause", c.clause);
    TextOrNull(out, "comment", c.grade_comment);
    out.EndObject();
    TextOrNull(out, "opinion", c.opinion);
    out.Field("reviewer_name", UserName(names, record.signed_by.by))
        .TimeField("reviewed_at", record.signed_by.at)
        .EndObject();
}

void WritePlan(Writer& out, const PlanRecord& record, std::string_view responsible_person,
               const Names& names) {
    const PlanContent& c = record.content;
    out.BeginObject().Field("responsible_person", responsible_person).Key("measures").BeginArray();
    for (const Measure& measure : c.measures) {
        out.BeginObject()
            .Field("text", measure.text)
            .Field("due_on", DayText(measure.due_day))
            .EndObject();
    }
    out.EndArray();
    YuanOrNull(out, "funds_amount", c.funds_fen);
    TextOrNull(out, "funds_source", c.funds_source);
    out.Field("due_on", DayText(c.due_day));
    TextOrNull(out, "contingency", c.contingency);
    TextOrNull(out, "interim_controls", c.interim_controls);
    out.Field("author_name", UserName(names, record.signed_by.by))
        .TimeField("created_at", record.signed_by.at)
        .EndObject();
}

void WriteLaterParts(Writer& out, const CaseParts& parts, const Names& names) {
    out.Key("rectification");
    if (const auto& done = parts.rectification) {
        out.BeginObject().Field("measures_done", done->measures_done);
        YuanOrNull(out, "cost", done->cost_fen);
        out.Field("self_check", done->self_check)
            .Field("round", done->round)
            .Field("rectifier_name", UserName(names, done->signed_by.by))
            .TimeField("reported_at", done->signed_by.at)
            .EndObject();
    } else {
        out.Null();
    }
    out.Key("verification");
    if (const auto& checked = parts.verification) {
        out.BeginObject();
        TextOrNull(out, "method", checked->method);
        out.Field("result", checked->result).Field("opinion", checked->opinion);
        TextOrNull(out, "new_due_on", checked->new_due_on);
        out.Field("round", checked->round)
            .Field("verifier_name", UserName(names, checked->signed_by.by))
            .TimeField("verified_at", checked->signed_by.at)
            .EndObject();
    } else {
        out.Null();
    }
    out.Key("write_off");
    if (const auto& end = parts.write_off) {
        out.BeginObject()
            .Field("residual_risk_grade", Code(end->residual_risk_grade))
            .Field("opinion", end->opinion)
            .Field("by_name", UserName(names, end->signed_by.by))
            .TimeField("at", end->signed_by.at)
            .EndObject();
    } else {
        out.Null();
    }
    TextOrNull(out, "archive_no", parts.archive_no);
}

void WritePhotos(Writer& out, const CaseDetail& detail) {
    out.Key("photos").BeginArray();
    for (const Photo& photo : detail.parts.photos) {
        const auto facts = detail.files.find(photo.file_id);
        const bool known = facts != detail.files.end();
        out.BeginObject()
            .IdField("file_id", photo.file_id)
            .Field("kind", photo.kind)
            .TimeField("taken_at", known ? facts->second.taken_at : 0)
            .Field("name", known ? facts->second.name : std::string())
            .EndObject();
    }
    out.EndArray();
}

void WriteComment(Writer& out, const Comment& comment, const Names& names) {
    out.BeginObject()
        .IdField("id", comment.id)
        .Field("text", comment.text)
        .IdField("author_id", comment.signed_by.by)
        .Field("author_name", UserName(names, comment.signed_by.by));
    TextOrNull(out, "author_org", OrganisationOfUser(names, comment.signed_by.by));
    out.TimeField("at", comment.signed_by.at).EndObject();
}

void WriteEvent(Writer& out, const Event& event, const Timeline& timeline) {
    out.BeginObject().IdField("id", event.id).TimeField("at", event.at).Field("kind", event.kind);
    TextOrNull(out, "move", event.move);
    TextOrNull(out, "from", event.from_state);
    TextOrNull(out, "to", event.to_state);
    out.Field("actor_name", UserName(timeline.names, event.actor_id));
    TextOrNull(out, "actor_org", OrganisationName(timeline.names, event.actor_org_id));
    out.Key("actor_roles").BeginArray();
    if (!event.actor_roles.empty()) {
        for (std::string_view role : mch::text::Split(event.actor_roles, ',')) out.String(role);
    }
    out.EndArray();
    TextOrNull(out, "duty_kind", event.duty_kind);
    out.Field("round", event.round);
    TextOrNull(out, "note", event.note);
    NumberOrNull(out, "duration_ms", event.duration_ms);
    out.Field("late", event.late).Key("photos").BeginArray();
    const auto photos = timeline.photos.find(event.id);
    if (photos != timeline.photos.end()) {
        for (mch::Id id : photos->second) out.Id(id);
    }
    out.EndArray().EndObject();
}

}  // namespace

std::string DetailJson(const CaseDetail& detail, const mch::Catalogue& messages,
                       std::string_view language) {
    const CaseRow& row = detail.row;
    const Names& names = detail.names;
    Writer out(4096);
    out.BeginObject();
    WriteSummary(out, row, names, detail.now);
    out.Field("source", row.source);
    TextOrNull(out, "floor", row.floor);
    TextOrNull(out, "part", row.part);
    out.Field("nature", row.nature);
    TextOrNull(out, "cause", row.cause);
    TextOrNull(out, "consequence", row.consequence);
    NumberOrNull(out, "affected_people", row.affected_people);
    out.Key("asset");
    if (detail.asset) {
        out.BeginObject()
            .IdField("id", detail.asset->id)
            .Field("name", detail.asset->name)
            .Field("asset_no", detail.asset->asset_no)
            .EndObject();
    } else {
        out.Null();
    }
    out.Key("reporter")
        .BeginObject()
        .IdField("id", row.reporter_id)
        .Field("name", detail.reporter_name);
    TextOrNull(out, "org_name", OrganisationOfUser(names, row.reporter_id));
    TextOrNull(out, "phone", detail.reporter_phone);
    out.EndObject().Key("duties").BeginArray();
    for (const Duty& duty : detail.parts.duties) {
        WriteDuty(out, duty, names, messages, language);
    }
    out.EndArray();
    WritePhotos(out, detail);
    out.Key("review");
    detail.parts.review ? WriteReview(out, *detail.parts.review, names) : void(out.Null());
    out.Key("plan");
    detail.parts.plan ? WritePlan(out, *detail.parts.plan, detail.responsible_person, names)
                      : void(out.Null());
    WriteLaterParts(out, detail.parts, names);
    TextOrNull(out, "latest_due_on", detail.latest_due_on);
    out.Key("moves").Raw(MovesJson(messages, language, detail.moves)).EndObject();
    return out.Take();
}

std::string PageJson(const CasePage& page, const ListOrder& order) {
    Writer out(1024 + page.rows.size() * 700);
    out.BeginObject().Key("items").BeginArray();
    for (const CaseRow& row : page.rows) {
        out.BeginObject();
        WriteSummary(out, row, page.names, page.now);
        out.EndObject();
    }
    out.EndArray();
    TextOrNull(out, "next_cursor", page.next ? MakeCursor(order, *page.next) : std::string());
    out.EndObject();
    return out.Take();
}

std::string CountsJson(const CaseCounts& counts) {
    Writer out;
    out.BeginObject().Key("by_state").BeginObject();
    for (const auto& [state, count] : counts.by_state) out.Field(state, count);
    out.EndObject()
        .Field("todo", counts.todo)
        .Field("overdue", counts.overdue)
        .Field("total", counts.total)
        .EndObject();
    return out.Take();
}

std::string TimelineJson(const Timeline& timeline) {
    Writer out(4096);
    out.BeginObject().Key("items").BeginArray();
    for (const Event& event : timeline.events) WriteEvent(out, event, timeline);
    out.EndArray().Key("next_cursor").Null().EndObject();
    return out.Take();
}

std::string CommentsJson(const CommentList& list) {
    Writer out;
    out.BeginObject().Key("items").BeginArray();
    for (const Comment& comment : list.comments) WriteComment(out, comment, list.names);
    out.EndArray().Key("next_cursor").Null().EndObject();
    return out.Take();
}

std::string CommentJson(const CommentList& list) {
    Writer out;
    WriteComment(out, list.comments.front(), list.names);
    return out.Take();
}

}  // namespace anlan::hazard
