// Table region_region.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mch/base/clock.h"
#include "modules/region/api/region.h"

namespace anlan::region {

struct RegionRow {
    Region region;
    Point centre;  // WGS-84, 0/0 when unknown
    bool has_children = false;
};

namespace store {

mch::Result<RegionRow> Find(mch::db::Reader& reader, mch::Id id);
mch::Result<RegionRow> FindByCode(mch::db::Reader& reader, std::string_view code);
mch::Result<RegionRow> Root(mch::db::Reader& reader);
// In order of their codes.
mch::Result<std::vector<RegionRow>> Children(mch::db::Reader& reader, mch::Id parent_id);
mch::Result<std::vector<RegionRow>> AtLevel(mch::db::Reader& reader, Level level);
// Every region, parents before their children.
mch::Result<std::vector<RegionRow>> All(mch::db::Reader& reader);
mch::Result<std::map<mch::Id, std::string>> Names(mch::db::Reader& reader,
                                                  const std::vector<mch::Id>& ids);
mch::Result<void> Insert(mch::db::Transaction& tx, const RegionRow& row, mch::TimeMs now);
mch::Result<void> Rename(mch::db::Transaction& tx, mch::Id id, std::string_view name,
                         mch::TimeMs now);

}  // namespace store
}  // namespace anlan::region
