#include "modules/region/app/divisions.h"

#include <utility>

#include "mch/base/json.h"

namespace anlan::region {
namespace {

struct Entry {
    std::string code;
    std::string name;
};

// Entries of a file whose `member` equals `value`.
mch::Result<std::vector<Entry>> Select(const DivisionFile& file, std::string_view name,
                                       std::string_view member, std::string_view value) {
    MCH_TRY(const std::string text, file(name));
    MCH_TRY(const mch::json::Value list, mch::json::Parse(text));
    std::vector<Entry> entries;
    if (!list.IsArray()) return mch::Invalid("region.divisions_invalid", std::string(name));
    for (const mch::json::Value& item : list.AsArray()) {
        const mch::json::Value* key = item.Find(member);
        if (key == nullptr || !key->IsString() || key->AsString() != value) continue;
        const mch::json::Value* code = item.Find("code");
        const mch::json::Value* label = item.Find("name");
        if (code == nullptr || !code->IsString() || label == nullptr || !label->IsString()) {
            return mch::Invalid("region.divisions_invalid", std::string(name));
        }
        entries.push_back({code->AsString(), label->AsString()});
    }
    return entries;
}

mch::Result<Division> FindRoot(std::string_view code, const DivisionFile& file) {
    const bool is_city = code.size() == 4;
    MCH_TRY(std::vector<Entry> found,
            Select(file, is_city ? "cities.json" : "areas.json", "code", code));
    if (found.empty()) {
        return mch::Invalid("region.root_unknown", std::string(code))
            .With("code", std::string(code));
    }
    Division root{std::string(code), "", found[0].name, is_city ? Level::kCity : Level::kDistrict};
    // Below a municipality (Beijing) the city level has no name of its own but a heading such as
    // "districts of the city"; its end 01 tells, and the municipality's name is the one to show.
    const std::string_view province = code.substr(0, 2);
    const bool municipality =
        province == "11" || province == "12" || province == "31" || province == "50";
    if (is_city && municipality) {
        MCH_TRY(found, Select(file, "provinces.json", "code", province));
        if (!found.empty()) root.name = found[0].name;
    }
    return root;
}

}  // namespace

mch::Result<std::vector<Division>> DivisionsUnder(std::string_view root_code,
                                                  const DivisionFile& file) {
    std::vector<Division> answer;
    MCH_TRY(Division root, FindRoot(root_code, file));
    answer.push_back(std::move(root));
    if (root_code.size() == 4) {
        MCH_TRY(std::vector<Entry> areas, Select(file, "areas.json", "cityCode", root_code));
        for (Entry& area : areas) {
            answer.push_back({std::move(area.code), std::string(root_code), std::move(area.name),
                              Level::kDistrict});
        }
    }
    // A district has its six digits in the code of each of its streets.
    MCH_TRY(std::vector<Entry> streets,
            Select(file, "streets.json", "cityCode", root_code.substr(0, 4)));
    for (Entry& street : streets) {
        if (root_code.size() == 6 && !street.code.starts_with(root_code)) continue;
        std::string parent = street.code.substr(0, 6);
        answer.push_back(
            {std::move(street.code), std::move(parent), std::move(street.name), Level::kStreet});
    }
    return answer;
}

}  // namespace anlan::region
