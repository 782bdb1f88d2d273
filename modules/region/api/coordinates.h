// Points on the earth and the three coordinate systems of Chinese sources. Pure; for every module
// that takes or stores a position.
#pragma once

#include <string_view>

#include "mch/base/result.h"

namespace anlan::region {

// Coordinate reference systems of Chinese sources. Rows store WGS-84 and name the source's system.
enum class Crs { kWgs84, kGcj02, kBd09 };

// "wgs84", "gcj02", "bd09"; region.crs_unknown otherwise.
mch::Result<Crs> ParseCrs(std::string_view name);
std::string_view CrsName(Crs crs);

// Degrees, longitude first as GeoJSON has it.
struct Point {
    double longitude = 0;
    double latitude = 0;
};

// The same place in another system. GCJ-02 is inverted by iteration to below a centimetre; outside
// China GCJ-02 equals WGS-84.
Point Convert(Point point, Crs from, Crs to);

// Great-circle distance in metres.
double DistanceMetres(Point a, Point b);

}  // namespace anlan::region
