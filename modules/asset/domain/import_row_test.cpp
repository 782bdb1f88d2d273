#include "modules/asset/domain/import_row.h"

#include <gtest/gtest.h>

namespace anlan::asset {
namespace {

const std::vector<std::string> kHeader = {"id", " lat ", "lon", "n", "fast"};
constexpr std::string_view kMap = "asset_no=id,longitude=lon,latitude=lat,ext.fast=fast";

TEST(ImportMapping, RefusesAMapThatDoesNotFit) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", "asset.import.map"},
        {"asset_no=id", "asset.import.map"},
        {"asset_no=id,longitude=lon,latitude=lat,colour=n", "asset.import.map"},
        {"asset_no=id,asset_no=n,longitude=lon,latitude=lat", "asset.import.map"},
        {"asset_no=id,longitude=lon,latitude=lat,ext.=n", "asset.import.map"},
        {"asset_no=id,longitude=lon,latitude=north", "asset.import.column"},
    };
    for (const auto& [map, code] : cases) {
        const auto mapping = ImportMapping::Create(map, "", kHeader);
        ASSERT_FALSE(mapping) << map;
        EXPECT_EQ(mapping.error().code(), code) << map;
    }
}

TEST(ImportMapping, ReadsARow) {
    const auto mapping = ImportMapping::Create(kMap, "Station {id}", kHeader);
    ASSERT_TRUE(mapping);
    const auto asset = mapping->Read({2, {" 7 ", "22.5", "114.1", "x", "12"}});
    ASSERT_TRUE(asset);
    EXPECT_EQ(asset->asset_no, "7");
    EXPECT_EQ(asset->name, "Station 7");
    EXPECT_EQ(asset->longitude, 114.1);
    EXPECT_EQ(asset->extra, R"({"fast":12})");
    EXPECT_EQ(mapping->Read({2, {"7", "1", "2", "", "007"}})->extra, R"({"fast":"007"})");
}

TEST(ImportMapping, NamesTheRuleAndTheColumn) {
    const auto mapping = ImportMapping::Create(kMap, "", kHeader);
    const std::tuple<std::vector<std::string>, std::string, std::string> cases[] = {
        {{"", "1", "2", "", ""}, "field.required", "id"},
        {{std::string(65, '1'), "1", "2", "", ""}, "field.too_long", "id"},
        {{"1", "north", "2", "", ""}, "asset.import.not_a_number", "lat"},
        {{"1", "91", "2", "", ""}, "asset.import.not_degrees", "lat"},
        {{"1", "1", "-181", "", ""}, "asset.import.not_degrees", "lon"},
        {{"1", "0", "0", "", ""}, "asset.import.no_position", "lon"},
        {{"a\x01", "1", "2", "", ""}, "field.control_characters", "id"},
        {{"1", "2"}, "asset.import.cells", "2"},
    };
    for (const auto& [cells, code, parameter] : cases) {
        const auto asset = mapping->Read({3, cells});
        ASSERT_FALSE(asset) << code;
        EXPECT_EQ(asset.error().code(), code);
        EXPECT_EQ(asset.error().params().at(0).second, parameter) << code;
    }
}

}  // namespace
}  // namespace anlan::asset
