#include "modules/asset/domain/import_row.h"

#include <algorithm>
#include <cmath>

#include "mch/base/json.h"
#include "mch/base/text.h"

namespace anlan::asset {
namespace {

constexpr std::size_t kMaxNumber = 64;
constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxAddress = 300;
constexpr std::size_t kMaxExtra = 200;
constexpr std::string_view kExtra = "ext.";

bool IsField(std::string_view field) {
    return field == "asset_no" || field == "longitude" || field == "latitude" || field == "name" ||
           field == "address" || (field.starts_with(kExtra) && field.size() > kExtra.size());
}

mch::Error Broken(std::string code, std::string_view column) {
    return mch::Invalid(std::move(code)).With("column", std::string(column));
}

}  // namespace

mch::Result<ImportMapping> ImportMapping::Create(std::string_view map,
                                                 std::string_view name_pattern,
                                                 const std::vector<std::string>& header) {
    ImportMapping mapping;
    mapping.name_pattern_ = name_pattern;
    for (const std::string& name : header) mapping.header_.emplace_back(mch::text::Trim(name));
    for (const std::string_view pair : mch::text::Split(map, ',')) {
        const std::size_t equals = pair.find('=');
        const std::string_view field = mch::text::Trim(pair.substr(0, equals));
        if (equals == std::string_view::npos || !IsField(field) || mapping.Find(field) != nullptr)
            return mch::Invalid("asset.import.map").With("name", std::string(pair));
        const std::string name(mch::text::Trim(pair.substr(equals + 1)));
        const auto at = std::find(mapping.header_.begin(), mapping.header_.end(), name);
        if (at == mapping.header_.end())
            return mch::Invalid("asset.import.column").With("name", name);
        mapping.columns_.push_back(
            {std::string(field), name, static_cast<std::size_t>(at - mapping.header_.begin())});
    }
    for (const char* required : {"asset_no", "longitude", "latitude"})
        if (mapping.Find(required) == nullptr)
            return mch::Invalid("asset.import.map").With("name", required);
    return mapping;
}

const ImportMapping::Column* ImportMapping::Find(std::string_view field) const {
    for (const Column& column : columns_)
        if (column.field == field) return &column;
    return nullptr;
}

mch::Result<std::string> ImportMapping::Text(const CsvRow& row, std::string_view field,
                                             std::size_t max) const {
    const Column* column = Find(field);
    if (column == nullptr) return std::string();
    const std::string_view text = mch::text::Trim(row.cells[column->at]);
    if (mch::text::HasControl(text)) return Broken("field.control_characters", column->name);
    if (mch::text::CodePoints(text) > max)
        return Broken("field.too_long", column->name).With("max", std::to_string(max));
    return std::string(text);
}

mch::Result<double> ImportMapping::Degrees(const CsvRow& row, std::string_view field,
                                           double limit) const {
    const Column* column = Find(field);
    const auto value = mch::text::ParseDouble(mch::text::Trim(row.cells[column->at]));
    if (!value) return Broken("asset.import.not_a_number", column->name);
    if (std::abs(*value) > limit) return Broken("asset.import.not_degrees", column->name);
    return *value;
}

mch::Result<ImportMapping::Asset> ImportMapping::Read(const CsvRow& row) const {
    if (row.cells.size() != header_.size())
        return mch::Invalid("asset.import.cells")
            .With("found", std::to_string(row.cells.size()))
            .With("expected", std::to_string(header_.size()));
    Asset asset;
    MCH_TRY(asset.asset_no, Text(row, "asset_no", kMaxNumber));
    if (asset.asset_no.empty()) return Broken("field.required", Find("asset_no")->name);
    MCH_TRY(asset.longitude, Degrees(row, "longitude", 180));
    MCH_TRY(asset.latitude, Degrees(row, "latitude", 90));
    // A device without a fix, or a cleared form, reports the origin.
    if (asset.longitude == 0 && asset.latitude == 0)
        return Broken("asset.import.no_position", Find("longitude")->name);
    MCH_TRY(asset.address, Text(row, "address", kMaxAddress));
    MCH_TRY(asset.name, Text(row, "name", kMaxName));
    if (asset.name.empty() && !name_pattern_.empty()) {
        mch::ErrorParams values;
        for (std::size_t i = 0; i < header_.size(); ++i)
            values.emplace_back(header_[i], std::string(mch::text::Trim(row.cells[i])));
        asset.name = mch::text::FillIn(name_pattern_, values);
        if (mch::text::CodePoints(asset.name) > kMaxName)
            return Broken("field.too_long", "name").With("max", std::to_string(kMaxName));
    }
    if (asset.name.empty()) asset.name = asset.asset_no;
    mch::json::Writer extra;
    extra.BeginObject();
    for (const Column& column : columns_) {
        if (!column.field.starts_with(kExtra)) continue;
        MCH_TRY(const std::string text, Text(row, column.field, kMaxExtra));
        if (text.empty()) continue;
        extra.Key(column.field.substr(kExtra.size()));
        const auto number = mch::text::ParseInt(text);
        // Only a number that prints as it was written is one: 007 is a name.
        number&& std::to_string(*number) == text ? extra.Int(*number) : extra.String(text);
    }
    extra.EndObject();
    asset.extra = extra.Take();
    return asset;
}

}  // namespace anlan::asset
