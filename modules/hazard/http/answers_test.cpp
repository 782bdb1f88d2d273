#include "modules/hazard/http/answers.h"

#include "modules/hazard/app/test_world.h"
#include "modules/hazard/http/parse.h"
#include "modules/hazard/http/schemas.h"

namespace anlan::hazard {
namespace {

class AnswersTest : public WorldTest {
  protected:
    mch::json::Value Checked(const mch::Schema& schema, const std::string& text) {
        auto value = mch::json::Parse(text);
        EXPECT_TRUE(value) << text;
        if (!value) return {};
        auto valid = schema.Validate(*value);
        if (!valid) {
            for (const auto& field : valid.error().fields()) {
                ADD_FAILURE() << field.field << " " << field.code << "\n" << text;
            }
        }
        return std::move(*value);
    }
    mch::http::Response Call(const std::string& method, const std::string& pattern,
                             const std::string& account, const std::string& id,
                             const std::string& query, const std::string& body) {
        const auto match = app_.routes.Find(method, pattern);
        EXPECT_NE(match.route, nullptr);
        mch::http::Request request;
        request.method = method;
        request.query = query;
        request.path_parameters = {{"id", id}};
        if (!body.empty()) {
            auto parsed = match.route->request.Validate(*mch::json::Parse(body));
            EXPECT_TRUE(parsed);
            if (!parsed) {
                for (const auto& field : parsed.error().fields()) {
                    ADD_FAILURE() << field.field << " " << field.code;
                }
                return {};
            }
            request.json = std::move(*parsed);
        }
        mch::http::Context context = As(account);
        auto answer = match.route->handler(request, context);
        EXPECT_TRUE(answer) << answer.error().ToString();
        if (!answer) return {};
        if (!match.route->response.Empty()) Checked(match.route->response, answer->body);
        return std::move(*answer);
    }
};
INSTANTIATE_TEST_SUITE_P(, AnswersTest, testing::Values("sqlite"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST_P(AnswersTest, EveryStateFitsTheDeclaredShape) {
    const std::vector<std::vector<Move>> ways = {
        {},
        {Move::kReturn},
        {Move::kAccept, Move::kReject},
        {Move::kAccept, Move::kConfirm, Move::kPlan, Move::kReportDone, Move::kFail},
        {Move::kAccept, Move::kConfirm, Move::kPlan, Move::kReportDone, Move::kPass,
         Move::kWriteOff},
    };
    for (const auto& way : ways) {
        const CaseDetail c = CaseAfter(way);
        for (const char* language : {"zh-CN", "en"}) {
            const auto value =
                Checked(HazardDetailSchema(), DetailJson(c, app_.messages, language));
            EXPECT_EQ(value.String("state"), Code(c.row.state));
            EXPECT_EQ(value.Id("id"), c.row.id);
        }
    }
}

TEST_P(AnswersTest, TheWholeLoopOverTheRoutes) {
    const std::string all = "/api/v1/hazards";
    const std::string report =
        R"({"client_uuid":")" + mch::RandomUuid() +
        R"(","source":"inspection","name":"枪线破损","type":"equipment_fault","sector":"charging",)"
        R"("reporter_grade":"ordinary","asset_id":"500","address":"海山路 1 号","longitude":114.25,)"
        R"("latitude":22.56,"nature":"枪线外皮破损，露出铜芯","photo_ids":[")" +
        mch::FormatId(Upload("wang")) + R"("]})";
    auto answer = Call("POST", all, "wang", "", "", report);
    EXPECT_EQ(answer.status, 201);
    const auto created = mch::json::Parse(answer.body);
    ASSERT_TRUE(created);
    const std::string id = created->String("id");
    EXPECT_EQ(Call("POST", all, "wang", "", "", report).status, 200);
    int version = 1;
    const auto move = [&](const std::string& account, const std::string& body) {
        const std::string seen = std::to_string(version++);
        const auto moved = Call("POST", all + "/" + id + "/transitions", account, id, "",
                                R"({"version":)" + seen + "," + body + "}");
        return mch::json::Parse(moved.body)->String("state");
    };
    EXPECT_EQ(move("wang", R"("move":"accept")"), "reviewing");
    EXPECT_EQ(
        move("li", R"("move":"confirm","basic_information":{"ok":true},"accuracy":{"ok":true},)"
                   R"("new_risk":{"found":true,"items":["电缆过热"]},"influence":{"degree":"low"},)"
                   R"("grade":{"hazard_grade":"ordinary","risk_grade":"considerable"})"),
        "archived");
    EXPECT_EQ(
        move("chen", R"("move":"plan","responsible_person":"陈安全员","measures":[{"text":"更换",)"
                     R"("due_on":")" +
                         Date(3) + R"("}],"due_on":")" + Date(8) + R"(","funds_amount":1234.56)"),
        "rectifying");
    EXPECT_EQ(move("chen", R"("move":"report_done","measures_done":"已经更换","cost":0.1,)"
                           R"("self_check":true,"photo_ids":[")" +
                               mch::FormatId(Upload("chen")) + R"("])"),
              "awaiting_verification");
    EXPECT_EQ(move("zhao", R"("move":"pass","method":"site_visit","opinion":"合格")"),
              "awaiting_write_off");
    EXPECT_EQ(move("sun", R"("move":"write_off","residual_risk_grade":"low","opinion":"同意")"),
              "written_off");
    Call("POST", all + "/" + id + "/comments", "chen", id, "", R"({"text":"谢谢"})");
    Call("GET", all + "/" + id + "/comments", "chen", id, "", "");
    const auto events = Call("GET", all + "/" + id + "/timeline", "wang", id, "", "");
    EXPECT_EQ(mch::json::Parse(events.body)->Find("items")->AsArray().size(), 8U);
    const auto detail = mch::json::Parse(Call("GET", all + "/" + id, "li", id, "", "").body);
    EXPECT_DOUBLE_EQ(detail->Find("plan")->Double("funds_amount"), 1234.56);
    EXPECT_DOUBLE_EQ(detail->Find("rectification")->Double("cost"), 0.1);
    EXPECT_EQ(detail->Find("review")->Find("new_risk")->Find("items")->AsArray().size(), 1U);
    const auto page = Call("GET", all, "li", "", "state=written_off&limit=5&sort=due_at", "");
    EXPECT_EQ(mch::json::Parse(page.body)->Find("items")->AsArray().size(), 1U);
    const auto counts = Call("GET", all + "/counts", "li", "", "q=true", "");
    EXPECT_EQ(mch::json::Parse(counts.body)->Int("total"), 0);
}

