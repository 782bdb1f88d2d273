#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "mch/base/catalogue.h"
#include "mch/base/clock.h"
#include "mch/base/crypto.h"
#include "mch/base/ids.h"
#include "mch/base/json.h"
#include "mch/base/schema.h"
#include "mch/base/text.h"

namespace mch {
namespace {

Result<int> Half(int n) {
    if (n % 2 != 0) return Invalid("test.odd");
    return n / 2;
}

Result<int> Quarter(int n) {
    MCH_TRY(const int half, Half(n));
    return Half(half);
}

TEST(Result, TryReturnsTheFirstError) {
    EXPECT_EQ(*Quarter(8), 2);
    EXPECT_EQ(Quarter(6).error().code(), "test.odd");
}

TEST(Text, KnowsWellFormedUtf8) {
    const std::pair<std::string_view, bool> cases[] = {{"", true},
                                                       {"abc", true},
                                                       {"\xe5\xae\x89\xe6\xbe\x9c", true},
                                                       {"\xf0\x9f\x98\x80", true},
                                                       {"\xc0\x80", false},
                                                       {"\xed\xa0\x80", false},
                                                       {"\xf4\x90\x80\x80", false},
                                                       {"\xe5\xae", false},
                                                       {"\x80", false},
                                                       {"a\xff", false}};
    for (const auto& [bytes, good] : cases) EXPECT_EQ(text::IsUtf8(bytes), good) << bytes;
}

TEST(Text, TrimsWideSpaces) {
    EXPECT_EQ(text::Trim("\xe3\x80\x80 a b\xc2\xa0\n"), "a b");
    EXPECT_EQ(text::Trim(" \t"), "");
}

TEST(Text, CodesRoundTrip) {
    for (std::size_t size = 0; size < 40; ++size) {
        const std::string bytes = crypto::RandomBytes(size);
        EXPECT_EQ(text::FromHex(text::ToHex(bytes)), bytes);
        EXPECT_EQ(text::FromBase64Url(text::ToBase64Url(bytes)), bytes);
        EXPECT_EQ(text::PercentDecode(text::PercentEncode(bytes), false), bytes);
    }
    EXPECT_EQ(text::FromBase64("YWI="), "ab");
    EXPECT_FALSE(text::FromBase64("YWI"));
    EXPECT_FALSE(text::FromBase64Url("YWJ"));  // bits left over
    EXPECT_FALSE(text::PercentDecode("%4", false));
    EXPECT_FALSE(text::PercentDecode("%zz", false));
    EXPECT_EQ(text::PercentDecode("a+b", true), "a b");
}

TEST(Text, ParsesWholeNumbersOnly) {
    EXPECT_EQ(text::ParseInt("-12"), -12);
    for (const char* bad : {"", "1 ", "+1", "0x1", "9223372036854775808", "1.0"})
        EXPECT_FALSE(text::ParseInt(bad)) << bad;
    EXPECT_EQ(text::ParseDouble("1e2"), 100.0);
    for (const char* bad : {"", "nan", "inf", "1,5", "1.5x"}) EXPECT_FALSE(text::ParseDouble(bad));
}

TEST(Clock, FormatsAndParsesHttpDates) {
    const TimeMs at = 1'795'508'130'000;
    EXPECT_EQ(FormatHttpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(*ParseHttpDate(FormatHttpDate(at)), at);
    for (const char* bad : {"", "Thu, 31 Feb 1970 00:00:00 GMT", "Thu, 01 Jan 1970 24:00:00 GMT",
                            "Thursday, 01-Jan-70 00:00:00 GMT"})
        EXPECT_FALSE(ParseHttpDate(bad)) << bad;
    EXPECT_EQ(FormatIso(1), "1970-01-01T00:00:00.001Z");
    EXPECT_EQ(FormatDate(-1, 0), "1969-12-31");
    EXPECT_EQ(FormatDate(16 * 3'600'000, 480), "1970-01-02");
    EXPECT_EQ(*ParseDate("1970-01-02"), 1);
    for (const char* bad : {"1970-1-2", "2026-02-29", "2026-13-01", "2026-01-01 ", "x"})
        EXPECT_FALSE(ParseDate(bad)) << bad;
}

TEST(Ids, AreUniqueAcrossSlotsAndRiseThroughAClockStep) {
    ManualClock clock(1'795'508'130'000);
    IdGenerator first(clock, 1);
    IdGenerator second(clock, 2);
    std::set<Id> seen;
    Id last = 0;
    for (int i = 0; i < 10'000; ++i) {
        const Id id = first.Next();
        EXPECT_GT(id, last);
        last = id;
        seen.insert(id);
        seen.insert(second.Next());
        if (i == 5'000) clock.StepForTest(-60'000);
    }
    EXPECT_EQ(seen.size(), 20'000u);
    for (const char* bad : {"", "0", "-1", "01", "1x", "9223372036854775808"})
        EXPECT_FALSE(ParseId(bad)) << bad;
    EXPECT_TRUE(IsUuid(RandomUuid()));
}

TEST(Crypto, MatchesPublishedVectors) {
    EXPECT_EQ(text::ToHex(crypto::Sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    // RFC 4231 case 2.
    EXPECT_EQ(text::ToHex(crypto::HmacSha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_TRUE(crypto::ConstantTimeEquals("ab", "ab"));
    EXPECT_FALSE(crypto::ConstantTimeEquals("ab", "abc"));
}

TEST(Json, RefusesWhatIsNotStrict) {
    const std::pair<std::string, std::string> cases[] = {
        {"", "json.syntax"},
        {"{", "json.syntax"},
        {"{\"a\":1,}", "json.syntax"},
        {"nul", "json.syntax"},
        {"1 2", "json.syntax"},
        {"\"\xff\"", "json.not_utf8"},
        {"{\"a\":1,\"a\":2}", "json.duplicate"},
        {std::string(40, '[') + std::string(40, ']'), "json.too_deep"},
        {std::string(5000, '['), "json.syntax"},
    };
    for (const auto& [text, code] : cases) {
        const auto result = json::Parse(text);
        ASSERT_FALSE(result) << text;
        if (text.size() < 1000) {
            EXPECT_EQ(result.error().code(), code) << text;
        }
    }
    EXPECT_TRUE(json::Parse(std::string(32, '[') + std::string(32, ']')));
}

TEST(Json, RoundTrips) {
    const std::string text =
        R"({"a":[1,-2,3.5,true,false,null,"\u0001\"\\/\n"],"b":{"c":""},"\u5b89":9223372036854775807})";
    const auto value = json::Parse(text);
    ASSERT_TRUE(value);
    const std::string written = value->ToString();
    EXPECT_EQ(json::Parse(written)->ToString(), written);
    EXPECT_EQ(value->Find("b")->String("c", "x"), "");
}

TEST(Schema, ARequiredNullableMemberMustBeThereButMayBeNull) {
    const Schema answer = Schema::Object({{"at", Schema::Time().Nullable(), kRequired}});
    EXPECT_TRUE(answer.Validate(*json::Parse(R"({"at":null})")));
    EXPECT_TRUE(answer.Validate(*json::Parse(R"({"at":5})")));
    EXPECT_FALSE(answer.Validate(*json::Parse("{}")));
}

TEST(Schema, NamesEveryBadFieldAtOnce) {
    const Schema schema = Schema::Object({
        {"title", Schema::String().Min(2).Max(5), kRequired},
        {"grade", Schema::Enum({"ordinary", "major"}), kRequired},
        {"on", Schema::Date()},
        {"lon", Schema::Number().Range(-180, 180)},
        {"people", Schema::Integer().Min(0)},
        {"photos", Schema::Array(Schema::Id()).Min(1).Max(2)},
        {"nested", Schema::Object({{"ok", Schema::Boolean(), kRequired}})},
    });
    struct Case {
        std::string json, field, code;
    };
    const Case cases[] = {
        {R"({"grade":"major"})", "title", "field.required"},
        {R"({"title":"  ","grade":"major"})", "title", "field.required"},
        {R"({"title":"a","grade":"major"})", "title", "field.too_short"},
        {R"({"title":"abcdef","grade":"major"})", "title", "field.too_long"},
        {R"({"title":7,"grade":"major"})", "title", "field.type"},
        {R"({"title":"a\u0007b","grade":"major"})", "title", "field.control_characters"},
        {R"({"title":"abc","grade":"huge"})", "grade", "field.not_allowed"},
        {R"({"title":"abc","grade":"major","on":"2026-02-30"})", "on", "field.format"},
        {R"({"title":"abc","grade":"major","lon":181})", "lon", "field.too_large"},
        {R"({"title":"abc","grade":"major","people":-1})", "people", "field.too_small"},
        {R"({"title":"abc","grade":"major","people":1.5})", "people", "field.type"},
        {R"({"title":"abc","grade":"major","photos":[]})", "photos", "field.too_few"},
        {R"({"title":"abc","grade":"major","photos":["1","x"]})", "photos[1]", "field.format"},
        {R"({"title":"abc","grade":"major","nested":{}})", "nested.ok", "field.required"},
        {R"({"title":"abc","grade":"major","extra":1})", "extra", "field.unknown"},
    };
    for (const Case& c : cases) {
        const auto result = schema.Validate(*json::Parse(c.json));
        ASSERT_FALSE(result) << c.json;
        ASSERT_EQ(result.error().fields().size(), 1u) << c.json;
        EXPECT_EQ(result.error().fields()[0].field, c.field);
        EXPECT_EQ(result.error().fields()[0].code, c.code) << c.json;
    }
    const auto several = schema.Validate(*json::Parse(R"({"title":"","x":1})"));
    EXPECT_EQ(several.error().fields().size(), 3u);
    const auto good =
        schema.Validate(*json::Parse(R"({"title":" abc ","grade":"major","on":null})"));
    ASSERT_TRUE(good);
    EXPECT_EQ(good->String("title"), "abc");
}

TEST(Schema, PicksTheShapeByDiscriminator) {
    const Schema schema = Schema::OneOf(
        "move", {{"accept", Schema::Object({{"move", Schema::String(), kRequired}})},
                 {"return", Schema::Object({{"move", Schema::String(), kRequired},
                                            {"reason", Schema::String().Min(5), kRequired}})}});
    EXPECT_TRUE(schema.Validate(*json::Parse(R"({"move":"accept"})")));
    EXPECT_EQ(schema.Validate(*json::Parse(R"({"move":"return"})")).error().fields()[0].field,
              "reason");
    EXPECT_EQ(schema.Validate(*json::Parse(R"({"move":"fly"})")).error().fields()[0].code,
              "field.not_allowed");
    EXPECT_EQ(schema.Validate(*json::Parse(R"({})")).error().fields()[0].code, "field.required");
}

TEST(Schema, PrintsNamedShapesOnce) {
    const Schema person = Schema::Object({{"name", Schema::String(), kRequired}}).Named("Person");
    const Schema pair =
        Schema::Object({{"a", person, kRequired}, {"b", Schema(person).Nullable()}});
    std::vector<std::pair<std::string, std::string>> components;
    const std::string text = pair.ToJsonSchema(&components);
    ASSERT_EQ(components.size(), 1u);
    EXPECT_TRUE(json::Parse(components[0].second));
    EXPECT_NE(text.find(R"({"$ref":"#/components/schemas/Person"})"), std::string::npos) << text;
    EXPECT_NE(text.find("anyOf"), std::string::npos);
}

TEST(Catalogue, FillsAndTranslatesParameters) {
    Catalogue catalogue;
    ASSERT_TRUE(catalogue.Add(
        "en", R"({"a":"between {min} and {max}","k":"one of {list}","x":"X","y":"Y"})"));
    ASSERT_TRUE(catalogue.Add("zh-CN", R"({"x":"\u7532"})"));
    EXPECT_EQ(catalogue.Text("en", "a", {{"min", "1"}, {"max", "{min}"}}), "between 1 and {min}");
    EXPECT_EQ(catalogue.Text("en", "k", {{"list", "@x,@y"}}), "one of X, Y");
    EXPECT_EQ(catalogue.Text("en", "absent"), "absent");
    EXPECT_EQ(catalogue.Text("zh-CN", "x"), "\u7532");
    EXPECT_FALSE(catalogue.Add("en", R"({"a":"another"})"));
}

}  // namespace
}  // namespace mch
