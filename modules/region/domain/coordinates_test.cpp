#include "modules/region/api/coordinates.h"

#include <gtest/gtest.h>

#include <vector>

namespace anlan::region {
namespace {

// Corners and middles of the country; the last ones lie where the shift is steepest.
const std::vector<Point> kPlaces = {
    {114.0579, 22.5431}, {116.3913, 39.9075}, {121.4737, 31.2304},    {87.6168, 43.8256},
    {126.6424, 45.7567}, {100.2330, 18.2500}, {113.784724, 22.46557}, {114.51961, 22.818918}};

TEST(Coordinates, RoundTripsStayBelowACentimetre) {
    for (const Crs crs : {Crs::kWgs84, Crs::kGcj02, Crs::kBd09}) {
        for (const Crs via : {Crs::kWgs84, Crs::kGcj02, Crs::kBd09}) {
            for (const Point place : kPlaces) {
                const Point back = Convert(Convert(place, crs, via), via, crs);
                EXPECT_LT(DistanceMetres(place, back), 0.01)
                    << CrsName(crs) << " via " << CrsName(via) << " at " << place.longitude << ','
                    << place.latitude;
            }
        }
    }
}

TEST(Coordinates, ShiftHasThePublishedSize) {
    // Test value of the open libraries eviltransform and coordtransform.
    const Point gcj = Convert({116.404, 39.915}, Crs::kWgs84, Crs::kGcj02);
    EXPECT_NEAR(gcj.longitude, 116.41024449916938, 1e-9);
    EXPECT_NEAR(gcj.latitude, 39.91640428150164, 1e-9);
    const Point bd = Convert({116.404, 39.915}, Crs::kGcj02, Crs::kBd09);
    EXPECT_NEAR(bd.longitude, 116.41036949371029, 1e-9);
    EXPECT_NEAR(bd.latitude, 39.92133699351021, 1e-9);
    const double metres =
        DistanceMetres({114.06, 22.54}, Convert({114.06, 22.54}, Crs::kWgs84, Crs::kGcj02));
    EXPECT_GT(metres, 300);
    EXPECT_LT(metres, 800);
}

TEST(Coordinates, OutsideTheCountryNothingIsShifted) {
    const Point paris{2.3522, 48.8566};
    const Point same = Convert(paris, Crs::kWgs84, Crs::kGcj02);
    EXPECT_EQ(same.longitude, paris.longitude);
    EXPECT_EQ(same.latitude, paris.latitude);
}

TEST(Coordinates, DistanceOfOneDegreeOfLatitude) {
    EXPECT_NEAR(DistanceMetres({114, 22}, {114, 23}), 111195, 1);
    EXPECT_EQ(DistanceMetres({114, 22}, {114, 22}), 0);
}

TEST(Coordinates, SystemNamesRoundTripAndOthersAreRefused) {
    for (const Crs crs : {Crs::kWgs84, Crs::kGcj02, Crs::kBd09}) {
        EXPECT_EQ(*ParseCrs(CrsName(crs)), crs);
    }
    EXPECT_EQ(ParseCrs("WGS84").error().code(), "region.crs_unknown");
    EXPECT_FALSE(ParseCrs(""));
}

}  // namespace
}  // namespace anlan::region
