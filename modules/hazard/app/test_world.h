// A small district for the tests of this module: the real use cases, store and sentences on a real
// database, with the neighbours' interfaces answered from a few rows in memory.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mch/app/testing.h"
#include "modules/hazard/app/report.h"
#include "modules/hazard/app/transition.h"

namespace anlan::hazard {

// Regions: city 1, its districts 2 and 9, streets 3 and 4 of district 2.
inline constexpr mch::Id kCity = 1, kDistrict = 2, kStreet = 3, kOtherStreet = 4,
                         kOtherDistrict = 9;
inline constexpr mch::Id kStreetOffice = 100, kRegulator = 101, kBureau = 102, kOtherOffice = 103,
                         kEnterprise = 200, kOtherEnterprise = 201;

struct TestDirectory;
struct TestFiles;
struct TestOutbox;
struct TestAudit;

class WorldTest : public testing::TestWithParam<const char*> {
  protected:
    WorldTest();
    ~WorldTest() override;
    void SetUp() override;

    // Somebody's request: wang (street), fang (other street), li and zhao (regulator), chen
    // (enterprise), qian (other enterprise), sun (supervisor), audit (no permission of this
    // module).
    mch::http::Context As(const std::string& account);
    mch::Id UserId(const std::string& account) const;
    mch::Id Upload(const std::string& account);
    mch::Deadline Soon() { return mch::Deadline(app_.runtime.clock(), 20'000); }

    ReportFields GoodReport(const std::string& account);
    // The content that makes each move succeed for an ordinary case.
    MoveContent GoodContent(Move move, const std::string& account);

    mch::Result<CaseDetail> Report(const std::string& account);
    mch::Result<CaseDetail> Make(const std::string& account, const CaseDetail& seen, Move move);
    mch::Result<CaseDetail> Make(const std::string& account, const CaseDetail& seen, Move move,
                                 MoveContent content);
    // A case in the state that the moves lead to, each made by the usual person.
    CaseDetail CaseAfter(const std::vector<Move>& moves);

    std::int64_t CountRows(const std::string& table);
    std::string Date(int days_from_today);
    std::int64_t Day(int days_from_today);

    mch::app::TestApplication app_;
    std::shared_ptr<TestDirectory> directory_;
    std::shared_ptr<TestFiles> files_;
    std::shared_ptr<TestOutbox> outbox_;
    std::shared_ptr<TestAudit> audit_;
    std::unique_ptr<Services> services_;
};

struct TestAudit final : audit::AuditLog {
    using audit::AuditLog::Append;
    mch::Result<void> Append(mch::db::Transaction& tx, audit::Actor actor,
                             audit::Record record) override;
    std::vector<std::pair<audit::Actor, audit::Record>> records;
};

struct TestOutbox final : notify::Outbox {
    mch::Result<void> Add(mch::db::Transaction& tx, const notify::Message& message) const override;
    void Hint(mch::db::Transaction& tx, std::string_view topic, mch::Id id,
              std::int64_t version) const override;
    void AllowTopic(std::string topic, std::string permission) override;
    mutable std::vector<notify::Message> messages;
    mutable std::vector<std::pair<mch::Id, std::int64_t>> hints;
    std::map<std::string, std::string> topics;
};

struct TestFiles final : file::Files {
    void RegisterGuard(std::string object_type, file::ReadGuard guard) override;
    mch::Result<std::vector<file::FileFacts>> FindMany(
        mch::db::Reader& reader, const std::vector<mch::Id>& ids) const override;
    mch::Result<std::vector<file::FileFacts>> OfObject(mch::db::Reader& reader,
                                                       std::string_view object_type,
                                                       mch::Id object_id) const override;
    mch::Result<void> Attach(mch::db::Transaction& tx, mch::Id user_id,
                             const std::vector<mch::Id>& file_ids, std::string_view object_type,
                             mch::Id object_id, std::string_view field) const override;
    mutable std::map<mch::Id, file::FileFacts> files;
    std::map<std::string, file::ReadGuard> guards;
};

struct TestDirectory final : identity::Directory {
    struct Person {
        identity::UserCard card;
        std::string role;
        std::vector<std::string> permissions;
        mch::http::ScopeGrant grant;
    };
    mch::Result<identity::UserCard> User(mch::db::Reader& reader, mch::Id id) const override;
    mch::Result<std::map<mch::Id, identity::UserCard>> Users(
        mch::db::Reader& reader, const std::vector<mch::Id>& ids) const override;
    mch::Result<identity::OrganisationCard> Organisation(mch::db::Reader& reader,
                                                         mch::Id id) const override;
    mch::Result<std::map<mch::Id, identity::OrganisationCard>> Organisations(
        mch::db::Reader& reader, const std::vector<mch::Id>& ids) const override;
    mch::Result<identity::OrganisationCard> OrganisationByName(
        mch::db::Reader& reader, std::string_view name) const override;
    mch::Result<std::vector<identity::UserCard>> HoldersOfRole(
        mch::db::Reader& reader, std::string_view role,
        const identity::Place& place) const override;
    mch::Result<std::vector<identity::UserCard>> HoldersOfPermission(
        mch::db::Reader& reader, std::string_view permission,
        const identity::Place& place) const override;
    mch::Result<std::vector<std::string>> RolesOf(mch::db::Reader& reader,
                                                  mch::Id user_id) const override;

    std::map<std::string, Person> people;
    std::map<mch::Id, identity::OrganisationCard> organisations;
};

}  // namespace anlan::hazard
