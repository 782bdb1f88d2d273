#include "modules/region/domain/borders.h"

#include <gtest/gtest.h>

#include "mch/base/json.h"

namespace anlan::region {
namespace {

// A square of 0.2 degrees with a square hole, a neighbour to its east in two pieces, and a feature
// without a district code.
constexpr std::string_view kTown = R"({"type":"FeatureCollection","features":[
 {"id":"990101","properties":{"name":"West","cp":[10.05,50.15]},
  "geometry":{"type":"Polygon","coordinates":[
   [[10,50],[10.2,50],[10.2,50.2],[10,50.2],[10,50]],
   [[10.08,50.08],[10.12,50.08],[10.12,50.12],[10.08,50.12],[10.08,50.08]]]}},
 {"id":"990102","properties":{"name":"East"},
  "geometry":{"type":"MultiPolygon","coordinates":[
   [[[10.2,50],[10.4,50],[10.4,50.2],[10.2,50.2],[10.2,50]]],
   [[[10.6,50],[10.7,50],[10.7,50.1],[10.6,50.1],[10.6,50]]]]}},
 {"id":"sea","properties":{},"geometry":{"type":"LineString","coordinates":[[0,0],[1,1]]}}]})";

Borders Town() { return std::move(*Borders::Parse(kTown, Crs::kWgs84)); }

TEST(Borders, FindsThePolygonOfAPoint) {
    const struct {
        const char* what;
        Point point;
        Finding finding;
        const char* code;
    } cases[] = {
        {"in the west", {10.05, 50.05}, Finding::kInside, "990101"},
        {"in the hole", {10.1, 50.1}, Finding::kOutside, ""},
        {"in the east", {10.3, 50.1}, Finding::kInside, "990102"},
        {"in the second piece", {10.65, 50.05}, Finding::kInside, "990102"},
        {"between the pieces", {10.5, 50.05}, Finding::kOutside, ""},
        {"far away", {-170, -80}, Finding::kOutside, ""},
        // 0.0003 degrees of longitude are 21 m here, 0.0006 are 43 m.
        {"21 m west of the line", {10.1997, 50.1}, Finding::kNearBorder, "990101"},
        {"21 m east of the line", {10.2003, 50.1}, Finding::kNearBorder, "990102"},
        {"43 m west of the line", {10.1994, 50.1}, Finding::kInside, "990101"},
        {"22 m inside the hole", {10.1, 50.0802}, Finding::kNearBorder, ""},
        {"22 m outside the north", {10.1, 50.2002}, Finding::kNearBorder, ""},
        {"33 m outside the north", {10.1, 50.2003}, Finding::kOutside, ""},
        {"21 m outside the east end", {10.7003, 50.05}, Finding::kNearBorder, ""},
    };
    const Borders town = Town();
    for (const auto& c : cases) {
        const Hit hit = town.Find(c.point);
        EXPECT_EQ(hit.finding, c.finding) << c.what;
        EXPECT_EQ(hit.code, c.code) << c.what;
    }
}

TEST(Borders, AnOldLayerLeavesItsPointsUndecided) {
    Borders town = Town();
    town.MarkOld({{"990101", {"990103"}}});
    EXPECT_EQ(town.Find({10.05, 50.05}).finding, Finding::kOldLayer);
    EXPECT_EQ(town.Find({10.05, 50.05}).code, "990101");
    EXPECT_EQ(town.Find({10.1997, 50.1}).finding, Finding::kNearBorder);
    EXPECT_EQ(town.Find({10.3, 50.1}).finding, Finding::kInside);
}

