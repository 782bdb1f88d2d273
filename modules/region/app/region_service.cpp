#include "modules/region/app/region_service.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include "mch/base/crypto.h"
#include "mch/base/embedded.h"
#include "mch/base/json.h"
#include "mch/base/text.h"
#include "modules/region/app/divisions.h"

extern const mch::EmbeddedFiles kEmbedded_module_region;

namespace anlan::region {
namespace {

constexpr std::string_view kDefaultRoot = "4403";
constexpr std::size_t kMaxFile = 64u << 20;
// Fine enough to tell streets apart on the overview, coarse enough for some 30 KB.
constexpr double kDrawingMetres = 60;

mch::Result<std::string> ReadFile(const std::string& path) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                         std::fclose);
    if (!file) return mch::NotFound("region.data_missing", path).With("path", path);
    std::string text;
    char buffer[65536];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, file.get())) > 0;) {
        if (text.size() + n > kMaxFile) return mch::Invalid("region.data_too_large", path);
        text.append(buffer, n);
    }
    if (std::ferror(file.get()) != 0) return mch::Internal("region.data_unreadable", path);
    return text;
}

struct Declaration {
    Crs crs = Crs::kGcj02;
    std::vector<OldLayer> old;
};

mch::Result<Declaration> ReadDeclaration() {
    Declaration answer;
    for (const auto& [name, text] : kEmbedded_module_region) {
        if (name != "data/borders.json") continue;
        MCH_TRY(const mch::json::Value json, mch::json::Parse(text));
        MCH_TRY(answer.crs, ParseCrs(json.String("crs")));
        for (const mch::json::Value& layer : json.Find("old_layers")->AsArray()) {
            OldLayer old{layer.String("code"), {}};
            for (const mch::json::Value& code : layer.Find("lacks")->AsArray()) {
                old.lacks.push_back(code.AsString());
            }
            answer.old.push_back(std::move(old));
        }
    }
    return answer;
}

bool HasPolygon(const Borders& borders, std::string_view code) {
    return std::any_of(borders.all().begin(), borders.all().end(),
                       [code](const Border& border) { return border.code == code; });
}

// The declared old layers that this file really has, and, when a district of the tree has no
// polygon and nobody declared where it was cut out, all of them: any could be its former part.
std::vector<OldLayer> OldLayers(const Borders& borders, const std::vector<OldLayer>& declared,
                                const std::vector<RegionRow>& districts) {
    std::vector<OldLayer> answer;
    std::set<std::string, std::less<>> explained;
    for (const OldLayer& layer : declared) {
        explained.insert(layer.lacks.begin(), layer.lacks.end());
        const bool mended =
            std::all_of(layer.lacks.begin(), layer.lacks.end(),
                        [&](const std::string& code) { return HasPolygon(borders, code); });
        if (!mended) answer.push_back(layer);
    }
    const bool unexplained =
        std::any_of(districts.begin(), districts.end(), [&](const RegionRow& row) {
            return !HasPolygon(borders, row.region.code) && !explained.contains(row.region.code);
        });
    if (unexplained) {
        for (const Border& border : borders.all()) answer.push_back({border.code, {}});
    }
    return answer;
}

std::string_view NoteOf(Finding finding) {
    switch (finding) {
        case Finding::kInside:
            return "";
        case Finding::kNearBorder:
            return "region.note.near_border";
        case Finding::kOldLayer:
            return "region.note.old_layer";
        case Finding::kOutside:
            return "region.note.outside";
    }
    return "";
}

std::string RootCode(mch::app::Runtime& runtime) {
    return runtime.config().Text("region_root", kDefaultRoot);
}

std::string BorderPath(mch::app::Runtime& runtime, std::string_view root_code) {
    return runtime.share_folder() + "/data/borders/" + std::string(root_code.substr(0, 4)) +
           ".json";
}

}  // namespace

mch::Result<Region> RegionService::Find(mch::db::Reader& reader, mch::Id id) const {
    MCH_TRY(RegionRow row, store::Find(reader, id));
    return row.region;
}

mch::Result<Region> RegionService::FindByCode(mch::db::Reader& reader,
                                              std::string_view code) const {
    MCH_TRY(RegionRow row, store::FindByCode(reader, code));
    return row.region;
}

mch::Result<Region> RegionService::Root(mch::db::Reader& reader) const {
    MCH_TRY(RegionRow row, store::Root(reader));
    return row.region;
}

mch::Result<std::map<mch::Id, std::string>> RegionService::Names(
    mch::db::Reader& reader, const std::vector<mch::Id>& ids) const {
    return store::Names(reader, ids);
}

mch::Result<std::vector<std::string>> RegionService::PathNames(mch::db::Reader& reader,
                                                               mch::Id id) const {
    MCH_TRY(const RegionRow row, store::Find(reader, id));
    std::vector<mch::Id> ids;
    for (const std::string_view part : mch::text::Split(row.region.path, '/')) {
        if (part.empty()) continue;
        MCH_TRY(const mch::Id part_id, mch::ParseId(part));
        ids.push_back(part_id);
    }
    MCH_TRY(const auto names, store::Names(reader, ids));
    std::vector<std::string> answer;
    for (const mch::Id part_id : ids) {
        const auto it = names.find(part_id);
        if (it != names.end()) answer.push_back(it->second);
    }
    return answer;
}

