#include "modules/hazard/app/report.h"

#include <algorithm>

#include "mch/base/crypto.h"
#include "modules/hazard/app/notices.h"
#include "modules/hazard/app/people.h"
#include "modules/hazard/app/place.h"
#include "modules/hazard/domain/number.h"
#include "modules/hazard/store/case_store.h"

namespace anlan::hazard {
namespace {

template <typename T>
void Take(T& column, const std::optional<T>& given) {
    if (given) column = *given;
}

mch::Result<std::optional<asset::AssetSummary>> AssetOf(const Services& services,
                                                        mch::db::Reader& reader,
                                                        const mch::http::Principal& principal,
                                                        mch::Id id) {
    if (id == 0) return std::optional<asset::AssetSummary>();
    auto found = services.assets->FindVisible(reader, principal, id);
    if (found) return std::optional(std::move(*found));
    if (found.error().kind() != mch::ErrorKind::kNotFound) return found.error();
    return mch::InvalidField("asset_id", "hazard.asset.unknown");
}

mch::Result<void> SealContact(const Services& services, const ReportFields& fields, CaseRow& row) {
    if (fields.reporter_name) {
        MCH_TRY(row.reporter_name_sealed,
                services.personal_data->Seal(kReporterNameColumn, *fields.reporter_name));
    }
    if (fields.reporter_phone) {
        if (!fields.reporter_phone->empty() && !identity::IsPhone(*fields.reporter_phone)) {
            return mch::InvalidField("reporter_phone", "hazard.phone.invalid");
        }
        MCH_TRY(row.reporter_phone_sealed,
                services.personal_data->Seal(kReporterPhoneColumn, *fields.reporter_phone));
    }
    return {};
}

// The organisation that a case belongs to before anybody accepted it: the asset's, or that of an
// enterprise which reports on itself.
mch::Result<mch::Id> FirstOrganisation(const Services& services, mch::db::Reader& reader,
                                       const mch::http::Principal& principal,
                                       const std::optional<asset::AssetSummary>& asset) {
    if (asset && asset->org_id != 0) return asset->org_id;
    if (principal.org_id == 0) return mch::Id{0};
    MCH_TRY(auto cards, services.directory->Organisations(reader, {principal.org_id}));
    const auto own = cards.find(principal.org_id);
    return own != cards.end() && own->second.kind == "enterprise" ? principal.org_id : mch::Id{0};
}

mch::Result<ReportAnswer> Stored(const Services& services, mch::db::Reader& reader,
                                 const mch::http::Principal& principal, const CaseRow& row) {
    if (row.reporter_id != principal.user_id) return mch::Conflict("hazard.client_uuid.taken");
    MCH_TRY(CaseDetail detail, LoadDetail(services, reader, principal, row));
    return ReportAnswer{std::move(detail), false};
}

mch::Result<ReportAnswer> Create(const Services& services, mch::db::Transaction& tx,
                                 const mch::http::Context& context, const std::string& client_uuid,
                                 const ReportFields& fields) {
    const mch::http::Principal& principal = context.principal;
    MCH_TRY(CaseRow stored, FindByClientUuid(tx, client_uuid));
    if (stored.id != 0) return Stored(services, tx, principal, stored);

    mch::app::Runtime& runtime = services.runtime;
    const mch::TimeMs now = runtime.clock().Now();
    const Signature by = {now, principal.user_id};
    CaseRow row;
    row.id = runtime.ids().Next();
    row.client_uuid = client_uuid;
    row.hazard_no =
        MakeNumber("YH", mch::FormatDate(now, runtime.zone_minutes()), mch::crypto::RandomBytes(6));
    row.state = State::kReported;
    row.state_since = row.reported_at = row.created_at = row.updated_at = now;
    row.reporter_id = row.created_by = row.updated_by = principal.user_id;
    MCH_CHECK(ApplyReport(services, tx, principal, fields, row));
    MCH_TRY(Term term, FindTerm(tx, "accept", row.reporter_grade, row.urgent));
    row.due_at = DueAt(now, term, runtime.zone_minutes());

    const mch::Id event_id = runtime.ids().Next();
    if (fields.photo_ids.empty() && row.source != "hotline") {
        return mch::InvalidField("photo_ids", "field.too_few", {{"min", "1"}});
    }
    MCH_CHECK(AddPhotos(services, tx, row, event_id, fields.photo_ids, "report", by));
    MCH_CHECK(InsertCase(tx, row));
    Event event = EventBy(principal, row, {});
    event.id = event_id;
    event.kind = "move";
    event.move = "report";
    event.to_state = Code(row.state);
    event.at = now;
    MCH_CHECK(InsertEvent(tx, row.id, event));
    MCH_CHECK(services.audit->Append(
        tx, context,
        {.action = "hazard.report",
         .object_type = std::string(kObjectType),
         .object_id = row.id,
         .region_id = row.region_id,
         .org_id = row.org_id,
         .changes = {{"state", "", std::string(Code(row.state))},
                     {"hazard_no", "", row.hazard_no},
                     {"reporter_grade", "", std::string(Code(row.reporter_grade))}}}));
    MCH_CHECK(TellNext(services, tx, principal, row, {}, "report"));
    MCH_TRY(CaseDetail detail, LoadDetail(services, tx, principal, row));
    return ReportAnswer{std::move(detail), true};
}

}  // namespace

mch::Result<void> ApplyReport(const Services& services, mch::db::Transaction& tx,
                              const mch::http::Principal& principal, const ReportFields& fields,
                              CaseRow& row) {
    Take(row.source, fields.source);
    Take(row.name, fields.name);
    Take(row.type, fields.type);
    Take(row.sector, fields.sector);
    Take(row.reporter_grade, fields.reporter_grade);
    Take(row.address, fields.address);
    Take(row.floor, fields.floor);
    Take(row.part, fields.part);
    Take(row.nature, fields.nature);
    Take(row.cause, fields.cause);
    Take(row.consequence, fields.consequence);
    Take(row.urgent, fields.urgent);
    if (fields.affected_people) row.affected_people = fields.affected_people;
    MCH_CHECK(SealContact(services, fields, row));

    const bool is_new = row.region_id == 0;
    const bool moved = fields.asset_id || fields.region_id || fields.longitude || fields.latitude;
    if (!is_new && !moved) return {};
    Take(row.longitude, fields.longitude);
    Take(row.latitude, fields.latitude);
    // A correction that names no asset keeps the one of the report, which this person may no
    // longer choose but need not choose again.
    std::optional<asset::AssetSummary> asset;
    if (fields.asset_id && *fields.asset_id != row.asset_id) {
        MCH_TRY(asset, AssetOf(services, tx, principal, *fields.asset_id));
        row.asset_id = *fields.asset_id;
    } else if (row.asset_id != 0) {
        MCH_TRY(asset::AssetSummary kept, services.assets->Find(tx, row.asset_id));
        asset = std::move(kept);
    }
    MCH_TRY(row.org_id, FirstOrganisation(services, tx, principal, asset));
    return SettleRegion(services, tx, principal, asset ? &*asset : nullptr,
                        fields.region_id.value_or(0), row);
}

mch::Result<void> AddPhotos(const Services& services, mch::db::Transaction& tx, CaseRow& row,
                            mch::Id event_id, const std::vector<mch::Id>& photo_ids,
                            std::string_view kind, const Signature& by) {
    std::vector<mch::Id> once;
    for (mch::Id id : photo_ids) {
        if (std::find(once.begin(), once.end(), id) == once.end()) once.push_back(id);
    }
    if (once.empty()) return {};
    MCH_CHECK(services.files->Attach(tx, by.by, once, kObjectType, row.id, "photo_ids"));
    for (mch::Id file_id : once) {
        MCH_CHECK(InsertPhoto(tx, services.runtime.ids().Next(), row.id,
                              {event_id, file_id, std::string(kind)}, by));
    }
    if (row.cover_photo_id == 0) row.cover_photo_id = once.front();
    return {};
}

mch::Result<ReportAnswer> ReportHazard(const Services& services, const mch::http::Context& context,
                                       const std::string& client_uuid, const ReportFields& fields) {
    mch::db::Database& database = services.runtime.database();
    auto answer = database.Write(context.deadline(), [&](mch::db::Transaction& tx) {
        return Create(services, tx, context, client_uuid, fields);
    });
    if (answer || answer.error().code() != "db.unique") return answer;
    // Two uploads of one report at the same time: the other one won, its case is the answer.
    return database.Read(context.deadline(),
                         [&](mch::db::Reader& reader) -> mch::Result<ReportAnswer> {
                             MCH_TRY(CaseRow stored, FindByClientUuid(reader, client_uuid));
                             if (stored.id == 0) return answer.error();
                             return Stored(services, reader, context.principal, stored);
                         });
}

}  // namespace anlan::hazard
