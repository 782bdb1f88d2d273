// The module's own data: dictionaries, terms and sentences are complete.
#include "modules/hazard/module.h"

#include <gtest/gtest.h>

#include <set>

#include "mch/app/embedded_files.h"
#include "modules/hazard/domain/calendar.h"
#include "modules/hazard/domain/moves.h"

extern const mch::EmbeddedFiles kEmbedded_module_hazard;

namespace anlan::hazard {
namespace {

mch::json::Value Data(std::string_view name) {
    return *mch::json::Parse(mch::app::EmbeddedText(kEmbedded_module_hazard, name));
}

TEST(Data, DictionariesHoldEveryCode) {
    std::map<std::string, std::set<std::string>> held;
    const mch::json::Value dictionaries = Data("data/dictionaries.json");
    for (const auto& dictionary : dictionaries.AsArray()) {
        for (const auto& entry : dictionary.Find("entries")->AsArray()) {
            held[dictionary.String("code")].insert(entry.String("code"));
            EXPECT_FALSE(entry.String("zh-CN").empty());
            EXPECT_FALSE(entry.String("en").empty());
        }
    }
    const auto texts = [](const std::vector<std::string_view>& codes) {
        return std::set<std::string>(codes.begin(), codes.end());
    };
    EXPECT_EQ(held["hazard_type"], texts(TypeCodes()));
    EXPECT_EQ(held["hazard_source"], texts(SourceCodes()));
    EXPECT_EQ(held["hazard_state"], texts(StateCodes()));
    EXPECT_EQ(held["hazard_grade"], texts(HazardGradeCodes()));
    EXPECT_EQ(held["risk_grade"], texts(RiskGradeCodes()));
    EXPECT_EQ(held["hazard_move"].size(), AllMoves().size());
    EXPECT_EQ(held["duty_kind"].size(), AllDutyKinds().size());
}

TEST(Data, EveryTermOfTheTableIsShipped) {
    std::set<std::string> shipped;
    const mch::json::Value deadlines = Data("data/deadlines.json");
    for (const auto& row : deadlines.AsArray()) {
        shipped.insert(row.String("code") + " " + row.String("hazard_grade") +
                       (row.Bool("urgent") ? " urgent" : ""));
        EXPECT_TRUE(ParseTermUnit(row.String("unit")).has_value());
        EXPECT_GT(row.Int("amount"), 0);
        EXPECT_FALSE(row.String("basis").empty());
    }
    std::set<std::string> codes = {"accept", "rectify"};
    for (const MoveRule& rule : MoveRules()) {
        if (!rule.next_deadline.empty()) codes.emplace(rule.next_deadline);
    }
    for (const std::string& code : codes) {
        for (const char* grade : {"ordinary", "major"}) {
            EXPECT_EQ(shipped.count(code + " " + grade), 1U) << code;
            EXPECT_EQ(shipped.count(code + " " + grade + " urgent"), 1U) << code;
        }
    }
    EXPECT_EQ(shipped.size(), codes.size() * 4);
}

TEST(Data, EveryCodeHasItsSentence) {
    mch::Catalogue messages;
    for (const char* language : {"zh-CN", "en"}) {
        ASSERT_TRUE(messages.Add(
            language, mch::app::EmbeddedText(kEmbedded_module_hazard,
                                             std::string("messages/") + language + ".json")));
        for (State state : AllStates()) {
            EXPECT_TRUE(messages.Has(language, "hazard.state_name." + std::string(Code(state))));
        }
        for (Move move : AllMoves()) {
            EXPECT_TRUE(messages.Has(language, "hazard.move_name." + std::string(Code(move))));
            EXPECT_TRUE(messages.Has(language, "hazard.notice." + std::string(Code(move))));
        }
        for (DutyKind kind : AllDutyKinds()) {
            EXPECT_TRUE(messages.Has(language, "hazard.duty_name." + std::string(Code(kind))));
        }
        for (const char* basis :
             {"reporter_org", "asset", "region", "sector", "installation", "given"}) {
            EXPECT_TRUE(messages.Has(language, std::string("hazard.duty_basis.") + basis));
        }
        // Every reason that a guard or the judge can give.
        const CaseFacts facts{State::kAwaitingWriteOff, HazardGrade::kOrdinary, {}, 1, 5, 1, 1, 1};
        for (int guard = 0; guard <= static_cast<int>(Guard::kRegulatorForOrdinary); ++guard) {
            for (std::int64_t user : {1, 2}) {
                const auto reason =
                    BrokenGuard(static_cast<Guard>(guard), facts, {user, 9, {}, {}});
                EXPECT_TRUE(reason.empty() || messages.Has(language, reason)) << reason;
            }
        }
        for (std::string_view reason : {kReasonWrongState, kReasonNoPermission}) {
            EXPECT_TRUE(messages.Has(language, reason));
        }
    }
}

}  // namespace
}  // namespace anlan::hazard