mch::Result<Location> RegionService::Locate(mch::db::Reader& reader, Point wgs84) const {
    MCH_TRY(const auto layer, Layer(reader));
    Location answer;
    if (!layer->present) {
        answer.note_code = "region.note.no_borders";
        return answer;
    }
    const Hit hit = layer->borders.Find(wgs84);
    answer.note_code = NoteOf(hit.finding);
    if (!hit.code.empty()) {
        auto row = store::FindByCode(reader, hit.code);
        if (row) {
            answer.region_id = row->region.id;
        } else if (row.error().kind() != mch::ErrorKind::kNotFound) {
            return row.error();
        } else {
            // A district of the city that does not belong to this installation's tree.
            answer.note_code = "region.note.outside";
        }
    }
    if (answer.note_code.empty()) answer.status = RegionStatus::kLocated;
    return answer;
}

mch::Result<std::shared_ptr<const BorderLayer>> RegionService::Layer(
    mch::db::Reader& reader) const {
    const std::lock_guard lock(mutex_);
    if (!layer_) {
        MCH_TRY(BorderLayer loaded, Load(reader));
        layer_ = std::make_shared<const BorderLayer>(std::move(loaded));
    }
    return layer_;
}

mch::Result<BorderLayer> RegionService::Load(mch::db::Reader& reader) const {
    MCH_TRY(const RegionRow root, store::Root(reader));
    BorderLayer answer;
    std::map<std::string, mch::Id> ids;
    const auto text = ReadFile(BorderPath(runtime_, root.region.code));
    if (text) {
        MCH_TRY(const Declaration declaration, ReadDeclaration());
        MCH_TRY(answer.borders, Borders::Parse(*text, declaration.crs));
        MCH_TRY(const auto districts, store::AtLevel(reader, Level::kDistrict));
        for (const RegionRow& row : districts) ids.emplace(row.region.code, row.region.id);
        answer.borders.MarkOld(OldLayers(answer.borders, declaration.old, districts));
        answer.present = true;
    } else if (text.error().kind() != mch::ErrorKind::kNotFound) {
        return text.error();
    }
    answer.drawing = answer.borders.ToGeoJson(kDrawingMetres, ids);
    answer.etag = '"' + mch::text::ToHex(mch::crypto::Sha256(answer.drawing)).substr(0, 32) + '"';
    return answer;
}

mch::Result<std::map<std::string, Point>> RegionService::Centres(std::string_view root_code) const {
    std::map<std::string, Point> centres;
    const auto text = ReadFile(BorderPath(runtime_, root_code));
    if (!text) return centres;  // no borders for this city: rows without centre
    MCH_TRY(const Declaration declaration, ReadDeclaration());
    MCH_TRY(const Borders borders, Borders::Parse(*text, declaration.crs));
    for (const Border& border : borders.all()) centres.emplace(border.code, border.centre);
    return centres;
}

mch::Result<void> RegionService::Seed(mch::db::Transaction& tx, audit::AuditLog& audit) const {
    const std::string root_code = RootCode(runtime_);
    MCH_TRY(const std::vector<RegionRow> stored, store::All(tx));
    if (!stored.empty() && stored.front().region.code != root_code) {
        return mch::Conflict("region.root_changed", stored.front().region.code)
            .With("stored", stored.front().region.code)
            .With("configured", root_code);
    }
    const std::string folder = runtime_.share_folder() + "/data/divisions/";
    MCH_TRY(const std::vector<Division> divisions,
            DivisionsUnder(root_code, [&](std::string_view name) {
                return ReadFile(folder + std::string(name));
            }));
    MCH_TRY(const auto centres, Centres(root_code));

    std::map<std::string, Region> known;
    for (const RegionRow& row : stored) known.emplace(row.region.code, row.region);
    const mch::TimeMs now = runtime_.clock().Now();
    int added = 0;
    std::vector<audit::Change> changes;
    for (const Division& division : divisions) {
        const auto it = known.find(division.code);
        if (it != known.end()) {
            if (it->second.name == division.name) continue;
            MCH_CHECK(store::Rename(tx, it->second.id, division.name, now));
            changes.push_back({division.code, it->second.name, division.name});
            continue;
        }
        RegionRow row;
        row.region = {runtime_.ids().Next(), 0, division.code, division.name, division.level, "/"};
        if (!division.parent_code.empty()) {
            // Cities without districts have their streets directly below them.
            auto parent = known.find(division.parent_code);
            if (parent == known.end()) parent = known.find(root_code);
            row.region.parent_id = parent->second.id;
            row.region.path = parent->second.path;
        }
        row.region.path += mch::FormatId(row.region.id) + '/';
        const auto centre = centres.find(division.code);
        if (centre != centres.end()) row.centre = centre->second;
        MCH_CHECK(store::Insert(tx, row, now));
        known.emplace(division.code, row.region);
        ++added;
    }
    if (added == 0 && changes.empty()) return {};
    return audit.Append(tx, audit::CommandActor("anlan migrate"),
                        {.action = "region.seed",
                         .object_type = "region",
                         .object_id = known.at(root_code).id,
                         .region_id = known.at(root_code).id,
                         .changes = std::move(changes),
                         .note = std::to_string(added) + " regions added"});
}

}  // namespace anlan::region
