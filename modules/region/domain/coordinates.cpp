#include "modules/region/api/coordinates.h"

#include <cmath>
#include <numbers>
#include <string>

namespace anlan::region {
namespace {

using std::numbers::pi;

// Krasovsky 1940, the ellipsoid that the published GCJ-02 formulas use.
constexpr double kSemiMajorAxis = 6378245.0;
constexpr double kEccentricitySquared = 0.00669342162296594323;
constexpr double kBaiduPi = pi * 3000.0 / 180.0;
constexpr double kMeanEarthRadius = 6371008.8;

// The rectangle within which the map publishers shift coordinates.
bool InShiftedArea(Point p) {
    return p.longitude > 72.004 && p.longitude < 137.8347 && p.latitude > 0.8293 &&
           p.latitude < 55.8271;
}

double ShiftSeries(double value, double first, double second, double third, double fourth) {
    return (first * std::sin(value * pi) + second * std::sin(value / 3.0 * pi)) * 2.0 / 3.0 +
           (third * std::sin(value / 12.0 * pi) + fourth * std::sin(value * pi / 30.0)) * 2.0 / 3.0;
}

Point ToGcj02(Point p) {
    if (!InShiftedArea(p)) return p;
    const double x = p.longitude - 105.0;
    const double y = p.latitude - 35.0;
    const double common =
        (20.0 * std::sin(6.0 * x * pi) + 20.0 * std::sin(2.0 * x * pi)) * 2.0 / 3.0;
    const double north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y +
                         0.2 * std::sqrt(std::abs(x)) + common +
                         ShiftSeries(y, 20.0, 40.0, 160.0, 320.0);
    const double east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y +
                        0.1 * std::sqrt(std::abs(x)) + common +
                        ShiftSeries(x, 20.0, 40.0, 150.0, 300.0);
    const double latitude = p.latitude / 180.0 * pi;
    const double sine = std::sin(latitude);
    const double magic = 1.0 - kEccentricitySquared * sine * sine;
    const double root = std::sqrt(magic);
    return {p.longitude + east * 180.0 / (kSemiMajorAxis / root * std::cos(latitude) * pi),
            p.latitude + north * 180.0 /
                             (kSemiMajorAxis * (1.0 - kEccentricitySquared) / (magic * root) * pi)};
}

Point FromGcj02(Point gcj) {
    if (!InShiftedArea(gcj)) return gcj;
    // The shift changes slowly, so subtracting it converges by about two digits per round.
    Point guess = gcj;
    for (int round = 0; round < 10; ++round) {
        const Point image = ToGcj02(guess);
        const double east = image.longitude - gcj.longitude;
        const double north = image.latitude - gcj.latitude;
        guess.longitude -= east;
        guess.latitude -= north;
        if (std::abs(east) < 1e-10 && std::abs(north) < 1e-10) break;
    }
    return guess;
}

Point GcjToBd09(Point gcj) {
    const double z =
        std::hypot(gcj.longitude, gcj.latitude) + 0.00002 * std::sin(gcj.latitude * kBaiduPi);
    const double theta =
        std::atan2(gcj.latitude, gcj.longitude) + 0.000003 * std::cos(gcj.longitude * kBaiduPi);
    return {z * std::cos(theta) + 0.0065, z * std::sin(theta) + 0.006};
}

Point Bd09ToGcj(Point bd) {
    // The published inverse errs by up to a metre; iterate on the forward formula instead.
    Point guess{bd.longitude - 0.0065, bd.latitude - 0.006};
    for (int round = 0; round < 10; ++round) {
        const Point image = GcjToBd09(guess);
        const double east = image.longitude - bd.longitude;
        const double north = image.latitude - bd.latitude;
        guess.longitude -= east;
        guess.latitude -= north;
        if (std::abs(east) < 1e-10 && std::abs(north) < 1e-10) break;
    }
    return guess;
}

}  // namespace

mch::Result<Crs> ParseCrs(std::string_view name) {
    if (name == "wgs84") return Crs::kWgs84;
    if (name == "gcj02") return Crs::kGcj02;
    if (name == "bd09") return Crs::kBd09;
    return mch::Invalid("region.crs_unknown").With("name", std::string(name));
}

std::string_view CrsName(Crs crs) {
    switch (crs) {
        case Crs::kWgs84:
            return "wgs84";
        case Crs::kGcj02:
            return "gcj02";
        case Crs::kBd09:
            return "bd09";
    }
    return "";
}

Point Convert(Point point, Crs from, Crs to) {
    if (from == to) return point;
    Point gcj = point;
    if (from == Crs::kWgs84) gcj = ToGcj02(point);
    if (from == Crs::kBd09) gcj = Bd09ToGcj(point);
    if (to == Crs::kWgs84) return FromGcj02(gcj);
    if (to == Crs::kBd09) return GcjToBd09(gcj);
    return gcj;
}

double DistanceMetres(Point a, Point b) {
    const double lat_a = a.latitude * pi / 180.0;
    const double lat_b = b.latitude * pi / 180.0;
    const double half_north = std::sin((lat_b - lat_a) / 2.0);
    const double half_east = std::sin((b.longitude - a.longitude) * pi / 360.0);
    const double h =
        half_north * half_north + std::cos(lat_a) * std::cos(lat_b) * half_east * half_east;
    return 2.0 * kMeanEarthRadius * std::asin(std::min(1.0, std::sqrt(h)));
}

}  // namespace anlan::region
