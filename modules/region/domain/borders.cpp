#include "modules/region/domain/borders.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "mch/base/json.h"

namespace anlan::region {
namespace {

constexpr double kMetresPerDegree = 111195.0;

mch::Error Broken(std::string place) {
    return mch::Invalid("region.borders_invalid", std::move(place));
}

bool IsDistrictCode(std::string_view text) {
    return text.size() == 6 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

mch::Result<Point> ParsePosition(const mch::json::Value& value) {
    if (!value.IsArray() || value.AsArray().size() < 2 || !value.AsArray()[0].IsNumber() ||
        !value.AsArray()[1].IsNumber()) {
        return Broken("position is not [longitude, latitude]");
    }
    const Point p{value.AsArray()[0].AsDouble(), value.AsArray()[1].AsDouble()};
    if (!(std::abs(p.longitude) <= 180) || !(std::abs(p.latitude) <= 90)) {
        return Broken("position is not on the earth");
    }
    return p;
}

mch::Result<Piece> ParsePiece(const mch::json::Value& polygon, Crs crs) {
    if (!polygon.IsArray() || polygon.AsArray().empty()) return Broken("polygon without rings");
    Piece piece;
    for (const mch::json::Value& line : polygon.AsArray()) {
        if (!line.IsArray() || line.AsArray().size() < 4) return Broken("ring of fewer than 4");
        Ring ring;
        ring.reserve(line.AsArray().size());
        for (const mch::json::Value& position : line.AsArray()) {
            MCH_TRY(const Point p, ParsePosition(position));
            ring.push_back(Convert(p, crs, Crs::kWgs84));
        }
        if (ring.front().longitude == ring.back().longitude &&
            ring.front().latitude == ring.back().latitude) {
            ring.pop_back();
        }
        if (piece.rings.empty()) {
            for (const Point p : ring) piece.box.Include(p);
        }
        piece.rings.push_back(std::move(ring));
    }
    return piece;
}

// Even-odd rule; a point exactly on a line may fall on either side, which kBorderMetres covers.
bool InRing(const Ring& ring, Point p) {
    bool inside = false;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        const Point a = ring[i];
        const Point b = ring[j];
        if ((a.latitude > p.latitude) != (b.latitude > p.latitude) &&
            p.longitude < (b.longitude - a.longitude) * (p.latitude - a.latitude) /
                                  (b.latitude - a.latitude) +
                              a.longitude) {
            inside = !inside;
        }
    }
    return inside;
}

bool InPiece(const Piece& piece, Point p) {
    if (!piece.box.Contains(p) || !InRing(piece.rings.front(), p)) return false;
    return std::none_of(piece.rings.begin() + 1, piece.rings.end(),
                        [p](const Ring& hole) { return InRing(hole, p); });
}

// Distance from p to the segment ab on a plane that touches the earth at p.
double MetresToSegment(Point p, Point a, Point b) {
    const double scale = std::cos(p.latitude * std::numbers::pi / 180.0) * kMetresPerDegree;
    const double ax = (a.longitude - p.longitude) * scale;
    const double ay = (a.latitude - p.latitude) * kMetresPerDegree;
    const double dx = (b.longitude - a.longitude) * scale;
    const double dy = (b.latitude - a.latitude) * kMetresPerDegree;
    const double length_squared = dx * dx + dy * dy;
    double along = 0;
    if (length_squared > 0) along = std::clamp(-(ax * dx + ay * dy) / length_squared, 0.0, 1.0);
    return std::hypot(ax + along * dx, ay + along * dy);
}

bool NearLine(const Piece& piece, Point p, double metres) {
    // Half as much again: a degree of longitude is shorter than one of latitude.
    const double margin =
        metres / kMetresPerDegree / std::cos(p.latitude * std::numbers::pi / 180.0) * 1.5;
    if (!piece.box.Contains(p, margin)) return false;
    for (const Ring& ring : piece.rings) {
        for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
            if (MetresToSegment(p, ring[j], ring[i]) < metres) return true;
        }
    }
    return false;
}

void AppendRing(std::string& out, const Ring& ring) {
    out += '[';
    for (std::size_t i = 0; i <= ring.size(); ++i) {
        const Point p = ring[i % ring.size()];
        if (i > 0) out += ',';
        fmt::format_to(std::back_inserter(out), "[{:.5f},{:.5f}]", p.longitude, p.latitude);
    }
    out += ']';
}

// Marks the points of (first, last) that a line within `metres` needs. A stack, not recursion: the
// depth would be up to the reader of the file.
void KeepCorners(const Ring& line, std::size_t first, std::size_t last, double metres,
                 std::vector<bool>& keep) {
    std::vector<std::pair<std::size_t, std::size_t>> stack{{first, last}};
    while (!stack.empty()) {
        const auto [from, to] = stack.back();
        stack.pop_back();
        double farthest = 0;
        std::size_t corner = from;
        for (std::size_t i = from + 1; i < to; ++i) {
            const double away = MetresToSegment(line[i], line[from], line[to]);
            if (away > farthest) {
                farthest = away;
                corner = i;
            }
        }
        if (farthest <= metres) continue;
        keep[corner] = true;
        stack.emplace_back(from, corner);
        stack.emplace_back(corner, to);
    }
}

}  // namespace

