// The row scope against a reference: the same rows by SQL and by a rule written out in the test.
#include "modules/identity/api/scope.h"

#include "modules/identity/test_support.h"

namespace anlan::identity {
namespace {

using mch::http::Principal;
using mch::http::ScopeGrant;
using mch::http::ScopeKind;

struct Row {
    mch::Id id, region_id, org_id;
    std::string sector;
    mch::Id created_by;
};

class ScopeTest : public IdentityFixture {
  protected:
    void SetUp() override {
        IdentityFixture::SetUp();
        if (IsSkipped()) return;
        Force("DROP TABLE IF EXISTS test_case");
        Force(
            "CREATE TABLE test_case (id BIGINT PRIMARY KEY, region_id BIGINT NULL, org_id BIGINT "
            "NULL, sector VARCHAR(64), created_by BIGINT)");
        // Organisations 10 > 11 > 12, 20.
        for (const auto& [id, path] : std::vector<std::pair<int, std::string>>{
                 {10, "/10/"}, {11, "/10/11/"}, {12, "/10/11/12/"}, {20, "/20/"}}) {
            const std::string text = std::to_string(id);
            Force("INSERT INTO identity_org VALUES (" + text + ", NULL, '" + path + "', 'o" + text +
                  "', 'o" + text + "', 'other', '', NULL, '', 'enabled', 1, 0, 0, 0, 0)");
        }
        mch::Id id = 0;
        for (const mch::Id region : {1, 2, 3, 4, 5}) {
            for (const mch::Id org : {10, 11, 12, 20}) {
                for (const char* sector : {"charging", "slope"}) {
                    const mch::Id by = 100 + (++id % 3);
                    rows_.push_back({id, region, org, sector, by});
                    Force("INSERT INTO test_case VALUES (" + std::to_string(id) + ", " +
                          std::to_string(region) + ", " + std::to_string(org) + ", '" + sector +
                          "', " + std::to_string(by) + ")");
                }
            }
        }
    }

    static bool Under(mch::Id id, mch::Id root) {
        const std::map<mch::Id, mch::Id> parent = {{2, 1}, {3, 2},   {4, 2},
                                                   {5, 1}, {11, 10}, {12, 11}};
        while (id != root) {
            const auto it = parent.find(id);
            if (it == parent.end()) return false;
            id = it->second;
        }
        return true;
    }
    static bool Expected(const Principal& p, const Row& row) {
        for (const ScopeGrant& g : p.scopes) {
            switch (g.kind) {
                case ScopeKind::kAll:
                    return true;
                case ScopeKind::kRegionTree:
                    if (Under(row.region_id, g.region_id)) return true;
                    break;
                case ScopeKind::kSector:
                    if (row.sector == g.sector &&
                        (g.region_id == 0 || Under(row.region_id, g.region_id))) {
                        return true;
                    }
                    break;
                case ScopeKind::kOrganisationTree:
                    if (Under(row.org_id, g.org_id)) return true;
                    break;
                case ScopeKind::kOrganisation:
                    if (row.org_id == g.org_id) return true;
                    break;
                case ScopeKind::kSelf:
                    if (row.created_by == p.user_id) return true;
                    break;
            }
        }
        return false;
    }

    std::vector<Row> rows_;
};

TEST_P(ScopeTest, ListCountAndSingleRowsAgreeWithTheRule) {
    const std::vector<std::vector<ScopeGrant>> people = {
        {},
        {{ScopeKind::kAll, 0, 0, ""}},
        {{ScopeKind::kRegionTree, 2, 0, ""}},
        {{ScopeKind::kRegionTree, 3, 0, ""}},
        {{ScopeKind::kRegionTree, 0, 0, ""}},
        {{ScopeKind::kSector, 0, 0, "slope"}},
        {{ScopeKind::kSector, 2, 0, "slope"}},
        {{ScopeKind::kSector, 2, 0, ""}},
        {{ScopeKind::kOrganisationTree, 0, 11, ""}},
        {{ScopeKind::kOrganisation, 0, 11, ""}},
        {{ScopeKind::kOrganisation, 0, 0, ""}},
        {{ScopeKind::kSelf, 0, 0, ""}},
        {{ScopeKind::kRegionTree, 4, 0, ""},
         {ScopeKind::kSector, 5, 0, "charging"},
         {ScopeKind::kOrganisation, 0, 20, ""},
         {ScopeKind::kSelf, 0, 0, ""}},
    };
    for (std::size_t i = 0; i < people.size(); ++i) {
        Principal principal;
        principal.user_id = 101;
        principal.scopes = people[i];
        const SqlCondition scope = ScopePredicate(principal, "t");
        std::vector<mch::Id> listed;
        std::int64_t counted = -1;
        const auto read =
            app_.runtime.database().Read(Soon(), [&](mch::db::Reader& reader) -> mch::Result<void> {
                MCH_TRY(const auto rows, reader.Query("SELECT t.id FROM test_case t WHERE " +
                                                          scope.sql + " ORDER BY t.id",
                                                      scope.params));
                for (const auto& row : rows) listed.push_back(row.Int(0));
                MCH_TRY(const auto count,
                        reader.Query("SELECT COUNT(*) FROM test_case t WHERE " + scope.sql,
                                     scope.params));
                counted = count.at(0).Int(0);
                for (const Row& row : rows_) {
                    MCH_TRY(const bool inside,
                            InScope(reader, principal,
                                    {row.region_id, row.org_id, row.sector, row.created_by}));
                    EXPECT_EQ(inside, Expected(principal, row)) << i << " row " << row.id;
                }
                return {};
            });
        ASSERT_TRUE(read) << read.error().ToString();
        std::vector<mch::Id> expected;
        for (const Row& row : rows_) {
            if (Expected(principal, row)) expected.push_back(row.id);
        }
        EXPECT_EQ(listed, expected) << "person " << i;
        EXPECT_EQ(counted, static_cast<std::int64_t>(expected.size()));
    }
}

TEST_P(ScopeTest, MissingColumnsGiveNothing) {
    Principal principal;
    principal.user_id = 101;
    principal.scopes = {{ScopeKind::kRegionTree, 1, 0, ""}, {ScopeKind::kSelf, 0, 0, ""}};
    ScopeColumns columns;
    columns.region_id = columns.created_by = "";
    EXPECT_EQ(ScopePredicate(principal, "", columns).sql, "(1 = 0)");
    EXPECT_EQ(ScopePredicate({}, "t").sql, "(1 = 0)");
}

ANLAN_ON_BOTH_STORES(ScopeTest);

}  // namespace
}  // namespace anlan::identity
