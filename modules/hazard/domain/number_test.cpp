#include "modules/hazard/domain/number.h"

#include <gtest/gtest.h>

namespace anlan::hazard {
namespace {

TEST(Number, CarriesPrefixDateAndCheck) {
    const std::string number =
        MakeNumber("YH", "2026-11-24", std::string("\x00\x01\x1f\x20\xff\x10", 6));
    EXPECT_EQ(number.substr(0, 11), "YH20261124-");
    EXPECT_EQ(number.substr(11, 6), "01Z0ZG");
    EXPECT_EQ(number.size(), 18U);
    EXPECT_TRUE(HasValidCheck(number));
}

TEST(Number, EveryWrongCharacterIsFound) {
    const std::string number = MakeNumber("YH", "2026-11-24", "abcdef");
    const std::string alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for (std::size_t i = 11; i < number.size(); ++i) {
        for (char c : alphabet) {
            std::string wrong = number;
            wrong[i] = c;
            EXPECT_EQ(HasValidCheck(wrong), c == number[i]) << wrong;
        }
    }
    EXPECT_FALSE(HasValidCheck(""));
    EXPECT_FALSE(HasValidCheck("YH20261124-ABCDEU!"));
    std::string lower = number;
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    EXPECT_TRUE(HasValidCheck(lower));
}

}  // namespace
}  // namespace anlan::hazard