TEST(Borders, OverlappingPolygonsAreUndecided) {
    const auto overlap = Borders::Parse(R"({"features":[
      {"id":"1","geometry":{"type":"Polygon","coordinates":[]}},
      {"id":"990101","geometry":{"type":"Polygon","coordinates":[[[0,0],[2,0],[2,2],[0,2],[0,0]]]}},
      {"id":"990102","geometry":{"type":"Polygon","coordinates":[[[1,0],[3,0],[3,2],[1,2],[1,0]]]}}
      ]})",
                                        Crs::kWgs84);
    ASSERT_TRUE(overlap);
    EXPECT_EQ(overlap->Find({1.5, 1}).finding, Finding::kNearBorder);
    EXPECT_EQ(overlap->Find({0.5, 1}).finding, Finding::kInside);
}

TEST(Borders, CoordinatesOfAnotherSystemAreMoved) {
    constexpr std::string_view kSquare =
        R"({"features":[{"id":"440308","geometry":{"type":"Polygon",
      "coordinates":[[[114.2,22.5],[114.3,22.5],[114.3,22.6],[114.2,22.6],[114.2,22.5]]]}}]})";
    const Borders gcj = std::move(*Borders::Parse(kSquare, Crs::kGcj02));
    // 100 m inside the western line of the file is outside once both are in one system, and
    // the other way round in the east, because the shift here is some 500 m to the east.
    const Point wgs84_of_west = Convert({114.201, 22.55}, Crs::kGcj02, Crs::kWgs84);
    EXPECT_EQ(gcj.Find(wgs84_of_west).finding, Finding::kInside);
    EXPECT_EQ(gcj.Find({114.299, 22.55}).finding, Finding::kOutside);
}

TEST(Borders, BrokenFilesAreRefused) {
    const char* cases[] = {
        "{}",
        R"({"features":3})",
        R"({"features":[{"id":"990101","geometry":{"type":"Polygon"}}]})",
        R"({"features":[{"id":"990101","geometry":{"type":"Point","coordinates":[1,2]}}]})",
        R"({"features":[{"id":"990101","geometry":{"type":"Polygon","coordinates":[]}}]})",
        R"({"features":[{"id":"990101","geometry":{"type":"Polygon","coordinates":[[[1,2]]]}}]})",
        R"({"features":[{"id":"990101","geometry":{"type":"Polygon","coordinates":[[[1],[1,2],[3,4],[1,2]]]}}]})",
        R"({"features":[{"id":"990101","geometry":{"type":"Polygon","coordinates":[[[1,2],[1,99],[3,4],[1,2]]]}}]})",
    };
    for (const char* text : cases) {
        const auto parsed = Borders::Parse(text, Crs::kWgs84);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code(), "region.borders_invalid") << text;
    }
}

TEST(Borders, SimplifyKeepsCornersAndDropsTheRest) {
    Ring ring;
    for (int i = 0; i < 100; ++i) ring.push_back({10 + i * 0.001, 50});
    ring.push_back({10.1, 50.1});
    const Ring simple = Simplify(ring, 10);
    EXPECT_LE(simple.size(), 4u);
    EXPECT_GE(simple.size(), 3u);
    const Ring triangle{{0, 0}, {1, 0}, {0, 1}};
    EXPECT_EQ(Simplify(triangle, 1e9).size(), 3u);
}

TEST(Borders, GeoJsonForDrawingParsesBackToTheSamePlaces) {
    const std::string text = Town().ToGeoJson(20, {{"990101", 7}, {"990102", 8}});
    const auto json = mch::json::Parse(text);
    ASSERT_TRUE(json);
    const auto& features = json->Find("features")->AsArray();
    ASSERT_EQ(features.size(), 2u);
    EXPECT_EQ(features[0].Find("properties")->String("id"), "7");
    EXPECT_EQ(features[0].Find("geometry")->Find("coordinates")->AsArray()[0].AsArray().size(), 2u);
    EXPECT_EQ(features[1].Find("geometry")->Find("coordinates")->AsArray().size(), 2u);
    EXPECT_EQ(Town().ToGeoJson(20, {}), R"({"type":"FeatureCollection","features":[]})");
}

}  // namespace
}  // namespace anlan::region
