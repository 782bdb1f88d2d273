#include "modules/asset/app/import.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "mch/base/crypto.h"
#include "mch/base/text.h"
#include "modules/asset/domain/import_row.h"
#include "modules/asset/store/asset_store.h"

namespace anlan::asset {
namespace {

constexpr std::int64_t kReadBudgetMs = 5'000;
// Points located in one read snapshot, which may last 5 s at most.
constexpr std::size_t kChunk = 100;
constexpr std::int64_t kWriteBudgetMs = 120'000;

mch::Result<std::string> ReadWholeFile(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return mch::Invalid("asset.import.file", path).With("file", path);
    std::string text(AssetImport::kMaxFile + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad() || text.size() > AssetImport::kMaxFile)
        return mch::Invalid("asset.import.file", path + " is too large or unreadable")
            .With("file", path);
    return text;
}

bool SameContent(const store::AssetRow& a, const store::AssetRow& b) {
    return a.asset.name == b.asset.name && a.asset.sector == b.asset.sector &&
           a.asset.type == b.asset.type && a.asset.org_id == b.asset.org_id &&
           a.asset.address == b.asset.address && a.asset.longitude == b.asset.longitude &&
           a.asset.latitude == b.asset.latitude && a.asset.region_status == b.asset.region_status &&
           a.asset.region_id == b.asset.region_id && a.crs_source == b.crs_source &&
           a.extra == b.extra;
}

}  // namespace

struct AssetImport::Batch {
    std::string source;
    std::string file;
    std::vector<store::AssetRow> rows;
};

mch::Result<AssetImport::Batch> AssetImport::Prepare(const ImportOptions& options,
                                                     const std::string& text,
                                                     ImportReport& report) {
    Batch batch;
    batch.file = std::filesystem::path(options.file).filename();
    batch.source = options.source.empty() ? std::filesystem::path(options.file).stem().string()
                                          : options.source;
    if (batch.source.empty() || batch.source.size() > 64)
        return mch::InvalidField("source", "field.too_long", {{"max", "64"}});
    MCH_TRY(const region::Crs crs, region::ParseCrs(options.crs));
    CsvReader reader(text);
    MCH_TRY(auto header, reader.Next());
    if (!header) return mch::Invalid("asset.import.empty");
    report.header = header->cells;
    MCH_TRY(const ImportMapping mapping,
            ImportMapping::Create(options.map, options.name_pattern, header->cells));
    std::set<std::string> seen;
    while (true) {
        MCH_TRY(auto row, reader.Next());
        if (!row) break;
        if (++report.rows > kMaxRows)
            return mch::Invalid("asset.import.rows").With("max", std::to_string(kMaxRows));
        auto asset = mapping.Read(*row);
        if (asset && !seen.insert(asset->asset_no).second)
            asset = mch::Invalid("asset.import.twice").With("asset_no", asset->asset_no);
        if (!asset) {
            report.rejected.push_back({row->line, std::move(row->cells), asset.error()});
            continue;
        }
        store::AssetRow out;
        out.source = batch.source;
        out.source_key = asset->asset_no;
        out.crs_source = region::CrsName(crs);
        out.extra = std::move(asset->extra);
        out.asset.asset_no = std::move(asset->asset_no);
        out.asset.name = std::move(asset->name);
        out.asset.address = std::move(asset->address);
        out.asset.sector = options.sector;
        out.asset.type = options.type;
        out.asset.status = "in_use";
        const region::Point wgs84 =
            region::Convert({asset->longitude, asset->latitude}, crs, region::Crs::kWgs84);
        out.asset.longitude = wgs84.longitude;
        out.asset.latitude = wgs84.latitude;
        batch.rows.push_back(std::move(out));
    }
    return batch;
}

mch::Result<void> AssetImport::Place(const ImportOptions& options, Batch& batch,
                                     ImportReport& report) {
    mch::Id org_id = 0;
    mch::Id root_id = 0;
    std::map<mch::Id, std::string> names;
    const auto prepare = [&](mch::db::Reader& db) -> mch::Result<void> {
        MCH_TRY(const region::Region root, regions_->Root(db));
        root_id = root.id;
        if (options.organisation.empty()) return {};
        MCH_TRY(const identity::OrganisationCard owner,
                directory_->OrganisationByName(db, options.organisation));
        if (owner.id == 0) {
            return mch::Invalid("asset.import.organisation").With("name", options.organisation);
        }
        org_id = owner.id;
        return {};
    };
    const auto place = [&](mch::db::Reader& db, store::AssetRow& row) -> mch::Result<void> {
        MCH_TRY(const region::Location found,
                regions_->Locate(db, {row.asset.longitude, row.asset.latitude}));
        // A place outside every district waits at the root for the person who decides.
        row.asset.region_id = found.region_id != 0 ? found.region_id : root_id;
        row.asset.region_status = region::RegionStatusName(found.status);
        row.asset.org_id = org_id;
        if (!names.contains(row.asset.region_id)) {
            MCH_TRY(const region::Region region, regions_->Find(db, row.asset.region_id));
            names[region.id] = region.name;
        }
        ++report.by_region[names[row.asset.region_id]];
        report.unconfirmed += found.status == region::RegionStatus::kUnconfirmed ? 1 : 0;
        return {};
    };
    MCH_CHECK(runtime_.database().Read(mch::Deadline(runtime_.clock(), kReadBudgetMs), prepare));
    // The borders do not change meanwhile, so the chunks need not see one snapshot.
    for (std::size_t from = 0; from < batch.rows.size(); from += kChunk) {
        const std::size_t to = std::min(batch.rows.size(), from + kChunk);
        MCH_CHECK(runtime_.database().Read(mch::Deadline(runtime_.clock(), kReadBudgetMs),
                                           [&](mch::db::Reader& db) -> mch::Result<void> {
                                               for (std::size_t i = from; i < to; ++i)
                                                   MCH_CHECK(place(db, batch.rows[i]));
                                               return {};
                                           }));
    }
    return {};
}

mch::Result<void> AssetImport::Store(const Batch& batch, const std::string& digest,
                                     ImportReport& report) {
    return runtime_.database().Write(
        mch::Deadline(runtime_.clock(), kWriteBudgetMs),
        [&](mch::db::Transaction& tx) -> mch::Result<void> {
            // The use case may run again: the counts begin anew.
            report.added = report.changed = report.unchanged = 0;
            MCH_TRY(const auto stored, store::OfSource(tx, batch.source));
            const store::Change change{runtime_.clock().Now(), 0};
            for (const store::AssetRow& row : batch.rows) {
                const auto known = stored.find(row.source_key);
                store::AssetRow next = row;
                if (known == stored.end()) {
                    next.asset.id = runtime_.ids().Next();
                    MCH_CHECK(store::Insert(tx, next, change));
                    ++report.added;
                    continue;
                }
                const store::AssetRow& old = known->second;
                // What a person has confirmed is not undone by the next run of the same file.
                const bool moved = old.asset.longitude != row.asset.longitude ||
                                   old.asset.latitude != row.asset.latitude;
                if (!moved && old.asset.region_status == "located") {
                    next.asset.region_id = old.asset.region_id;
                    next.asset.region_status = old.asset.region_status;
                }
                if (SameContent(old, next)) {
                    ++report.unchanged;
                    continue;
                }
                next.asset.id = old.asset.id;
                next.asset.version = old.asset.version;
                MCH_CHECK(store::Update(tx, next, change));
                ++report.changed;
            }
            if (report.added == 0 && report.changed == 0) return {};
            audit::Record record;
            record.action = "asset.import";
            record.object_type = "asset_source";
            record.note = batch.source;
            record.changes = {{"file", "", batch.file},
                              {"sha256", "", digest},
                              {"added", "", std::to_string(report.added)},
                              {"changed", "", std::to_string(report.changed)},
                              {"unchanged", "", std::to_string(report.unchanged)},
                              {"rejected", "", std::to_string(report.rejected.size())}};
            return audit_->Append(tx, audit::CommandActor("anlan import assets"),
                                  std::move(record));
        });
}

mch::Result<ImportReport> AssetImport::Run(const ImportOptions& options) {
    MCH_TRY(const std::string bytes, ReadWholeFile(options.file));
    const std::string digest = mch::text::ToHex(mch::crypto::Sha256(bytes));
    MCH_TRY(const std::string text, DecodeText(bytes));
    ImportReport report;
    MCH_TRY(Batch batch, Prepare(options, text, report));
    MCH_CHECK(Place(options, batch, report));
    if (!options.dry_run) MCH_CHECK(Store(batch, digest, report));
    return report;
}

}  // namespace anlan::asset
