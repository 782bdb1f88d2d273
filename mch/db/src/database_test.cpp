#include "mch/db/database.h"

#include <gtest/gtest.h>

#include "mch/db/fault.h"
#include "mch/db/migrator.h"
#include "mch/db/pool.h"
#include "mch/db/split_sql.h"

namespace mch::db {
namespace {

TEST(Row, ReadsEveryKindAsWanted) {
    const struct {
        Value value;
        std::int64_t as_int;
        double as_double;
        std::string as_text;
    } cases[] = {
        {{}, 0, 0.0, ""},
        {true, 1, 1.0, "1"},
        {std::int64_t{-7}, -7, -7.0, "-7"},
        {2.5, 2, 2.5, "2.5"},
        {"12", 12, 12.0, "12"},
        {"1.25", 0, 1.25, "1.25"},
        {"words", 0, 0.0, "words"},
        {Blob{"12"}, 12, 12.0, "12"},
    };
    for (const auto& c : cases) {
        const Row row({c.value});
        EXPECT_EQ(c.as_int, row.Int(0));
        EXPECT_EQ(c.as_double, row.Double(0));
        EXPECT_EQ(c.as_text, row.Text(0));
        EXPECT_EQ(c.as_text, row.Bytes(0));
        EXPECT_EQ(c.value.IsNull(), row.IsNull(0));
    }
    EXPECT_TRUE(NullIfZero(0).IsNull());
    EXPECT_FALSE(NullIfZero(1).IsNull());
    EXPECT_TRUE(NullIfEmpty("").IsNull());
}

TEST(Dialect, WritesWhatTheEnginesSayDifferently) {
    const Dialect sqlite(Engine::kSqlite);
    const Dialect mysql(Engine::kMysql);
    EXPECT_EQ("INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT DO NOTHING",
              sqlite.InsertIgnore("t", {"a", "b"}));
    EXPECT_EQ(
        "INSERT INTO t (a, b) VALUES (?, ?)"
        " ON DUPLICATE KEY UPDATE a = IF(LAST_INSERT_ID(1) = 1, a, a)",
        mysql.InsertIgnore("t", {"a", "b"}));
    EXPECT_EQ(
        "INSERT INTO t (a, b, c) VALUES (?, ?, ?)"
        " ON CONFLICT (a) DO UPDATE SET b = excluded.b, c = excluded.c",
        sqlite.Upsert("t", {"a", "b", "c"}, {"a"}, {"b", "c"}));
    EXPECT_EQ(
        "INSERT INTO t (a, b, c) VALUES (?, ?, ?)"
        " ON DUPLICATE KEY UPDATE b = VALUES(b), c = VALUES(c)",
        mysql.Upsert("t", {"a", "b", "c"}, {"a"}, {"b", "c"}));
    EXPECT_EQ("", sqlite.ForUpdate());
    EXPECT_EQ(" FOR UPDATE", mysql.ForUpdate());
}

TEST(SplitStatements, KnowsWhereAStatementEnds) {
    using Statements = std::vector<std::string>;
    const struct {
        std::string sql;
        Statements statements;
    } cases[] = {
        {"", {}},
        {" ;; -- nothing;\n /* ; */ ;", {}},
        {"SELECT 1; SELECT 2", {"SELECT 1", "SELECT 2"}},
        {"SELECT ';', \";\", `;`;SELECT 'it''s;';", {"SELECT ';', \";\", `;`", "SELECT 'it''s;'"}},
        {"-- first; line\nSELECT 1; /* a;b */ SELECT 2;",
         {"-- first; line\nSELECT 1", "/* a;b */ SELECT 2"}},
        {"SELECT 'open; SELECT 2;", {"SELECT 'open; SELECT 2;"}},
        {"CREATE TRIGGER t BEFORE DELETE ON a BEGIN SELECT RAISE(ABORT, 'no;'); SELECT 1; END;\n"
         "SELECT 2;",
         {"CREATE TRIGGER t BEFORE DELETE ON a BEGIN SELECT RAISE(ABORT, 'no;'); SELECT 1; END",
          "SELECT 2"}},
        {"CREATE TRIGGER t BEFORE INSERT ON a WHEN CASE WHEN 1 THEN 2 END BEGIN"
         " SELECT CASE WHEN 1 THEN 2 ELSE 3 END; END; SELECT 2;",
         {"CREATE TRIGGER t BEFORE INSERT ON a WHEN CASE WHEN 1 THEN 2 END BEGIN"
          " SELECT CASE WHEN 1 THEN 2 ELSE 3 END; END",
          "SELECT 2"}},
        {"CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN IF NEW.b < 1 THEN"
         " SIGNAL SQLSTATE '45000'; END IF; BEGIN SET @x = 1; END; END; SELECT 2;",
         {"CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN IF NEW.b < 1 THEN"
          " SIGNAL SQLSTATE '45000'; END IF; BEGIN SET @x = 1; END; END",
          "SELECT 2"}},
        {"CREATE TRIGGER t BEFORE DELETE ON a FOR EACH ROW SIGNAL SQLSTATE '45000'; SELECT 2;",
         {"CREATE TRIGGER t BEFORE DELETE ON a FOR EACH ROW SIGNAL SQLSTATE '45000'", "SELECT 2"}},
        {"BEGIN; COMMIT; CREATE TABLE begin_end (id INT); SELECT 1;",
         {"BEGIN", "COMMIT", "CREATE TABLE begin_end (id INT)", "SELECT 1"}},
    };
    for (const auto& c : cases) EXPECT_EQ(c.statements, SplitStatements(c.sql)) << c.sql;
}

TEST(MigrationsFromFiles, PairsTheTextsOfBothEngines) {
    const auto migrations = MigrationsFromFiles("hazard", {{"messages/en.json", "{}"},
                                                           {"sql/0002_audit.mysql.sql", "M2"},
                                                           {"sql/0002_audit.sqlite.sql", "S2"},
                                                           {"sql/0001_tables.sql", "B1"}});
    ASSERT_EQ(2u, migrations.size());
    EXPECT_EQ("hazard", migrations[0].module);
    EXPECT_EQ(1, migrations[0].number);
    EXPECT_EQ("tables", migrations[0].name);
    EXPECT_EQ("B1", migrations[0].sql_sqlite);
    EXPECT_EQ("B1", migrations[0].sql_mysql);
    EXPECT_EQ(2, migrations[1].number);
    EXPECT_EQ("S2", migrations[1].sql_sqlite);
    EXPECT_EQ("M2", migrations[1].sql_mysql);
}

TEST(MigrationsFromFilesDeathTest, RefusesAFileThatIsNamedWrongly) {
    for (const char* name : {"1_tables.sql", "tables.sql", "0000_tables.sql", "0001tables.sql"}) {
        EXPECT_DEATH((void)MigrationsFromFiles("hazard", {{name, ""}}), "assertion failed") << name;
    }
}

TEST(FaultPlan, HitsOnceAtTheNthPassOfItsPoint) {
    FaultPlan none(nullptr);
    EXPECT_FALSE(none.Hit(""));
    EXPECT_FALSE(none.Hit("db.before_commit"));

    FaultPlan first("db.before_commit");
    EXPECT_FALSE(first.Hit("db.after_commit"));
    EXPECT_TRUE(first.Hit("db.before_commit"));
    EXPECT_FALSE(first.Hit("db.before_commit"));

    FaultPlan third("db.after_commit:3");
    EXPECT_FALSE(third.Hit("db.after_commit"));
    EXPECT_FALSE(third.Hit("db.after_commit"));
    EXPECT_TRUE(third.Hit("db.after_commit"));
}

TEST(Pool, WaitsForAFreeConnectionUntilTheDeadline) {
    const SystemClock clock;
    Pool<int> pool;
    pool.Add(std::make_unique<int>(7));
    {
        auto lease = pool.Take(Deadline(clock, 1000), 1000);
        ASSERT_TRUE(lease);
        EXPECT_EQ(7, **lease);
        const auto late = pool.Take(Deadline(clock, 0), 1000);
        ASSERT_FALSE(late);
        EXPECT_EQ("db.timeout", late.error().code());
        const auto busy = pool.Take(Deadline(clock, 60'000), 1);
        ASSERT_FALSE(busy);
        EXPECT_EQ("db.busy", busy.error().code());
    }
    EXPECT_TRUE(pool.Take(Deadline(clock, 1000), 1000));
}

}  // namespace
}  // namespace mch::db
