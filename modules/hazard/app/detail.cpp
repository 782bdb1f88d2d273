#include "modules/hazard/app/detail.h"

#include "modules/hazard/store/case_store.h"

namespace anlan::hazard {
namespace {

mch::Result<void> FillNames(const Services& services, mch::db::Reader& reader, Names& names,
                            const std::vector<mch::Id>& users, std::vector<mch::Id> organisations,
                            const std::vector<mch::Id>& regions) {
    MCH_TRY(names.users, services.directory->Users(reader, users));
    for (const auto& [id, user] : names.users) organisations.push_back(user.org_id);
    MCH_TRY(names.organisations, services.directory->Organisations(reader, organisations));
    MCH_TRY(names.regions, services.regions->Names(reader, regions));
    return {};
}

std::vector<mch::Id> PeopleOf(const CaseRow& row, const CaseParts& parts) {
    std::vector<mch::Id> people = {row.reporter_id};
    for (const Duty& duty : parts.duties) people.push_back(duty.person_id);
    if (parts.review) people.push_back(parts.review->signed_by.by);
    if (parts.plan) people.push_back(parts.plan->signed_by.by);
    if (parts.rectification) people.push_back(parts.rectification->signed_by.by);
    if (parts.verification) people.push_back(parts.verification->signed_by.by);
    if (parts.write_off) people.push_back(parts.write_off->signed_by.by);
    return people;
}

mch::Result<void> OpenPersonalData(const Services& services, CaseDetail& detail) {
    const CaseRow& row = detail.row;
    const auto reporter = detail.names.users.find(row.reporter_id);
    MCH_TRY(detail.reporter_name,
            services.personal_data->Open(kReporterNameColumn, row.reporter_name_sealed));
    if (detail.reporter_name.empty() && reporter != detail.names.users.end()) {
        detail.reporter_name = reporter->second.name;
    }
    MCH_TRY(std::string phone,
            services.personal_data->Open(kReporterPhoneColumn, row.reporter_phone_sealed));
    if (!phone.empty()) {
        detail.reporter_phone = identity::MaskPhone(phone);
    } else if (reporter != detail.names.users.end()) {
        detail.reporter_phone = reporter->second.phone_masked;
    }
    if (detail.parts.plan) {
        MCH_TRY(detail.responsible_person,
                services.personal_data->Open(kResponsibleColumn,
                                             detail.parts.plan->content.responsible_person));
    }
    return {};
}

}  // namespace

ActorFacts ActorOf(const mch::http::Principal& principal) {
    return {principal.user_id, principal.org_id, principal.roles, principal.permissions};
}

mch::Result<CaseDetail> LoadDetail(const Services& services, mch::db::Reader& reader,
                                   const mch::http::Principal& principal, const CaseRow& row) {
    CaseDetail detail;
    detail.row = row;
    detail.now = services.runtime.clock().Now();
    MCH_TRY(detail.parts, FindParts(reader, row.id));
    std::vector<mch::Id> organisations = {row.org_id};
    for (const Duty& duty : detail.parts.duties) organisations.push_back(duty.org_id);
    MCH_CHECK(FillNames(services, reader, detail.names, PeopleOf(row, detail.parts), organisations,
                        {row.region_id}));
    if (row.asset_id != 0) {
        MCH_TRY(asset::AssetSummary found, services.assets->Find(reader, row.asset_id));
        detail.asset = std::move(found);
    }
    std::vector<mch::Id> file_ids;
    for (const Photo& photo : detail.parts.photos) file_ids.push_back(photo.file_id);
    MCH_TRY(std::vector<file::FileFacts> files, services.files->FindMany(reader, file_ids));
    for (file::FileFacts& facts : files) detail.files[facts.id] = std::move(facts);
    MCH_CHECK(OpenPersonalData(services, detail));
    if (row.state == State::kAwaitingVerification) {
        const std::int64_t today = DayOf(detail.now, services.runtime.zone_minutes());
        detail.latest_due_on =
            DayText(LatestDayAfterFail(row.rectify_from_day, row.rectify_due_day, today));
    }
    detail.moves = LegalMoves(row.Facts(), ActorOf(principal));
    return detail;
}

mch::Result<CaseDetail> ShowCase(const Services& services, const mch::http::Context& context,
                                 mch::Id id) {
    return services.runtime.database().Read(
        context.deadline(), [&](mch::db::Reader& reader) -> mch::Result<CaseDetail> {
            MCH_TRY(CaseRow row, FindVisible(reader, context.principal, id));
            return LoadDetail(services, reader, context.principal, row);
        });
}

mch::Result<CasePage> ShowList(const Services& services, const mch::http::Context& context,
                               const ListFilter& filter, const ListOrder& order) {
    return services.runtime.database().Read(
        context.deadline(), [&](mch::db::Reader& reader) -> mch::Result<CasePage> {
            CasePage page;
            page.now = services.runtime.clock().Now();
            MCH_TRY(page.rows, ListCases(reader, context.principal, filter, order, page.now));
            if (page.rows.size() > static_cast<std::size_t>(order.limit)) {
                page.rows.pop_back();
                const CaseRow& last = page.rows.back();
                page.next = Position{order.key == SortKey::kDueAt ? last.due_at : last.reported_at,
                                     last.id};
            }
            std::vector<mch::Id> organisations, regions;
            for (const CaseRow& row : page.rows) {
                organisations.push_back(row.org_id);
                regions.push_back(row.region_id);
            }
            MCH_CHECK(FillNames(services, reader, page.names, {}, organisations, regions));
            return page;
        });
}

mch::Result<CaseCounts> ShowCounts(const Services& services, const mch::http::Context& context,
                                   const ListFilter& filter) {
    return services.runtime.database().Read(context.deadline(), [&](mch::db::Reader& reader) {
        return CountCases(reader, context.principal, filter, services.runtime.clock().Now());
    });
}

mch::Result<Timeline> ShowTimeline(const Services& services, const mch::http::Context& context,
                                   mch::Id id) {
    return services.runtime.database().Read(
        context.deadline(), [&](mch::db::Reader& reader) -> mch::Result<Timeline> {
            MCH_CHECK(FindVisible(reader, context.principal, id));
            Timeline timeline;
            MCH_TRY(timeline.events, FindEvents(reader, id));
            MCH_TRY(std::vector<Photo> photos, FindPhotos(reader, id));
            for (const Photo& photo : photos) {
                timeline.photos[photo.event_id].push_back(photo.file_id);
            }
            std::vector<mch::Id> people, organisations;
            for (const Event& event : timeline.events) {
                people.push_back(event.actor_id);
                organisations.push_back(event.actor_org_id);
            }
            MCH_CHECK(FillNames(services, reader, timeline.names, people, organisations, {}));
            return timeline;
        });
}

mch::Result<CommentList> ShowComments(const Services& services, const mch::http::Context& context,
                                      mch::Id id) {
    return services.runtime.database().Read(
        context.deadline(), [&](mch::db::Reader& reader) -> mch::Result<CommentList> {
            MCH_CHECK(FindVisible(reader, context.principal, id));
            CommentList list;
            MCH_TRY(list.comments, FindComments(reader, id));
            std::vector<mch::Id> people;
            for (const Comment& comment : list.comments) people.push_back(comment.signed_by.by);
            MCH_CHECK(FillNames(services, reader, list.names, people, {}, {}));
            return list;
        });
}

}  // namespace anlan::hazard
