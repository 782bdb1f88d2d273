#include "mch/http/router.h"

#include <gtest/gtest.h>

#include "exchange.h"
#include "mch/base/catalogue.h"
#include "mch/base/json.h"
#include "mch/http/conditional.h"
#include "mch/http/server.h"
#include "problem.h"

namespace mch::http {
namespace {

Route MakeRoute(const std::string& method, const std::string& pattern) {
    return {.method = method,
            .pattern = pattern,
            .summary = "x",
            .permission = std::string(kPublic),
            .handler = [](const Request&, Context&) -> Result<Response> {
                return Response::NoContent();
            },
            .audit_action = method == "GET" ? "" : "test.write"};
}

std::string Describe(const Router& router, std::string_view method, std::string_view path) {
    const Router::Match match = router.Find(method, path);
    std::string out =
        match.route != nullptr ? match.route->method + " " + match.route->pattern : "-";
    for (const auto& [name, value] : match.parameters) out += " " + name + "=" + value;
    for (const std::string& allowed : match.allowed_methods) out += " +" + allowed;
    return out;
}

TEST(Router, MatchesBySegment) {
    Router router;
    router.Add(MakeRoute("GET", "/a"));
    router.Add(MakeRoute("POST", "/a"));
    router.Add(MakeRoute("GET", "/a/{id}"));
    router.Add(MakeRoute("GET", "/a/counts"));
    router.Add(MakeRoute("GET", "/a/counts/x"));
    router.Add(MakeRoute("PATCH", "/a/{key}/b/{n}"));
    for (const auto& [request, wanted] : std::vector<std::pair<std::string, std::string>>{
             {"GET /a", "GET /a"},
             {"HEAD /a", "GET /a"},
             {"PUT /a", "- +GET +POST"},
             {"GET /a/7", "GET /a/{id} id=7"},
             {"GET /a/counts", "GET /a/counts"},
             {"PATCH /a/counts/b/2", "PATCH /a/{key}/b/{n} key=counts n=2"},
             {"GET /a/", "-"},
             {"GET /a/7/", "-"},
             {"GET /A", "-"},
             {"GET /", "-"},
             {"GET /a/\xff", "-"},
             {"GET *", "-"},
         }) {
        const std::size_t space = request.find(' ');
        EXPECT_EQ(Describe(router, request.substr(0, space), request.substr(space + 1)), wanted)
            << request;
    }
}

TEST(RouterDeathTest, RefusesIncompleteRoutes) {
    Router router;
    router.Add(MakeRoute("GET", "/a/{id}"));
    EXPECT_DEATH(router.Add(MakeRoute("GET", "/a/{other}")), "assertion");
    Route without_permission = MakeRoute("GET", "/b");
    without_permission.permission.clear();
    EXPECT_DEATH(router.Add(without_permission), "assertion");
    Route without_audit = MakeRoute("POST", "/b");
    without_audit.audit_action.clear();
    EXPECT_DEATH(router.Add(without_audit), "assertion");
    Route inline_private = MakeRoute("GET", "/b");
    inline_private.permission = std::string(kSignedIn);
    inline_private.pool = Pool::kInline;
    EXPECT_DEATH(router.Add(inline_private), "assertion");
}

TEST(OpenApi, DescribesEveryRoute) {
    Router router;
    Route route = MakeRoute("POST", "/api/v1/hazards/{id}/transitions");
    route.permission = "hazard:case:review";
    route.request = Schema::Object({{"move", Schema::Enum({"accept"}), kRequired}}).Named("Move");
    route.response = Schema::Object({{"id", Schema::Id(), kRequired}}).Named("Hazard");
    router.Add(route);
    Route list = MakeRoute("GET", "/api/v1/hazards");
    list.query = {{"limit", Schema::Integer(), "Rows of a page"}};
    router.Add(list);
    const auto document = json::Parse(router.ToOpenApi("T", "1"));
    ASSERT_TRUE(document) << document.error().ToString();
    EXPECT_EQ(document->String("openapi"), "3.1.0");
    const json::Value* paths = document->Find("paths");
    ASSERT_NE(paths, nullptr);
    const json::Value* post = paths->Find("/api/v1/hazards/{id}/transitions")->Find("post");
    ASSERT_NE(post, nullptr);
    EXPECT_EQ(post->String("operationId"), "postHazardsIdTransitions");
    EXPECT_EQ(post->String("x-permission"), "hazard:case:review");
    EXPECT_EQ(post->Find("tags")->AsArray().at(0).AsString(), "hazards");
    EXPECT_EQ(post->Find("parameters")->AsArray().at(0).String("name"), "id");
    EXPECT_TRUE(post->Find("responses")->Has("default"));
    const json::Value* schemas = document->Find("components")->Find("schemas");
    EXPECT_TRUE(schemas->Has("Move") && schemas->Has("Hazard") && schemas->Has("Problem"));
    EXPECT_EQ(paths->Find("/api/v1/hazards")->Find("get")->Find("security")->AsArray().size(), 0u);
}

TEST(Problem, MapsKindsAndKeepsTheDetailBack) {
    Catalogue catalogue;
    ASSERT_TRUE(AddMessages(catalogue));
    Error error = InvalidField("plan.due_on", "field.too_long", {{"max", "9"}});
    const Response response = ProblemResponse(error, catalogue, "en", "t1");
    EXPECT_EQ(response.status, 422);
    const auto body = json::Parse(response.body);
    ASSERT_TRUE(body);
    EXPECT_EQ(body->String("code"), "request.invalid");
    EXPECT_EQ(body->String("trace_id"), "t1");
    const json::Value& field = body->Find("fields")->AsArray().at(0);
    EXPECT_EQ(field.String("message"), "At most 9 characters.");
    EXPECT_EQ(field.Find("params")->String("max"), "9");
    const Response internal =
        ProblemResponse(Internal("server.internal", "password=x"), catalogue, "zh-CN", "t2");
    EXPECT_EQ(internal.status, 500);
    EXPECT_EQ(internal.body.find("password"), std::string::npos);
    const Response changed = ProblemResponse(VersionChanged(7), catalogue, "en", "t3");
    EXPECT_EQ(changed.status, 412);
    EXPECT_EQ(json::Parse(changed.body)->Int("current_version"), 7);
}

TEST(Problem, ChoosesTheLanguage) {
    for (const auto& [accept, wanted] : std::vector<std::pair<std::string, std::string>>{
             {"", "zh-CN"},
             {"en", "en"},
             {"en-GB,en;q=0.9", "en"},
             {"zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"},
             {"en;q=0.9, zh-TW;q=0.5", "en"},
             {"fr, en;q=0.1", "en"},
             {"fr", "zh-CN"},
             {"en;q=0", "zh-CN"},
             {"*", "zh-CN"},
         }) {
        EXPECT_EQ(ChooseLanguage(accept), wanted) << accept;
    }
}

TEST(Version, IsReadFromBodyOrHeader) {
    Request request;
    EXPECT_EQ(VersionSeen(request).error().code(), "request.version_required");
    request.headers = {{"if-match", "\"12\""}};
    EXPECT_EQ(*VersionSeen(request), 12);
    request.headers = {{"if-match", "12"}};
    EXPECT_EQ(VersionSeen(request).error().code(), "request.version_malformed");
    request.json = json::Value(json::Object{{"version", json::Value(std::int64_t{3})}});
    EXPECT_EQ(*VersionSeen(request), 3);
    EXPECT_EQ(VersionTag(3), "\"3\"");
}

TEST(Trace, AcceptsOnlyAWellFormedParent) {
    const std::string id = "4bf92f3577b34da6a3ce929d0e0e4736";
    EXPECT_EQ(TraceIdOf("00-" + id + "-00f067aa0ba902b7-01"), id);
    EXPECT_EQ(TraceIdOf("cc-" + id + "-00f067aa0ba902b7-01-more"), id);
    for (const std::string& bad : std::vector<std::string>{
             "", "ff-" + id + "-00f067aa0ba902b7-01", "00-" + id + "-00f067aa0ba902b7-01-x",
             "00-" + id + "-0000000000000000-01",
             "00-" + std::string(32, '0') + "-00f067aa0ba902b7-01",
             "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
             "00-" + id + "-00f067aa0ba902b7_01"}) {
        EXPECT_EQ(TraceIdOf(bad), "") << bad;
    }
    const std::string made = NewTraceId();
    EXPECT_EQ(made.size(), 32u);
    EXPECT_NE(made, NewTraceId());
}

}  // namespace
}  // namespace mch::http
