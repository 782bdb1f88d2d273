// SQL of table asset_asset and the mapping of its rows.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "modules/asset/api/asset.h"
#include "modules/identity/api/scope.h"

namespace anlan::asset::store {

struct AssetRow {
    AssetSummary asset;
    std::string source;
    std::string source_key;
    std::string crs_source;
    std::string extra;  // JSON object
};

struct Filter {
    std::string text;  // in name, number or address
    std::string sector;
    mch::Id region_id = 0;  // with everything below it
    bool has_box = false;
    double west = 0, south = 0, east = 0, north = 0;
    mch::Id after = 0;  // id of the last row of the page before
    std::int64_t limit = 20;
};

// asset.not_found.
mch::Result<AssetRow> Find(mch::db::Reader& reader, mch::Id id);
mch::Result<AssetRow> FindVisible(mch::db::Reader& reader, const mch::http::Principal& principal,
                                  mch::Id id);
mch::Result<std::map<mch::Id, AssetSummary>> FindMany(mch::db::Reader& reader,
                                                      const std::vector<mch::Id>& ids);
// Up to limit + 1 rows in order of id.
mch::Result<std::vector<AssetRow>> List(mch::db::Reader& reader,
                                        const mch::http::Principal& principal,
                                        const Filter& filter);
// All rows of a source by their key there.
mch::Result<std::map<std::string, AssetRow>> OfSource(mch::db::Reader& reader,
                                                      std::string_view source);

struct Change {
    mch::TimeMs at = 0;
    mch::Id by = 0;
};
mch::Result<void> Insert(mch::db::Transaction& tx, const AssetRow& row, Change change);
// Everything but identity and source; the row's version must be the stored one
// (request.version_changed).
mch::Result<void> Update(mch::db::Transaction& tx, const AssetRow& row, Change change);

}  // namespace anlan::asset::store
