// How a row of a file becomes an asset: the mapping that the operator gave and the rules of each
// field. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/result.h"
#include "modules/asset/domain/csv.h"

namespace anlan::asset {

// What `--map` and its companions say, bound to the columns of one file.
class ImportMapping {
  public:
    // `map` is "field=column,...": the fields asset_no, longitude and latitude (required), name,
    // address, and ext.NAME for what only this sector has. `name_pattern` ("" = the asset number)
    // fills {column} in when no column is mapped to name. Errors: asset.import.map (malformed,
    // unknown or missing field) and asset.import.column, each with the parameter `name`.
    static mch::Result<ImportMapping> Create(std::string_view map, std::string_view name_pattern,
                                             const std::vector<std::string>& header);

    struct Asset {
        std::string asset_no;
        std::string name;
        std::string address;
        double longitude = 0;  // degrees in the system of the file
        double latitude = 0;
        std::string extra;  // JSON object
    };
    // The asset, or the first rule that the row breaks: asset.import.* or field.* with the
    // parameter `column`.
    mch::Result<Asset> Read(const CsvRow& row) const;

  private:
    struct Column {
        std::string field;
        std::string name;
        std::size_t at = 0;
    };
    const Column* Find(std::string_view field) const;
    mch::Result<std::string> Text(const CsvRow& row, std::string_view field, std::size_t max) const;
    mch::Result<double> Degrees(const CsvRow& row, std::string_view field, double limit) const;

    std::vector<std::string> header_;
    std::vector<Column> columns_;
    std::string name_pattern_;
};

}  // namespace anlan::asset
