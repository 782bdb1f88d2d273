#include "modules/hazard/store/case_list.h"

#include <set>

#include "modules/hazard/app/test_world.h"
#include "modules/hazard/store/case_store.h"

namespace anlan::hazard {
namespace {

class ListTest : public WorldTest {
  protected:
    CasePage List(const std::string& account, const ListFilter& filter,
                  const ListOrder& order = {}) {
        auto page = ShowList(*services_, As(account), filter, order);
        EXPECT_TRUE(page) << page.error().ToString();
        return page ? std::move(*page) : CasePage{};
    }
    std::set<mch::Id> Ids(const std::string& account, const ListFilter& filter) {
        ListOrder order;
        order.limit = 100;
        std::set<mch::Id> ids;
        for (const CaseRow& row : List(account, filter, order).rows) ids.insert(row.id);
        return ids;
    }
    CaseCounts Counts(const std::string& account, const ListFilter& filter = {}) {
        auto counts = ShowCounts(*services_, As(account), filter);
        EXPECT_TRUE(counts) << counts.error().ToString();
        return counts ? std::move(*counts) : CaseCounts{};
    }
    CaseDetail ReportWith(const std::string& account, const ReportFields& fields) {
        auto answer = ReportHazard(*services_, As(account), mch::RandomUuid(), fields);
        EXPECT_TRUE(answer) << answer.error().ToString();
        return answer ? std::move(answer->detail) : CaseDetail{};
    }
};
INSTANTIATE_TEST_SUITE_P(, ListTest, testing::Values("sqlite", "mysql"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST_P(ListTest, PagesHoldEachCaseOnce) {
    std::vector<mch::Id> reported;
    for (int i = 0; i < 25; ++i) {
        // Some share their millisecond: the id breaks the tie.
        if (i % 3 == 0) app_.runtime.manual_clock().Advance(1000);
        reported.push_back(CaseAfter({}).row.id);
    }
    for (SortKey key : {SortKey::kReportedAt, SortKey::kDueAt}) {
        for (bool descending : {true, false}) {
            ListOrder order{key, descending, std::nullopt, 10};
            std::vector<mch::Id> seen;
            std::vector<std::size_t> sizes;
            do {
                const CasePage page = List("wang", {}, order);
                sizes.push_back(page.rows.size());
                for (const CaseRow& row : page.rows) seen.push_back(row.id);
                order.after = page.next;
            } while (order.after && sizes.size() < 9);
            EXPECT_EQ(sizes, (std::vector<std::size_t>{10, 10, 5}));
            std::vector<mch::Id> expected = reported;
            if (descending) std::reverse(expected.begin(), expected.end());
            EXPECT_EQ(seen, expected);
        }
    }
}

TEST_P(ListTest, FiltersChooseAndCountsAgree) {
    const CaseDetail first = CaseAfter({});
    const CaseDetail archived = CaseAfter({Move::kAccept, Move::kConfirm});
    ReportFields fields = GoodReport("li");
    fields.name = "100% 进水";
    fields.asset_id.reset();
    fields.region_id = kOtherStreet;
    const CaseDetail other = ReportWith("li", fields);
    const std::set<mch::Id> all = {first.row.id, archived.row.id, other.row.id};
    struct Case {
        ListFilter filter;
        std::set<mch::Id> expected;
    };
    std::vector<Case> cases(11);
    cases[0] = {{}, all};
    cases[1].filter.state = "archived";
    cases[1].expected = {archived.row.id};
    cases[2].filter.text = "100%";
    cases[2].expected = {other.row.id};
    cases[3].filter.text = "1_0";  // wildcards are text
    cases[4].filter.text = first.row.hazard_no;
    cases[4].expected = {first.row.id};
    cases[5].filter.region_id = kStreet;
    cases[5].expected = {first.row.id, archived.row.id};
    cases[6].filter.region_id = kDistrict;
    cases[6].expected = all;
    cases[7].filter.asset_id = 500;
    cases[7].expected = {first.row.id, archived.row.id};
    cases[8].filter.mine = true;  // of sun
    cases[9].filter.hazard_grade = "ordinary";
    cases[9].filter.risk_grade = "general";
    cases[9].expected = {archived.row.id};
    cases[10].filter.sector = "elevator";
    for (std::size_t i = 0; i < cases.size(); ++i) {
        EXPECT_EQ(Ids("sun", cases[i].filter), cases[i].expected) << i;
        EXPECT_EQ(Counts("sun", cases[i].filter).total,
                  static_cast<std::int64_t>(cases[i].expected.size()))
            << i;
    }
    const CaseCounts counts = Counts("sun");
    EXPECT_EQ(counts.by_state.at("reported"), 2);
    EXPECT_EQ(counts.by_state.at("archived"), 1);
    EXPECT_EQ(counts.by_state.at("written_off"), 0);
    EXPECT_EQ(counts.overdue, 0);
    EXPECT_EQ(counts.todo, 2);  // sun may accept the two
}

TEST_P(ListTest, ScopeHoldsForListAndCounts) {
    const CaseDetail mine = CaseAfter({});
    EXPECT_EQ(Ids("wang", {}), std::set<mch::Id>{mine.row.id});
    EXPECT_EQ(Ids("chen", {}), std::set<mch::Id>{mine.row.id});
    for (const char* account : {"fang", "qian"}) {
        EXPECT_TRUE(Ids(account, {}).empty()) << account;
        EXPECT_EQ(Counts(account).total, 0) << account;
        ListFilter region;
        region.region_id = kStreet;  // a filter never widens
        EXPECT_TRUE(Ids(account, region).empty()) << account;
    }
    // What fang reports in wang's street both see.
    ReportFields fields = GoodReport("fang");
    fields.region_id = kStreet;
    const CaseDetail guest = ReportWith("fang", fields);
    EXPECT_EQ(Ids("fang", {}), std::set<mch::Id>{guest.row.id});
    EXPECT_EQ(Ids("wang", {}).size(), 2U);
    EXPECT_TRUE(Ids("qian", {}).empty());
}

TEST_P(ListTest, OverdueFollowsTheClock) {
    const CaseDetail c = CaseAfter({});
    ListFilter overdue;
    overdue.overdue = true;
    EXPECT_TRUE(Ids("wang", overdue).empty());
    app_.runtime.manual_clock().Advance(c.row.due_at - app_.runtime.clock().Now());
    EXPECT_TRUE(Ids("wang", overdue).empty());
    app_.runtime.manual_clock().Advance(1);
    EXPECT_EQ(Ids("wang", overdue), std::set<mch::Id>{c.row.id});
    EXPECT_EQ(Counts("wang").overdue, 1);
    // Ended cases are never late.
    CaseAfter({Move::kAccept, Move::kReject});
    app_.runtime.manual_clock().Advance(365LL * 24 * 3600 * 1000);
    EXPECT_EQ(Ids("wang", overdue), std::set<mch::Id>{c.row.id});
}

TEST_P(ListTest, TodoSaysWhatTheMovesSay) {
    std::vector<CaseDetail> cases = {
        CaseAfter({}),
        CaseAfter({Move::kReturn}),
        CaseAfter({Move::kAccept}),
        CaseAfter({Move::kAccept, Move::kReject}),
        CaseAfter({Move::kAccept, Move::kConfirm}),
        CaseAfter({Move::kAccept, Move::kConfirm, Move::kPlan}),
        CaseAfter({Move::kAccept, Move::kConfirm, Move::kPlan, Move::kReportDone}),
        CaseAfter({Move::kAccept, Move::kConfirm, Move::kPlan, Move::kReportDone, Move::kFail}),
        CaseAfter({Move::kAccept, Move::kConfirm, Move::kPlan, Move::kReportDone, Move::kPass}),
        CaseAfter({Move::kAccept, Move::kConfirm, Move::kPlan, Move::kReportDone, Move::kPass,
                   Move::kWriteOff}),
    };
    cases.push_back(ReportWith("li", GoodReport("li")));
    auto reviewing = Make("wang", cases.back(), Move::kAccept);
    ASSERT_TRUE(reviewing) << reviewing.error().ToString();
    cases.back() = *reviewing;
    // Everybody with every permission, so that the guards alone decide.
    for (auto& [account, person] : directory_->people) {
        for (const MoveRule& rule : MoveRules()) {
            person.permissions.emplace_back(rule.permission);
        }
        person.permissions.emplace_back("hazard:case:list");
    }
    ListFilter todo;
    todo.todo = true;
    std::size_t found = 0;
    for (const auto& [account, person] : directory_->people) {
        const mch::http::Context context = As(account);
        const std::set<mch::Id> listed = Ids(account, todo);
        const std::set<mch::Id> visible = Ids(account, {});
        for (const CaseDetail& c : cases) {
            const auto main = MainMove(c.row.state);
            const bool expected = visible.count(c.row.id) == 1 && main &&
                                  Judge(*main, c.row.Facts(), ActorOf(context.principal)).allowed;
            EXPECT_EQ(listed.count(c.row.id) == 1, expected) << account << " " << Code(c.row.state);
            found += expected ? 1 : 0;
        }
        EXPECT_EQ(Counts(account).todo, static_cast<std::int64_t>(listed.size()));
    }
    EXPECT_GT(found, 20U);
}

TEST_P(ListTest, NobodyWithoutPermissionHasAnythingToDo) {
    CaseAfter({});
    ListFilter todo;
    todo.todo = true;
    EXPECT_TRUE(Ids("audit", todo).empty());
}

TEST_P(ListTest, NoPageScansTheTable) {
    if (std::string(GetParam()) != "sqlite") GTEST_SKIP() << "reads SQLite's plan";
    for (int i = 0; i < 5; ++i) CaseAfter({});
    std::vector<ListFilter> filters(6);
    filters[1].state = "reported";
    filters[2].region_id = kStreet;
    filters[3].overdue = true;
    filters[4].mine = true;
    filters[5].todo = true;
    for (const char* account : {"wang", "li", "chen", "sun"}) {
        for (std::size_t i = 0; i < filters.size(); ++i) {
            for (SortKey key : {SortKey::kReportedAt, SortKey::kDueAt}) {
                const ListOrder order{key, true, Position{app_.runtime.clock().Now(), 1}, 20};
                const auto query =
                    ListQuery(As(account).principal, filters[i], order, app_.runtime.clock().Now());
                const auto plan =
                    app_.runtime.database().Read(Soon(), [&](mch::db::Reader& reader) {
                        return reader.Query("EXPLAIN QUERY PLAN " + query.sql, query.params);
                    });
                ASSERT_TRUE(plan) << plan.error().ToString();
                std::string text;
                bool indexed = false;
                for (const mch::db::Row& row : *plan) {
                    const std::string line = row.Text(3);
                    text += line + "\n";
                    // "SCAN h USING INDEX ..." walks the order and stops at the LIMIT.
                    if (line.starts_with("SCAN h") && !line.starts_with("SCAN h USING INDEX")) {
                        ADD_FAILURE() << account << " " << i << "\n" << line;
                    }
                    indexed = indexed || line.find(" h USING INDEX hazard_case_") != line.npos ||
                              line.find("MULTI-INDEX OR") != line.npos;
                }
                EXPECT_TRUE(indexed) << account << " " << i << "\n" << text;
            }
        }
    }
}

}  // namespace
}  // namespace anlan::hazard
