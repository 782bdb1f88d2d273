#include "modules/hazard/http/parse.h"

#include <cmath>
#include <utility>

#include "mch/base/text.h"
#include "mch/http/conditional.h"
#include "modules/hazard/http/schemas.h"

namespace anlan::hazard {
namespace {

using mch::json::Value;

void Take(std::optional<std::string>& to, const Value& body, std::string_view name) {
    if (body.Has(name)) to = body.String(name);
}
void Take(std::optional<double>& to, const Value& body, std::string_view name) {
    if (body.Has(name)) to = body.Double(name);
}

std::optional<std::int64_t> Fen(const Value& body, std::string_view name) {
    if (!body.Has(name)) return std::nullopt;
    return std::llround(body.Double(name) * 100);
}

std::vector<mch::Id> Ids(const Value& body, std::string_view name) {
    std::vector<mch::Id> ids;
    if (!body.Has(name)) return ids;
    for (const Value& item : body.Find(name)->AsArray()) {
        // The schema has checked the text.
        ids.push_back(mch::ParseId(item.AsString()).value_or(0));
    }
    return ids;
}

std::int64_t Day(const Value& body, std::string_view name) {
    return mch::ParseDate(body.String(name)).value_or(0);
}

// The schema lets only known codes through.
HazardGrade Grade(const Value& body, std::string_view name) {
    return ParseHazardGrade(body.String(name)).value_or(HazardGrade::kMajor);
}
RiskGrade Risk(const Value& body, std::string_view name) {
    return ParseRiskGrade(body.String(name)).value_or(RiskGrade::kMajor);
}

AcceptContent ParseAccept(const Value& body) {
    AcceptContent content;
    content.note = body.String("note");
    if (!body.Has("duties")) return content;
    for (const Value& duty : body.Find("duties")->AsArray()) {
        content.duties.push_back({ParseDutyKind(duty.String("kind")).value_or(DutyKind::kPrincipal),
                                  duty.Id("org_id"), duty.Id("person_id")});
    }
    return content;
}

ReviewContent ParseReview(const Value& body) {
    ReviewContent content;
    const Value& basic = *body.Find("basic_information");
    const Value& accuracy = *body.Find("accuracy");
    const Value& risk = *body.Find("new_risk");
    const Value& influence = *body.Find("influence");
    const Value& grade = *body.Find("grade");
    content.basic_information_ok = basic.Bool("ok");
    content.basic_information_comment = basic.String("comment");
    content.accuracy_ok = accuracy.Bool("ok");
    content.accuracy_comment = accuracy.String("comment");
    content.new_risk_found = risk.Bool("found");
    content.new_risk_comment = risk.String("comment");
    if (risk.Has("items")) {
        for (const Value& item : risk.Find("items")->AsArray()) {
            content.new_risk_items.push_back(item.AsString());
        }
    }
    content.influence_degree = influence.String("degree");
    content.influence_comment = influence.String("comment");
    content.hazard_grade = Grade(grade, "hazard_grade");
    content.risk_grade = Risk(grade, "risk_grade");
    content.clause = grade.String("clause");
    content.grade_comment = grade.String("comment");
    content.opinion = body.String("opinion");
    return content;
}

PlanContent ParsePlan(const Value& body) {
    PlanContent content;
    content.responsible_person = body.String("responsible_person");
    for (const Value& measure : body.Find("measures")->AsArray()) {
        content.measures.push_back({measure.String("text"), Day(measure, "due_on")});
    }
    content.due_day = Day(body, "due_on");
    content.funds_fen = Fen(body, "funds_amount");
    content.funds_source = body.String("funds_source");
    content.contingency = body.String("contingency");
    content.interim_controls = body.String("interim_controls");
    return content;
}

MoveContent ParseContent(Move move, const Value& body) {
    switch (move) {
        case Move::kAccept:
            return ParseAccept(body);
        case Move::kReturn:
        case Move::kReject:
            return ReasonContent{body.String("reason")};
        case Move::kResubmit:
            return ResubmitContent{ParseReport(body), body.String("note")};
        case Move::kConfirm:
            return ParseReview(body);
        case Move::kPlan:
            return ParsePlan(body);
        case Move::kReportDone:
            return DoneContent{body.String("measures_done"), Fen(body, "cost"),
                               body.Bool("self_check"), Ids(body, "photo_ids")};
        case Move::kFail:
            return FailContent{body.String("reason"), Day(body, "due_on")};
        case Move::kPass:
            return PassContent{body.String("method"), body.String("opinion"),
                               Ids(body, "photo_ids")};
        case Move::kWriteOff:
            break;
    }
    return WriteOffContent{Risk(body, "residual_risk_grade"), body.String("opinion")};
}

// The query's parameters as the JSON that their declared schemas understand, so that filters are
// checked by the same declaration that documents them.
mch::Result<Value> QueryAsJson(const mch::http::Request& request,
                               const std::vector<mch::http::QueryParameter>& parameters) {
    mch::json::Object object;
    std::vector<mch::Schema::Property> properties;
    for (const mch::http::QueryParameter& parameter : parameters) {
        const auto text = request.Query(parameter.name);
        properties.push_back({parameter.name, parameter.schema});
        if (!text || text->empty()) continue;
        const auto number = mch::text::ParseInt(*text);
        const bool is_flag =
            parameter.name == "mine" || parameter.name == "todo" || parameter.name == "overdue";
        if (is_flag && (*text == "true" || *text == "false")) {
            object.emplace_back(parameter.name, *text == "true");
        } else if (parameter.name == "limit" && number) {
            object.emplace_back(parameter.name, *number);
        } else {
            object.emplace_back(parameter.name, *text);
        }
    }
    return mch::Schema::Object(std::move(properties)).Validate(Value(std::move(object)));
}

}  // namespace

ReportFields ParseReport(const Value& body) {
    ReportFields fields;
    Take(fields.source, body, "source");
    Take(fields.name, body, "name");
    Take(fields.type, body, "type");
    Take(fields.sector, body, "sector");
    Take(fields.address, body, "address");
    Take(fields.nature, body, "nature");
    Take(fields.floor, body, "floor");
    Take(fields.part, body, "part");
    Take(fields.cause, body, "cause");
    Take(fields.consequence, body, "consequence");
    Take(fields.reporter_name, body, "reporter_name");
    Take(fields.reporter_phone, body, "reporter_phone");
    Take(fields.longitude, body, "longitude");
    Take(fields.latitude, body, "latitude");
    if (body.Has("reporter_grade")) fields.reporter_grade = Grade(body, "reporter_grade");
    if (body.Has("asset_id")) fields.asset_id = body.Id("asset_id");
    if (body.Has("region_id")) fields.region_id = body.Id("region_id");
    if (body.Has("affected_people")) fields.affected_people = body.Int("affected_people");
    if (body.Has("urgent")) fields.urgent = body.Bool("urgent");
    fields.photo_ids = Ids(body, "photo_ids");
    return fields;
}

mch::Result<TransitionInput> ParseTransition(const mch::http::Request& request) {
    MCH_TRY(std::int64_t version, mch::http::VersionSeen(request));
    const auto move = ParseMove(request.json.String("move"));
    if (!move) return mch::InvalidField("move", "field.required");
    return TransitionInput{*move, version, ParseContent(*move, request.json)};
}

mch::Result<ListFilter> ParseFilter(const mch::http::Request& request) {
    static const std::vector<mch::http::QueryParameter> parameters = FilterParameters();
    MCH_TRY(Value query, QueryAsJson(request, parameters));
    ListFilter filter;
    filter.state = query.String("state");
    filter.sector = query.String("sector");
    filter.hazard_grade = query.String("hazard_grade");
    filter.risk_grade = query.String("risk_grade");
    filter.region_id = query.Id("region_id");
    filter.asset_id = query.Id("asset_id");
    filter.text = query.String("q");
    filter.mine = query.Bool("mine");
    filter.todo = query.Bool("todo");
    filter.overdue = query.Bool("overdue");
    return filter;
}

mch::Result<ListOrder> ParseOrder(const mch::http::Request& request) {
    static const std::vector<mch::http::QueryParameter> parameters = ListParameters();
    MCH_TRY(Value query, QueryAsJson(request, parameters));
    ListOrder order;
    const std::string sort = query.String("sort", "-reported_at");
    order.descending = sort.starts_with('-');
    order.key = sort.ends_with("due_at") ? SortKey::kDueAt : SortKey::kReportedAt;
    order.limit = static_cast<int>(query.Int("limit", 20));
    if (query.Has("cursor")) {
        MCH_TRY(Position position, ParseCursor(order, query.String("cursor")));
        order.after = position;
    }
    return order;
}

std::string MakeCursor(const ListOrder& order, const Position& position) {
    std::string text = order.key == SortKey::kDueAt ? "d" : "r";
    text += order.descending ? "-:" : "+:";
    text += std::to_string(position.value) + ":" + std::to_string(position.id);
    return mch::text::ToBase64Url(text);
}

mch::Result<Position> ParseCursor(const ListOrder& order, std::string_view cursor) {
    const auto text = mch::text::FromBase64Url(cursor);
    if (text) {
        const auto fields = mch::text::Split(*text, ':');
        if (fields.size() == 3) {
            const auto value = mch::text::ParseInt(fields[1]);
            const auto id = mch::text::ParseInt(fields[2]);
            if (value && id && MakeCursor(order, {*value, *id}) == cursor) {
                return Position{*value, *id};
            }
        }
    }
    return mch::InvalidField("cursor", "hazard.cursor.invalid");
}

}  // namespace anlan::hazard