TEST_P(AnswersTest, WritesNameTheirAuditAction) {
    std::set<std::string> actions;
    for (const mch::http::Route& route : app_.routes.routes()) {
        EXPECT_TRUE(route.permission.starts_with("hazard:case:")) << route.pattern;
        if (route.method != "GET") actions.insert(route.audit_action);
    }
    EXPECT_EQ(actions,
              (std::set<std::string>{"hazard.report", "hazard.transition", "hazard.comment"}));
}

TEST(Parse, BadQueriesAreLocated) {
    struct Case {
        const char* query;
        const char* field;
    };
    const Case cases[] = {
        {"limit=0", "limit"},  {"limit=101", "limit"},      {"limit=many", "limit"},
        {"sort=name", "sort"}, {"cursor=%21%21", "cursor"}, {"cursor=abcd", "cursor"},
    };
    for (const Case& c : cases) {
        mch::http::Request request;
        request.query = c.query;
        const auto order = ParseOrder(request);
        ASSERT_FALSE(order) << c.query;
        ASSERT_EQ(order.error().fields().size(), 1U);
        EXPECT_EQ(order.error().fields()[0].field, c.field);
    }
    for (const char* query : {"state=merged", "mine=yes", "region_id=-1", "hazard_grade=red"}) {
        mch::http::Request request;
        request.query = query;
        EXPECT_FALSE(ParseFilter(request)) << query;
    }
}

TEST(Parse, ACursorBelongsToItsOrder) {
    const ListOrder newest;
    ListOrder by_due;
    by_due.key = SortKey::kDueAt;
    const std::string cursor = MakeCursor(newest, {1795478400000, 42});
    const auto position = ParseCursor(newest, cursor);
    ASSERT_TRUE(position);
    EXPECT_EQ(position->value, 1795478400000);
    EXPECT_EQ(position->id, 42);
    EXPECT_FALSE(ParseCursor(by_due, cursor));
    ListOrder oldest;
    oldest.descending = false;
    EXPECT_FALSE(ParseCursor(oldest, cursor));
}

TEST(Schemas, RequestsNameWhatIsWrong) {
    struct Case {
        const char* body;
        const char* field;
        const char* code;
    };
    const Case cases[] = {
        {R"({"version":1})", "move", "field.required"},
        {R"({"move":"merge","version":1})", "move", "field.not_allowed"},
        {R"({"move":"return","version":1})", "reason", "field.required"},
        {R"({"move":"return","version":1,"reason":"短"})", "reason", "field.too_short"},
        {R"({"move":"accept","version":1,"extra":1})", "extra", "field.unknown"},
        {R"({"move":"fail","version":1,"reason":"接头松动了","due_on":"2026-02-30"})", "due_on",
         "field.format"},
        {R"({"move":"pass","version":1,"method":"guess","opinion":"合格"})", "method",
         "field.not_allowed"},
    };
    for (const Case& c : cases) {
        const auto checked = TransitionRequestSchema().Validate(*mch::json::Parse(c.body));
        ASSERT_FALSE(checked) << c.body;
        ASSERT_FALSE(checked.error().fields().empty());
        EXPECT_EQ(checked.error().fields()[0].field, c.field);
        EXPECT_EQ(checked.error().fields()[0].code, c.code);
    }
}

}  // namespace
}  // namespace anlan::hazard