void Box::Include(Point p) {
    west = std::min(west, p.longitude);
    east = std::max(east, p.longitude);
    south = std::min(south, p.latitude);
    north = std::max(north, p.latitude);
}

bool Box::Contains(Point p, double margin) const {
    return p.longitude >= west - margin && p.longitude <= east + margin &&
           p.latitude >= south - margin && p.latitude <= north + margin;
}

mch::Result<Borders> Borders::Parse(std::string_view geojson, Crs crs) {
    MCH_TRY(const mch::json::Value root, mch::json::Parse(geojson));
    const mch::json::Value* features = root.Find("features");
    if (features == nullptr || !features->IsArray()) return Broken("no features");
    Borders answer;
    for (const mch::json::Value& feature : features->AsArray()) {
        const mch::json::Value* id = feature.Find("id");
        const mch::json::Value* geometry = feature.Find("geometry");
        if (id == nullptr || geometry == nullptr) continue;
        Border border;
        border.code = id->IsString() ? id->AsString() : id->ToString();
        if (!IsDistrictCode(border.code)) continue;
        const mch::json::Value* properties = feature.Find("properties");
        if (properties != nullptr) {
            const mch::json::Value* name = properties->Find("name");
            if (name != nullptr && name->IsString()) border.name = name->AsString();
            const mch::json::Value* centre = properties->Find("cp");
            if (centre != nullptr && centre->IsArray()) {
                MCH_TRY(const Point p, ParsePosition(*centre));
                border.centre = Convert(p, crs, Crs::kWgs84);
            }
        }
        const mch::json::Value* type = geometry->Find("type");
        const mch::json::Value* coordinates = geometry->Find("coordinates");
        if (type == nullptr || !type->IsString() || coordinates == nullptr ||
            !coordinates->IsArray()) {
            return Broken(border.code + ": geometry without type or coordinates");
        }
        if (type->AsString() == "Polygon") {
            MCH_TRY(Piece piece, ParsePiece(*coordinates, crs));
            border.pieces.push_back(std::move(piece));
        } else if (type->AsString() == "MultiPolygon") {
            for (const mch::json::Value& polygon : coordinates->AsArray()) {
                MCH_TRY(Piece piece, ParsePiece(polygon, crs));
                border.pieces.push_back(std::move(piece));
            }
        } else {
            return Broken(border.code + ": geometry is neither Polygon nor MultiPolygon");
        }
        answer.borders_.push_back(std::move(border));
    }
    return answer;
}

Hit Borders::Find(Point p) const {
    Hit hit;
    int polygons = 0;
    bool near = false;
    for (const Border& border : borders_) {
        for (const Piece& piece : border.pieces) {
            if (InPiece(piece, p)) {
                ++polygons;
                hit.code = border.code;
            }
            near = near || NearLine(piece, p, kBorderMetres);
        }
    }
    const bool old = std::any_of(old_.begin(), old_.end(),
                                 [&](const OldLayer& layer) { return layer.code == hit.code; });
    if (polygons == 0) {
        hit.finding = near ? Finding::kNearBorder : Finding::kOutside;
    } else if (near || polygons > 1) {
        hit.finding = Finding::kNearBorder;
    } else {
        hit.finding = old ? Finding::kOldLayer : Finding::kInside;
    }
    return hit;
}

std::string Borders::ToGeoJson(double metres,
                               const std::map<std::string, std::int64_t>& ids) const {
    std::string out = R"({"type":"FeatureCollection","features":[)";
    bool first = true;
    for (const Border& border : borders_) {
        const auto known = ids.find(border.code);
        if (known == ids.end()) continue;
        if (!first) out += ',';
        first = false;
        fmt::format_to(std::back_inserter(out),
                       R"({{"type":"Feature","properties":{{"id":"{}","code":)", known->second);
        mch::json::AppendQuoted(out, border.code);
        out += ",\"name\":";
        mch::json::AppendQuoted(out, border.name);
        out += R"(},"geometry":{"type":"MultiPolygon","coordinates":[)";
        for (std::size_t i = 0; i < border.pieces.size(); ++i) {
            out += i > 0 ? ",[" : "[";
            for (std::size_t k = 0; k < border.pieces[i].rings.size(); ++k) {
                if (k > 0) out += ',';
                AppendRing(out, Simplify(border.pieces[i].rings[k], metres));
            }
            out += ']';
        }
        out += "]}}";
    }
    out += "]}";
    return out;
}

Ring Simplify(const Ring& ring, double metres) {
    if (ring.size() <= 4) return ring;
    // Cut the closed line at the point farthest from its first one, then treat both halves.
    std::size_t opposite = 0;
    double farthest = -1;
    for (std::size_t i = 1; i < ring.size(); ++i) {
        const double away = DistanceMetres(ring[0], ring[i]);
        if (away > farthest) {
            farthest = away;
            opposite = i;
        }
    }
    Ring line = ring;
    line.push_back(ring.front());
    std::vector<bool> keep(line.size(), false);
    keep[0] = keep[opposite] = true;
    KeepCorners(line, 0, opposite, metres, keep);
    KeepCorners(line, opposite, line.size() - 1, metres, keep);
    Ring answer;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        if (keep[i]) answer.push_back(ring[i]);
    }
    if (answer.size() < 3) return {ring[0], ring[ring.size() / 4], ring[opposite]};
    return answer;
}

}  // namespace anlan::region
