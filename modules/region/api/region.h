// The tree of regions (country, province, city, district, street, community, grid) and the answer
// to "whose area is this point in?". For every module that stores a region_id.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/ids.h"
#include "mch/base/result.h"
#include "mch/db/database.h"
#include "modules/region/api/coordinates.h"

namespace anlan::region {

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
