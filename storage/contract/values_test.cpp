// Values go in and come out unchanged, and a text of SQL means the same on both stores.
#include <limits>

#include "store_fixture.h"

namespace mch::storage {
namespace {

constexpr std::string_view kTable =
    "CREATE TABLE sample (id BIGINT NOT NULL PRIMARY KEY, number BIGINT, ratio DOUBLE,"
    " words VARCHAR(200), essay LONGTEXT, bytes LONGBLOB)";
constexpr std::string_view kInsert =
    "INSERT INTO sample (id, number, ratio, words, essay, bytes) VALUES (?, ?, ?, ?, ?, ?)";
constexpr std::string_view kFind =
    "SELECT number, ratio, words, essay, bytes FROM sample WHERE id = ?";

TEST_P(StoreTest, RoundTripsNumbersAtTheirLimits) {
    ASSERT_OK(Execute(kTable));
    const std::int64_t numbers[] = {0,
                                    -1,
                                    1LL << 53,
                                    (1LL << 53) + 1,
                                    std::numeric_limits<std::int64_t>::max(),
                                    std::numeric_limits<std::int64_t>::min()};
    std::int64_t id = 0;
    for (const std::int64_t number : numbers) {
        ASSERT_OK(
            Execute(kInsert, {++id, number, 0.1 * static_cast<double>(id), "", "", db::Blob{}}));
        const auto rows = Query(kFind, {id});
        ASSERT_OK(rows);
        ASSERT_EQ(1u, rows->size());
        EXPECT_EQ(number, rows->at(0).Int(0));
        EXPECT_EQ(0.1 * static_cast<double>(id), rows->at(0).Double(1));
    }
}

TEST_P(StoreTest, RoundTripsTextAndBytes) {
    ASSERT_OK(Execute(kTable));
    std::string all_bytes;
    for (int i = 0; i < 256; ++i) all_bytes += static_cast<char>(i);
    const struct {
        std::string words;
        std::string essay;
        std::string bytes;
    } cases[] = {
        {"", "", ""},
        {"plain", "it's \"quoted\" \\ back\\slash % _ ; --", all_bytes},
        {"盐田区消防隐患", std::string(300'000, 'x'), std::string(100'000, '\0')},
        {"𠮷野家 😀 e\u0301", "𡈽\n\t", "\xff\xfe"},
    };
    std::int64_t id = 0;
    for (const auto& sample : cases) {
        ASSERT_OK(Execute(
            kInsert, {++id, nullptr, nullptr, sample.words, sample.essay, db::Blob{sample.bytes}}));
        const auto rows = Query(kFind, {id});
        ASSERT_OK(rows);
        ASSERT_EQ(1u, rows->size());
        EXPECT_TRUE(rows->at(0).IsNull(0));
        EXPECT_TRUE(rows->at(0).IsNull(1));
        EXPECT_FALSE(rows->at(0).IsNull(2));
        EXPECT_EQ(sample.words, rows->at(0).Text(2));
        EXPECT_EQ(sample.essay, rows->at(0).Text(3));
        EXPECT_FALSE(rows->at(0).IsNull(4));
        EXPECT_EQ(sample.bytes, rows->at(0).Bytes(4));
        EXPECT_TRUE(std::holds_alternative<db::Blob>(rows->at(0)[4].data()));
        EXPECT_TRUE(std::holds_alternative<std::string>(rows->at(0)[2].data()));
    }
}

TEST_P(StoreTest, ComparesTextByBytes) {
    ASSERT_OK(Execute(kTable));
    std::int64_t id = 0;
    for (const char* words : {"abc", "ABC", "abc ", "äbc", "安澜"}) {
        ASSERT_OK(Execute(kInsert, {++id, 0, 0.0, words, "", db::Blob{}}));
    }
    const auto count = [&](std::string_view where, const char* words) {
        return Number("SELECT COUNT(*) FROM sample WHERE words " + std::string(where), {words});
    };
    EXPECT_EQ(1, count("= ?", "abc"));
    EXPECT_EQ(1, count("= ?", "abc "));
    EXPECT_EQ(2, count("LIKE ?", "abc%"));
    EXPECT_EQ(1, count("LIKE ?", "ABC%"));
    EXPECT_EQ(1, count("LIKE ?", "%澜"));
    EXPECT_EQ(0, count("LIKE ? ESCAPE '\\'", "ab\\_"));
    EXPECT_EQ(1, Number("SELECT COUNT(*) FROM sample WHERE 'a' || 'bc' = words"));
    const auto rows = Query("SELECT words FROM sample ORDER BY words LIMIT ?", {2});
    ASSERT_OK(rows);
    EXPECT_EQ("ABC", rows->at(0).Text(0));
    EXPECT_EQ("abc", rows->at(1).Text(0));
}

TEST_P(StoreTest, GivesSumsAndCountsAsIntegers) {
    ASSERT_OK(Execute(kTable));
    for (int id = 1; id <= 3; ++id) ASSERT_OK(Execute(kInsert, {id, id, 0.5, "", "", db::Blob{}}));
    const auto rows =
        Query("SELECT COUNT(*), SUM(number), SUM(ratio), MAX(number) > 2 FROM sample");
    ASSERT_OK(rows);
    EXPECT_EQ(3, std::get<std::int64_t>(rows->at(0)[0].data()));
    EXPECT_EQ(6, std::get<std::int64_t>(rows->at(0)[1].data()));
    EXPECT_EQ(1.5, std::get<double>(rows->at(0)[2].data()));
    EXPECT_EQ(1, rows->at(0).Int(3));
}

TEST_P(StoreTest, RefusesWhatDoesNotFit) {
    ASSERT_OK(
        Execute("CREATE TABLE strict (id BIGINT NOT NULL PRIMARY KEY,"
                " grade VARCHAR(20) NOT NULL, CHECK (grade IN ('ordinary', 'major')))"));
    EXPECT_CODE("db.check", Execute("INSERT INTO strict (id, grade) VALUES (?, ?)", {1, nullptr}));
    EXPECT_CODE("db.check", Execute("INSERT INTO strict (id, grade) VALUES (?, ?)", {1, "small"}));
    EXPECT_CODE("db.failed", Execute("INSERT INTO absent (id) VALUES (?)", {1}));
    EXPECT_CODE("db.failed", Execute("INSERT INTO strict (id, grade) VALUES (?, ?)", {1}));
    EXPECT_CODE("db.failed",
                Execute("INSERT INTO strict (id, grade) VALUES (?, 'major'); SELECT 1", {1}));
    EXPECT_EQ(0, Number("SELECT COUNT(*) FROM strict"));
}

TEST_P(StoreTest, NamesTheUniqueIndexThatRefuses) {
    ASSERT_OK(
        Execute("CREATE TABLE member (id BIGINT NOT NULL PRIMARY KEY, org_id BIGINT NOT NULL,"
                " login VARCHAR(40) NOT NULL)"));
    ASSERT_OK(Execute("CREATE UNIQUE INDEX member_login ON member (login, org_id)"));
    ASSERT_OK(Execute("CREATE UNIQUE INDEX member_org ON member (org_id)"));
    constexpr std::string_view kAdd = "INSERT INTO member (id, org_id, login) VALUES (?, ?, ?)";
    ASSERT_OK(Execute(kAdd, {1, 1, "it's 'a' key"}));
    ASSERT_OK(Execute("DROP INDEX member_org" + std::string(IsSqlite() ? "" : " ON member")));
    const struct {
        db::Params params;
        std::string constraint;
    } cases[] = {{{1, 2, "b"}, "PRIMARY"}, {{2, 1, "it's 'a' key"}, "member_login"}};
    for (const auto& refused : cases) {
        const auto answer = Execute(kAdd, refused.params);
        EXPECT_CODE("db.unique", answer);
        EXPECT_EQ(ErrorKind::kConflict, answer.error().kind());
        ASSERT_FALSE(answer.error().params().empty());
        EXPECT_EQ("constraint", answer.error().params()[0].first);
        EXPECT_EQ(refused.constraint, answer.error().params()[0].second);
    }
}

TEST_P(StoreTest, ReportsReferencesAndTriggers) {
    ASSERT_OK(Execute("CREATE TABLE parent (id BIGINT NOT NULL PRIMARY KEY)"));
    ASSERT_OK(
        Execute("CREATE TABLE child (id BIGINT NOT NULL PRIMARY KEY, parent_id BIGINT NOT NULL,"
                " FOREIGN KEY (parent_id) REFERENCES parent (id))"));
    EXPECT_CODE("db.reference", Execute("INSERT INTO child (id, parent_id) VALUES (1, 7)"));
    ASSERT_OK(Execute("INSERT INTO parent (id) VALUES (7)"));
    ASSERT_OK(Execute("INSERT INTO child (id, parent_id) VALUES (1, 7)"));
    EXPECT_CODE("db.reference", Execute("DELETE FROM parent WHERE id = 7"));

    ASSERT_OK(Execute(IsSqlite() ? "CREATE TRIGGER no_delete BEFORE DELETE ON child BEGIN"
                                   " SELECT RAISE(ABORT, 'append only'); END"
                                 : "CREATE TRIGGER no_delete BEFORE DELETE ON child FOR EACH ROW"
                                   " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'append only'"));
    EXPECT_CODE("db.refused", Execute("DELETE FROM child WHERE id = 1"));
    if (IsSqlite()) {
        // Security control 65: REPLACE must not go round the trigger.
        EXPECT_CODE("db.refused", Execute("REPLACE INTO child (id, parent_id) VALUES (1, 7)"));
    }
}

TEST_P(StoreTest, CountsRowsOfTheDialectHelpers) {
    ASSERT_OK(
        Execute("CREATE TABLE setting (name VARCHAR(40) NOT NULL PRIMARY KEY,"
                " amount BIGINT NOT NULL)"));
    const std::string ignore = database_->dialect().InsertIgnore("setting", {"name", "amount"});
    const std::string upsert =
        database_->dialect().Upsert("setting", {"name", "amount"}, {"name"}, {"amount"});
    const struct {
        const std::string& sql;
        int given;
        int changed;
        int kept;
    } cases[] = {{ignore, 1, 1, 1}, {ignore, 2, 0, 1}, {ignore, 1, 0, 1},
                 {upsert, 3, 1, 3}, {upsert, 3, 1, 3}, {upsert, 4, 1, 4}};
    for (const auto& step : cases) {
        const auto changed = Execute(step.sql, {"a", step.given});
        ASSERT_OK(changed);
        EXPECT_EQ(step.changed, *changed) << step.sql << " " << step.given;
        EXPECT_EQ(step.kept, Number("SELECT amount FROM setting WHERE name = 'a'"));
    }
    // An update to the same value still counts its row: a version check relies on it.
    const auto same =
        Execute("UPDATE setting SET amount = 4 WHERE name = ? AND amount = ?", {"a", 4});
    ASSERT_OK(same);
    EXPECT_EQ(1, *same);
    const auto none =
        Execute("UPDATE setting SET amount = 9 WHERE name = ? AND amount = ?", {"a", 5});
    ASSERT_OK(none);
    EXPECT_EQ(0, *none);
}

TEST_P(StoreTest, StreamsAndNestsQueries) {
    ASSERT_OK(Execute(kTable));
    ASSERT_OK(database_->Write(Soon(), [&](db::Transaction& tx) -> Result<void> {
        for (int id = 1; id <= 1000; ++id) {
            MCH_CHECK(tx.Execute(kInsert, {id, id * 2, 0.0, "row", "", db::Blob{}}));
        }
        return {};
    }));
    std::int64_t sum = 0;
    int rows = 0;
    ASSERT_OK(database_->Read(Soon(), [&](db::Reader& reader) {
        return reader.Each("SELECT id FROM sample ORDER BY id", {}, [&](const db::Row& row) {
            const auto one = reader.QueryOne(kFind, {row.Int(0)}, "sample.not_found");
            EXPECT_TRUE(one);
            sum += one->Int(0);
            return ++rows < 700;
        });
    }));
    EXPECT_EQ(700, rows);
    EXPECT_EQ(700 * 701, sum);
    EXPECT_CODE("sample.not_found", database_->Read(Soon(), [&](db::Reader& reader) {
        return reader.QueryOne(kFind, {-1}, "sample.not_found");
    }));
}

}  // namespace
}  // namespace mch::storage
