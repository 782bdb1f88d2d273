// District borders and the question which one a point lies in. Pure: no store, no files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "modules/region/api/coordinates.h"

namespace anlan::region {

// A closed line without its repeated last point.
using Ring = std::vector<Point>;

struct Box {
    double west = 180, south = 90, east = -180, north = -90;
    void Include(Point p);
    // `margin` in degrees.
    bool Contains(Point p, double margin = 0) const;
};

// One piece of a district: the first ring is its outline, the others are holes in it.
struct Piece {
    std::vector<Ring> rings;
    Box box;
};

struct Border {
    std::string code;  // of the district, six digits
    std::string name;
    Point centre;  // as the file gives it, 0/0 when it does not
    std::vector<Piece> pieces;
};

// What is known about the border file of a city besides its lines (data/borders.json).
struct OldLayer {
    std::string code;                // the polygon that is out of date
    std::vector<std::string> lacks;  // districts that were cut out of it since
};

enum class Finding {
    kInside,      // in exactly one polygon, away from every border
    kNearBorder,  // within kBorderMetres of a line, or where polygons overlap
    kOldLayer,    // in a polygon that is known to be out of date
    kOutside,     // in none
};

struct Hit {
    Finding finding = Finding::kOutside;
    std::string code;  // "" when outside
};

// A point this near to a line is asked about: the lines and phone positions are no better (design
// 6; fixmystreet issues 868 and 16).
inline constexpr double kBorderMetres = 30;

class Borders {
  public:
    // A GeoJSON FeatureCollection (RFC 7946) of Polygon and MultiPolygon features whose `id` is the
    // district's code; its coordinates are in `crs` and are kept as WGS-84. Features without a
    // six-digit code are skipped. Error: region.borders_invalid with the place in `detail`.
    static mch::Result<Borders> Parse(std::string_view geojson, Crs crs);

    void MarkOld(std::vector<OldLayer> layers) { old_ = std::move(layers); }
    Hit Find(Point wgs84) const;
    const std::vector<Border>& all() const { return borders_; }
    // GeoJSON for drawing, of the districts in `ids` (row id by code): lines simplified to
    // `metres`, five decimals (about a metre).
    std::string ToGeoJson(double metres, const std::map<std::string, std::int64_t>& ids) const;

  private:
    std::vector<Border> borders_;
    std::vector<OldLayer> old_;
};

// Douglas-Peucker on a closed line; keeps at least three points.
Ring Simplify(const Ring& ring, double metres);

}  // namespace anlan::region
