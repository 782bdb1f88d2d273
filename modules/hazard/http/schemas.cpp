#include "modules/hazard/http/schemas.h"

#include <string_view>

#include "modules/hazard/domain/types.h"

namespace anlan::hazard {
namespace {

using mch::kRequired;
using mch::Schema;
using Properties = std::vector<Schema::Property>;

Schema Codes(const std::vector<std::string_view>& codes) {
    return Schema::Enum({codes.begin(), codes.end()});
}

Schema Text(std::int64_t most) { return Schema::String().Max(most); }
Schema Text(std::int64_t least, std::int64_t most) { return Schema::String().Min(least).Max(most); }
// Yuan, at most a hundred thousand million.
Schema Money() { return Schema::Number().Range(0, 1e11); }
Schema Photos(std::int64_t least) { return Schema::Array(Schema::Id()).Min(least).Max(9); }

// The fields that a report and its correction share; required ones only in the report.
Properties ReportProperties(mch::Presence presence) {
    return {
        {"source", Codes(SourceCodes()), presence},
        {"name", Text(2, 100), presence},
        {"type", Codes(TypeCodes()), presence},
        {"sector", Codes(SectorCodes()), presence},
        {"reporter_grade", Codes(HazardGradeCodes()), presence},
        {"asset_id", Schema::Id()},
        {"region_id", Schema::Id()},
        {"address", Text(2, 200), presence},
        {"longitude", Schema::Number().Range(-180, 180), presence},
        {"latitude", Schema::Number().Range(-90, 90), presence},
        {"floor", Text(40)},
        {"part", Text(100)},
        {"nature", Text(5, 1000), presence},
        {"cause", Text(1000)},
        {"consequence", Text(1000)},
        {"affected_people", Schema::Integer().Min(0).Max(100000)},
        {"reporter_name", Text(50)},
        {"reporter_phone", Text(20)},
        {"urgent", Schema::Boolean()},
        {"photo_ids", Photos(0)},
    };
}

Properties MoveProperties(std::string_view move, Properties content) {
    Properties all = {{"move", Schema::Enum({std::string(move)}), kRequired},
                      {"version", Schema::Integer().Min(1).Describe(
                                      "The version seen; or the header If-Match.")}};
    for (Schema::Property& property : content) all.push_back(std::move(property));
    return all;
}

Schema Answered() {
    return Schema::Object({{"ok", Schema::Boolean(), kRequired}, {"comment", Text(1000)}});
}

std::pair<std::string, Schema> Shape(std::string name, std::string type, Properties content) {
    Schema shape = Schema::Object(MoveProperties(name, std::move(content))).Named(std::move(type));
    return {std::move(name), std::move(shape)};
}

Properties ConfirmProperties() {
    return {
        {"basic_information", Answered(), kRequired},
        {"accuracy", Answered(), kRequired},
        {"new_risk",
         Schema::Object({{"found", Schema::Boolean(), kRequired},
                         {"items", Schema::Array(Text(1, 200)).Max(20)},
                         {"comment", Text(1000)}}),
         kRequired},
        {"influence",
         Schema::Object({{"degree", Schema::Enum({"low", "medium", "high"}), kRequired},
                         {"comment", Text(1000)}}),
         kRequired},
        {"grade",
         Schema::Object({{"hazard_grade", Codes(HazardGradeCodes()), kRequired},
                         {"risk_grade", Codes(RiskGradeCodes()), kRequired},
                         {"clause", Text(200)},
                         {"comment", Text(1000)}}),
         kRequired},
        {"opinion", Text(1000)},
    };
}

Properties PlanProperties() {
    return {
        {"responsible_person", Text(2, 50), kRequired},
        {"measures",
         Schema::Array(Schema::Object({{"text", Text(2, 500), kRequired},
                                       {"due_on", Schema::Date(), kRequired}}))
             .Min(1)
             .Max(20),
         kRequired},
        {"due_on", Schema::Date(), kRequired},
        {"funds_amount", Money().Describe("Yuan.")},
        {"funds_source", Text(200)},
        {"contingency", Text(1000)},
        {"interim_controls", Text(1000)},
    };
}

Properties AcceptProperties() {
    std::vector<std::string> kinds;
    for (DutyKind kind : AllDutyKinds()) kinds.emplace_back(Code(kind));
    return {{"duties", Schema::Array(Schema::Object({{"kind", Schema::Enum(kinds), kRequired},
                                                     {"org_id", Schema::Id(), kRequired},
                                                     {"person_id", Schema::Id()}}))
                           .Max(4)},
            {"note", Text(500)}};
}

Properties ResubmitProperties() {
    Properties properties = ReportProperties(mch::kOptional);
    properties.push_back({"note", Text(500)});
    return properties;
}

// ----- answers

Schema::Property Field(std::string name, Schema schema) {
    return {std::move(name), std::move(schema), kRequired};
}
Schema::Property NullField(std::string name, Schema schema) {
    return {std::move(name), std::move(schema).Nullable(), kRequired};
}

Properties SummaryProperties() {
    return {
        Field("id", Schema::Id()),
        Field("hazard_no", Schema::String()),
        Field("name", Schema::String()),
        Field("state", Codes(StateCodes())),
        Field("type", Codes(TypeCodes())),
        Field("sector", Codes(SectorCodes())),
        NullField("hazard_grade", Codes(HazardGradeCodes())),
        Field("reporter_grade", Codes(HazardGradeCodes())),
        NullField("risk_grade", Codes(RiskGradeCodes())),
        Field("region_id", Schema::Id()),
        Field("region_name", Schema::String()),
        Field("region_status", Schema::Enum({"located", "unconfirmed"})),
        Field("address", Schema::String()),
        Field("longitude", Schema::Number()),
        Field("latitude", Schema::Number()),
        NullField("org_name", Schema::String()),
        Field("reported_at", Schema::Time()),
        NullField("due_at", Schema::Time()),
        Field("overdue", Schema::Boolean()),
        Field("round", Schema::Integer()),
        Field("version", Schema::Integer()),
        NullField("next_move", Schema::String()),
        NullField("cover_photo_id", Schema::Id()),
        Field("urgent", Schema::Boolean()),
    };
}

Schema MoveSchema() {
    return Schema::Object({Field("move", Schema::String()), Field("name", Schema::String()),
                           Field("allowed", Schema::Boolean()),
                           NullField("reason_code", Schema::String()),
                           NullField("reason", Schema::String())})
        .Named("HazardMove");
}

Schema DutySchema() {
    return Schema::Object({Field("kind", Schema::String()), Field("org_id", Schema::Id()),
                           Field("org_name", Schema::String()),
                           NullField("person_id", Schema::Id()),
                           NullField("person_name", Schema::String()),
                           NullField("phone", Schema::String()), Field("basis", Schema::String())})
        .Named("HazardDuty");
}

Schema ReviewSchema() {
    const auto answered = [] {
        return Schema::Object(
            {Field("ok", Schema::Boolean()), NullField("comment", Schema::String())});
    };
    return Schema::Object(
               {Field("basic_information", answered()), Field("accuracy", answered()),
                Field("new_risk", Schema::Object({Field("found", Schema::Boolean()),
                                                  Field("items", Schema::Array(Schema::String())),
                                                  NullField("comment", Schema::String())})),
                Field("influence", Schema::Object({Field("degree", Schema::String()),
                                                   NullField("comment", Schema::String())})),
                Field("grade", Schema::Object({Field("hazard_grade", Codes(HazardGradeCodes())),
                                               Field("risk_grade", Codes(RiskGradeCodes())),
                                               NullField("clause", Schema::String()),
                                               NullField("comment", Schema::String())})),
                NullField("opinion", Schema::String()), Field("reviewer_name", Schema::String()),
                Field("reviewed_at", Schema::Time())})
        .Named("HazardReview");
}

Schema PlanSchema() {
    return Schema::Object(
               {Field("responsible_person", Schema::String()),
                Field("measures", Schema::Array(Schema::Object({Field("text", Schema::String()),
                                                                Field("due_on", Schema::Date())}))),
                NullField("funds_amount", Schema::Number()),
                NullField("funds_source", Schema::String()), Field("due_on", Schema::Date()),
                NullField("contingency", Schema::String()),
                NullField("interim_controls", Schema::String()),
                Field("author_name", Schema::String()), Field("created_at", Schema::Time())})
        .Named("HazardPlan");
}

Schema RectificationSchema() {
    return Schema::Object(
               {Field("measures_done", Schema::String()), NullField("cost", Schema::Number()),
                Field("self_check", Schema::Boolean()), Field("round", Schema::Integer()),
                Field("rectifier_name", Schema::String()), Field("reported_at", Schema::Time())})
        .Named("HazardRectification");
}

Schema VerificationSchema() {
    return Schema::Object(
               {NullField("method", Schema::String()), Field("result", Schema::String()),
                Field("opinion", Schema::String()), NullField("new_due_on", Schema::Date()),
                Field("round", Schema::Integer()), Field("verifier_name", Schema::String()),
                Field("verified_at", Schema::Time())})
        .Named("HazardVerification");
}

Schema WriteOffSchema() {
    return Schema::Object({Field("residual_risk_grade", Codes(RiskGradeCodes())),
                           Field("opinion", Schema::String()), Field("by_name", Schema::String()),
                           Field("at", Schema::Time())})
        .Named("HazardWriteOff");
}

Schema PhotoSchema() {
    return Schema::Object({Field("file_id", Schema::Id()), Field("kind", Schema::String()),
                           NullField("taken_at", Schema::Time()), Field("name", Schema::String())})
        .Named("HazardPhoto");
}

Schema PageOf(Schema item) {
    return Schema::Object({Field("items", Schema::Array(std::move(item))),
                           NullField("next_cursor", Schema::String())});
}

Schema EventSchema() {
    return Schema::Object(
               {Field("id", Schema::Id()), Field("at", Schema::Time()),
                Field("kind", Schema::Enum({"move", "comment"})),
                NullField("move", Schema::String()), NullField("from", Schema::String()),
                NullField("to", Schema::String()), Field("actor_name", Schema::String()),
                NullField("actor_org", Schema::String()),
                Field("actor_roles", Schema::Array(Schema::String())),
                NullField("duty_kind", Schema::String()), Field("round", Schema::Integer()),
                NullField("note", Schema::String()), NullField("duration_ms", Schema::Integer()),
                Field("late", Schema::Boolean()), Field("photos", Schema::Array(Schema::Id()))})
        .Named("HazardEvent");
}

}  // namespace

Schema ReportRequestSchema() {
    Properties properties = ReportProperties(kRequired);
    properties.insert(properties.begin(), {"client_uuid", Schema::Uuid(), kRequired});
    return Schema::Object(std::move(properties)).Named("ReportRequest");
}

Schema TransitionRequestSchema() {
    return Schema::OneOf(
               "move",
               {Shape("accept", "AcceptRequest", AcceptProperties()),
                Shape("return", "ReturnRequest", {{"reason", Text(5, 500), kRequired}}),
                Shape("resubmit", "ResubmitRequest", ResubmitProperties()),
                Shape("reject", "RejectRequest", {{"reason", Text(5, 1000), kRequired}}),
                Shape("confirm", "ConfirmRequest", ConfirmProperties()),
                Shape("plan", "PlanRequest", PlanProperties()),
                Shape("report_done", "ReportDoneRequest",
                      {{"measures_done", Text(2, 1000), kRequired},
                       {"cost", Money().Describe("Yuan.")},
                       {"self_check", Schema::Boolean(), kRequired},
                       {"photo_ids", Photos(1), kRequired}}),
                Shape(
                    "fail", "FailRequest",
                    {{"reason", Text(5, 1000), kRequired}, {"due_on", Schema::Date(), kRequired}}),
                Shape("pass", "PassRequest",
                      {{"method", Schema::Enum({"site_visit", "photo", "sensor"}), kRequired},
                       {"opinion", Text(2, 1000), kRequired},
                       {"photo_ids", Photos(0)}}),
                Shape("write_off", "WriteOffRequest",
                      {{"residual_risk_grade", Codes(RiskGradeCodes()), kRequired},
                       {"opinion", Text(2, 1000), kRequired}})})
        .Named("TransitionRequest");
}

Schema CommentRequestSchema() {
    return Schema::Object({{"text", Text(1, 1000), kRequired}}).Named("HazardCommentRequest");
}

Schema HazardDetailSchema() {
    Properties properties = SummaryProperties();
    for (Schema::Property property : {
             Field("source", Codes(SourceCodes())),
             NullField("floor", Schema::String()),
             NullField("part", Schema::String()),
             Field("nature", Schema::String()),
             NullField("cause", Schema::String()),
             NullField("consequence", Schema::String()),
             NullField("affected_people", Schema::Integer()),
             NullField("asset",
                       Schema::Object({Field("id", Schema::Id()), Field("name", Schema::String()),
                                       Field("asset_no", Schema::String())})),
             Field("reporter",
                   Schema::Object({Field("id", Schema::Id()), Field("name", Schema::String()),
                                   NullField("org_name", Schema::String()),
                                   NullField("phone", Schema::String())})),
             Field("duties", Schema::Array(DutySchema())),
             Field("photos", Schema::Array(PhotoSchema())),
             NullField("review", ReviewSchema()),
             NullField("plan", PlanSchema()),
             NullField("rectification", RectificationSchema()),
             NullField("verification", VerificationSchema()),
             NullField("write_off", WriteOffSchema()),
             NullField("archive_no", Schema::String()),
             NullField("latest_due_on",
                       Schema::Date().Describe("The last day that a failed verification may set.")),
             Field("moves", Schema::Array(MoveSchema())),
         }) {
        properties.push_back(std::move(property));
    }
    return Schema::Object(std::move(properties)).Named("HazardDetail");
}

Schema HazardPageSchema() {
    return PageOf(Schema::Object(SummaryProperties()).Named("HazardSummary")).Named("HazardPage");
}

Schema HazardCountsSchema() {
    Properties states;
    for (std::string_view state : StateCodes()) {
        states.push_back(Field(std::string(state), Schema::Integer()));
    }
    return Schema::Object({Field("by_state", Schema::Object(std::move(states))),
                           Field("todo", Schema::Integer()), Field("overdue", Schema::Integer()),
                           Field("total", Schema::Integer())})
        .Named("HazardCounts");
}

Schema TimelineSchema() { return PageOf(EventSchema()).Named("HazardTimeline"); }

Schema CommentSchema() {
    return Schema::Object({Field("id", Schema::Id()), Field("text", Schema::String()),
                           Field("author_id", Schema::Id()), Field("author_name", Schema::String()),
                           NullField("author_org", Schema::String()), Field("at", Schema::Time())})
        .Named("HazardComment");
}

Schema CommentPageSchema() { return PageOf(CommentSchema()).Named("HazardCommentPage"); }

std::vector<mch::http::QueryParameter> FilterParameters() {
    const Schema flag = Schema::Boolean();
    return {
        {"state", Codes(StateCodes()), "Only this state."},
        {"sector", Codes(SectorCodes()), "Only this sector."},
        {"hazard_grade", Codes(HazardGradeCodes()), "Only this confirmed grade."},
        {"risk_grade", Codes(RiskGradeCodes()), "Only this risk grade."},
        {"region_id", Schema::Id(), "Only this region and what lies below it."},
        {"asset_id", Schema::Id(), "Only cases of this asset."},
        {"q", Text(100), "Text in the name, address or number."},
        {"mine", flag, "Only what the reader reported."},
        {"todo", flag, "Only cases whose next step the reader may make."},
        {"overdue", flag, "Only cases whose step is late."},
    };
}

std::vector<mch::http::QueryParameter> ListParameters() {
    std::vector<mch::http::QueryParameter> parameters = FilterParameters();
    parameters.push_back({"sort",
                          Schema::Enum({"-reported_at", "reported_at", "due_at", "-due_at"}),
                          "Order; newest first when absent."});
    parameters.push_back({"cursor", Schema::String(), "next_cursor of the page before."});
    parameters.push_back({"limit", Schema::Integer().Min(1).Max(100), "Rows of a page, 20."});
    return parameters;
}

}  // namespace anlan::hazard
