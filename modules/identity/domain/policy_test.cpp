#include "modules/identity/domain/policy.h"

#include <gtest/gtest.h>

namespace anlan::identity {
namespace {

const PasswordContext kPerson = {"wang.street", "王巡查", "海山街道办事处", "13800000001"};

TEST(Policy, ChecksEachRule) {
    const BlockList blocked({"password", "woaini1314", "qwertyuiop", "深圳", "administrator"});
    struct Case {
        const char* password;
        const char* code;  // "" = accepted
    };
    const Case cases[] = {
        {"Tr4verse-Kettle", ""},
        {"山高水长2026Aa", ""},
        {"Sh0rt-pw", "field.too_short"},
        {"alllowercaseletters", "identity.password.classes"},
        {"lowerUPPERonly", "identity.password.classes"},
        {"Password2026!", "identity.password.common"},
        {"P@ssw0rd2026!!", "identity.password.common"},
        {"Woaini1314", "identity.password.common"},
        {"123Qwertyuiop!", "identity.password.common"},
        {"Adm1n1strator#9", "identity.password.common"},
        {"My-wang.street-9", "identity.password.common"},
        {"Xx13800000001!", "identity.password.common"},
        {"王巡查Abc-2026x", "identity.password.common"},
    };
    for (const Case& c : cases) {
        const auto errors = CheckPassword({}, blocked, kPerson, c.password);
        if (*c.code == '\0') {
            EXPECT_TRUE(errors.empty()) << c.password << " " << errors[0].code;
        } else {
            bool found = false;
            for (const auto& error : errors) found = found || error.code == c.code;
            EXPECT_TRUE(found) << c.password << " should give " << c.code;
        }
    }
    const std::string long_one = std::string(126, 'x') + "A1!";
    EXPECT_EQ(CheckPassword({}, blocked, kPerson, long_one).at(0).code, "field.too_long");
}

TEST(Lockout, FiveFailuresInAWindowLockAndDouble) {
    const LockoutPolicy policy;
    Lockout lockout;
    mch::TimeMs now = 1'000'000;
    for (int i = 0; i < 4; ++i) {
        EXPECT_FALSE(lockout.Fail(policy, now, "", false));
        now += 60'000;
    }
    EXPECT_TRUE(lockout.Fail(policy, now, "", false));
    EXPECT_EQ(lockout.locked_until, now + 30 * 60'000);
    EXPECT_TRUE(lockout.LockedAt(now + 30 * 60'000 - 1));
    EXPECT_FALSE(lockout.LockedAt(now + 30 * 60'000));
    now += 31 * 60'000;
    for (int i = 0; i < 5; ++i) lockout.Fail(policy, now, "", false);
    EXPECT_EQ(lockout.locked_until, now + 60 * 60'000);
    now += 24 * 3600'000LL + 61 * 60'000;
    for (int i = 0; i < 5; ++i) lockout.Fail(policy, now, "", false);
    EXPECT_EQ(lockout.locked_until, now + 30 * 60'000) << "the doubling is forgotten";
}

TEST(Lockout, OldFailuresDoNotCount) {
    const LockoutPolicy policy;
    Lockout lockout;
    mch::TimeMs now = 1'000'000;
    for (int i = 0; i < 20; ++i) {
        EXPECT_FALSE(lockout.Fail(policy, now, "", false)) << i;
        now += 4 * 60'000;
    }
}

TEST(Lockout, SourceCountsDistinctAccounts) {
    const LockoutPolicy policy;
    Lockout lockout;
    for (int i = 0; i < 30; ++i) EXPECT_FALSE(lockout.Fail(policy, 1000 + i, "same", true));
    for (const char* mark : {"b", "c", "d"}) EXPECT_FALSE(lockout.Fail(policy, 2000, mark, true));
    EXPECT_TRUE(lockout.Fail(policy, 2000, "e", true));
}

TEST(Lockout, SurvivesStorage) {
    Lockout lockout;
    lockout.Fail({}, 1000, "ab12", true);
    lockout.Fail({}, 2000, "", true);
    const auto again = Lockout::Decode(lockout.Encode());
    ASSERT_EQ(again.size(), 2U);
    EXPECT_EQ(again[0].at, 1000);
    EXPECT_EQ(again[0].mark, "ab12");
    EXPECT_EQ(again[1].at, 2000);
    EXPECT_TRUE(Lockout::Decode("junk :5 x:y").empty());
}

}  // namespace
}  // namespace anlan::identity
