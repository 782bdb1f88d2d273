#include "modules/asset/domain/csv.h"

#include <gtest/gtest.h>

namespace anlan::asset {
namespace {

using Fields = std::vector<std::string>;

TEST(Csv, ReadsRecordsAsRfc4180Says) {
    const std::string text =
        "a,b,c\r\n"
        "1,\"x, \"\"y\"\"\",\n"
        "\n"
        "\"two\nlines\",\"\",3\r\n"
        "last";
    CsvReader reader(text);
    const struct {
        int line;
        Fields cells;
    } expected[] = {{1, {"a", "b", "c"}},
                    {2, {"1", "x, \"y\"", ""}},
                    {4, {"two\nlines", "", "3"}},
                    {6, {"last"}}};
    for (const auto& e : expected) {
        const auto record = reader.Next();
        ASSERT_TRUE(record) << record.error().ToString();
        ASSERT_TRUE(*record);
        EXPECT_EQ((*record)->line, e.line);
        EXPECT_EQ((*record)->cells, e.cells);
    }
    EXPECT_FALSE(*reader.Next());
    EXPECT_FALSE(*reader.Next());
}

TEST(Csv, NamesWhatIsWrongAndWhere) {
    const struct {
        const char* text;
        const char* code;
        const char* line;
    } cases[] = {
        {"a\n\"b", "csv.unclosed_quote", "2"},
        {"a\nb\"c", "csv.quote", "2"},
        {"\"a\"b", "csv.quote", "1"},
        {"a\x01", "csv.control_character", "1"},
        {"\"a\n\x02\"", "csv.control_character", "2"},
        {"abcdefghijk", "csv.cell_too_long", "1"},
        {"\"abcdefghijk\"", "csv.cell_too_long", "1"},
        {"1,2,3,4", "csv.too_many_columns", "1"},
    };
    for (const auto& c : cases) {
        CsvReader reader(c.text, {.field_bytes = 10, .fields = 3});
        mch::Result<std::optional<CsvRow>> record = reader.Next();
        while (record && *record) record = reader.Next();
        ASSERT_FALSE(record) << c.text;
        EXPECT_EQ(record.error().code(), c.code) << c.text;
        EXPECT_EQ(record.error().params()[0].second, c.line) << c.text;
    }
}

TEST(Csv, DecodesUtf8AndGb18030) {
    EXPECT_EQ(*DecodeText("\xEF\xBB\xBF编号"), "编号");
    EXPECT_EQ(*DecodeText("编号"), "编号");
    EXPECT_EQ(*DecodeText("\xb1\xe0\xba\xc5,\xb3\xe4\xb5\xe7"), "编号,充电");
    EXPECT_EQ(DecodeText("\xff\xff\xff").error().code(), "asset.import.encoding");
    EXPECT_EQ(DecodeText("\xb1\xe0\xba").error().code(), "asset.import.encoding");
}

TEST(Csv, WrittenFieldsAreQuotedAndNeverFormulas) {
    EXPECT_EQ(CsvField("plain"), "plain");
    EXPECT_EQ(CsvField("a,b"), "\"a,b\"");
    EXPECT_EQ(CsvField("say \"hi\"\n"), "\"say \"\"hi\"\"\n\"");
    EXPECT_EQ(CsvField("=HYPERLINK(1)"), "'=HYPERLINK(1)");
    EXPECT_EQ(CsvField("-1"), "'-1");
    EXPECT_EQ(CsvField(""), "");
    EXPECT_EQ(CsvLine({"a", "b,c", ""}), "a,\"b,c\",\r\n");
}

}  // namespace
}  // namespace anlan::asset
