// The tree of regions (country, province, city, district, street, community, grid) and the answer
// to "whose area is this point in?". For every module that stores a region_id.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/ids.h"
#include "mch/base/result.h"
#include "mch/db/database.h"

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

enum class Level { kCountry, kProvince, kCity, kDistrict, kStreet, kCommunity, kGrid };
std::string_view LevelName(Level level);

struct Region {
    mch::Id id = 0;
    mch::Id parent_id = 0;  // 0: the root of this installation
    std::string code;       // GB/T 2260 and its street extension: 4403, 440308, 440308001
    std::string name;
    Level level = Level::kDistrict;
    // "/id/id/" from the root down to the region itself: a subtree is `path LIKE '/1/2/%'`.
    std::string path;
};

// Stored in columns named region_status, as "located" and "unconfirmed" (待确认属地).
enum class RegionStatus { kLocated, kUnconfirmed };
std::string_view RegionStatusName(RegionStatus status);

struct Location {
    // The district that the borders give; 0 when the point is outside all of them. With
    // kUnconfirmed it is a proposal for the person who decides.
    mch::Id region_id = 0;
    RegionStatus status = RegionStatus::kUnconfirmed;
    // Why it is unconfirmed, a message code (region.note.near_border, .old_layer, .outside,
    // .no_borders); empty when located.
    std::string note_code;
};

// Where a row belongs: what the business tables store in region_id and region_status.
class Regions {
  public:
    virtual ~Regions() = default;

    // region.not_found.
    virtual mch::Result<Region> Find(mch::db::Reader& reader, mch::Id id) const = 0;
    virtual mch::Result<Region> FindByCode(mch::db::Reader& reader,
                                           std::string_view code) const = 0;
    // The top of the installation's tree; region.not_seeded before `anlan migrate`.
    virtual mch::Result<Region> Root(mch::db::Reader& reader) const = 0;
    // Names by id; ids that do not exist are left out.
    virtual mch::Result<std::map<mch::Id, std::string>> Names(
        mch::db::Reader& reader, const std::vector<mch::Id>& ids) const = 0;
    // Names from the root to the region: {"深圳市", "盐田区", "海山街道"}.
    virtual mch::Result<std::vector<std::string>> PathNames(mch::db::Reader& reader,
                                                            mch::Id id) const = 0;
    // The district of a WGS-84 point by the border file. Unconfirmed within 30 m of a border,
    // outside all polygons, and where the layer is declared old (design 6). Thread safe.
    virtual mch::Result<Location> Locate(mch::db::Reader& reader, Point wgs84) const = 0;
};

}  // namespace anlan::region
