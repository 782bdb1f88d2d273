// The service behind api/region.h: rows from the store, borders from the installed files.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "mch/app/module.h"
#include "modules/audit/api/audit.h"
#include "modules/region/api/region.h"
#include "modules/region/domain/borders.h"
#include "modules/region/store/region_store.h"

namespace anlan::region {

// One border file with what is declared about it, ready for questions.
struct BorderLayer {
    Borders borders;
    std::string drawing;  // GeoJSON for the map
    std::string etag;
    bool present = false;  // false: this installation has no border file
};

class RegionService final : public Regions {
  public:
    explicit RegionService(mch::app::Runtime& runtime) : runtime_(runtime) {}

    mch::Result<Region> Find(mch::db::Reader& reader, mch::Id id) const override;
    mch::Result<Region> FindByCode(mch::db::Reader& reader, std::string_view code) const override;
    mch::Result<Region> Root(mch::db::Reader& reader) const override;
    mch::Result<std::map<mch::Id, std::string>> Names(
        mch::db::Reader& reader, const std::vector<mch::Id>& ids) const override;
    mch::Result<std::vector<std::string>> PathNames(mch::db::Reader& reader,
                                                    mch::Id id) const override;
    mch::Result<Location> Locate(mch::db::Reader& reader, Point wgs84) const override;

    // Read once per process, at the first question; the files change only with an installation.
    mch::Result<std::shared_ptr<const BorderLayer>> Layer(mch::db::Reader& reader) const;

    // Adds the regions of the installed files that are not stored yet and renames those whose name
    // changed. region.root_changed when the tree was made for another root.
    mch::Result<void> Seed(mch::db::Transaction& tx, audit::AuditLog& audit) const;

  private:
    mch::Result<BorderLayer> Load(mch::db::Reader& reader) const;
    mch::Result<std::map<std::string, Point>> Centres(std::string_view root_code) const;

    mch::app::Runtime& runtime_;
    mutable std::mutex mutex_;
    // Guarded by mutex_; shared with requests that are still drawing from it.
    mutable std::shared_ptr<const BorderLayer> layer_;
};

}  // namespace anlan::region
