// `anlan import assets FILE`: a file of assets becomes rows, all of its good rows or none.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mch/app/module.h"
#include "modules/audit/api/audit.h"
#include "modules/identity/api/directory.h"
#include "modules/region/api/region.h"

namespace anlan::asset {

struct ImportOptions {
    std::string file;
    std::string map;     // see ImportMapping
    std::string source;  // "" = the file's name without its ending
    std::string crs = "wgs84";
    std::string sector = "charging";
    std::string type = "facility";
    std::string name_pattern;
    std::string organisation;  // name of the owner; "" = none
    bool dry_run = false;
};

struct Rejection {
    int line = 0;
    std::vector<std::string> cells;
    mch::Error reason;
};

struct ImportReport {
    std::int64_t rows = 0;
    std::int64_t added = 0;
    std::int64_t changed = 0;
    std::int64_t unchanged = 0;
    std::int64_t unconfirmed = 0;                   // region to be confirmed by a person
    std::map<std::string, std::int64_t> by_region;  // region name -> rows
    std::vector<std::string> header;
    std::vector<Rejection> rejected;
};

class AssetImport {
  public:
    static constexpr std::size_t kMaxFile = 32u << 20;
    static constexpr std::int64_t kMaxRows = 50'000;

    AssetImport(mch::app::Runtime& runtime, std::shared_ptr<region::Regions> regions,
                std::shared_ptr<identity::Directory> directory,
                std::shared_ptr<audit::AuditLog> audit)
        : runtime_(runtime),
          regions_(std::move(regions)),
          directory_(std::move(directory)),
          audit_(std::move(audit)) {}

    // Rows that break a rule are in the report and change nothing; a row whose (source, number) is
    // stored already is compared and updated only when it differs. One transaction, one audit
    // record. Errors: asset.import.file, asset.import.encoding, asset.import.rows, csv.* {line},
    // asset.import.map, asset.import.column, region.crs_unknown, asset.import.organisation.
    mch::Result<ImportReport> Run(const ImportOptions& options);

  private:
    struct Batch;
    mch::Result<Batch> Prepare(const ImportOptions& options, const std::string& text,
                               ImportReport& report);
    // Owner and region of each row.
    mch::Result<void> Place(const ImportOptions& options, Batch& batch, ImportReport& report);
    mch::Result<void> Store(const Batch& batch, const std::string& digest, ImportReport& report);

    mch::app::Runtime& runtime_;
    std::shared_ptr<region::Regions> regions_;
    std::shared_ptr<identity::Directory> directory_;
    std::shared_ptr<audit::AuditLog> audit_;
};

}  // namespace anlan::asset
