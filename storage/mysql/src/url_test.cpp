#include "url.h"

#include <gtest/gtest.h>

#include "errors.h"

namespace mch::storage {
namespace {

TEST(MysqlUrl, TakesApartEveryForm) {
    const auto full =
        ParseMysqlUrl("mysql://an%3Alan:p%40s%2Fs@db.example:3307/anlan?tls_ca=/etc/ca.pem");
    ASSERT_TRUE(full);
    EXPECT_EQ("an:lan", full->user);
    EXPECT_EQ("p@s/s", full->password);
    EXPECT_EQ("db.example", full->host);
    EXPECT_EQ(3307u, full->port);
    EXPECT_EQ("anlan", full->database);
    EXPECT_EQ("/etc/ca.pem", full->tls_ca);
    EXPECT_FALSE(full->relaxed_durability);

    const auto socket = ParseMysqlUrl(
        "mysql://anlan@/anlan_1?socket=/run/my%20sql.sock&relaxed_durability=1&password_file=/p");
    ASSERT_TRUE(socket);
    EXPECT_EQ("", socket->host);
    EXPECT_EQ("/run/my sql.sock", socket->socket);
    EXPECT_EQ("/p", socket->password_file);
    EXPECT_TRUE(socket->relaxed_durability);

    const auto ipv6 = ParseMysqlUrl("mysql://u@[::1]:3308/n");
    ASSERT_TRUE(ipv6);
    EXPECT_EQ("::1", ipv6->host);
    EXPECT_EQ(3308u, ipv6->port);
}

TEST(MysqlUrl, RefusesWhatItCannotTrust) {
    for (const char* url : {
             "",
             "mysql:",
             "postgres://u@h/n",
             "mysql://u@h",
             "mysql://h/n",
             "mysql://@h/n",
             "mysql://u@/n",
             "mysql://u@h/",
             "mysql://u@h/n;DROP",
             "mysql://u@h/n`x",
             "mysql://u@h:0/n",
             "mysql://u@h:65536/n",
             "mysql://u@h:x/n",
             "mysql://u@[::1/n",
             "mysql://u@[::1]3306/n",
             "mysql://u%zz@h/n",
             "mysql://u%00@h/n",
             "mysql://u@h/n?sockets=/x",
             "mysql://u@h/n?socket",
             "mysql://u@h/n?socket=/x",
             "mysql://u@h/n?relaxed_durability=yes",
         }) {
        const auto parsed = ParseMysqlUrl(url);
        ASSERT_FALSE(parsed) << url;
        EXPECT_EQ("db.url", parsed.error().code());
    }
}

TEST(MysqlError, MapsNumbersToCodes) {
    const struct {
        unsigned number;
        const char* code;
        Fate fate;
    } cases[] = {
        {1213, "db.busy", Fate::kDeadlock},          {1205, "db.busy", Fate::kLockWait},
        {2006, "db.unavailable", Fate::kConnection}, {2013, "db.unavailable", Fate::kConnection},
        {2002, "db.unavailable", Fate::kConnection}, {1927, "db.unavailable", Fate::kConnection},
        {1053, "db.unavailable", Fate::kConnection}, {1969, "db.timeout", Fate::kGoesOn},
        {1317, "db.timeout", Fate::kGoesOn},         {1451, "db.reference", Fate::kGoesOn},
        {1452, "db.reference", Fate::kGoesOn},       {1644, "db.refused", Fate::kGoesOn},
        {4025, "db.check", Fate::kGoesOn},           {1406, "db.check", Fate::kGoesOn},
        {1047, "db.unavailable", Fate::kGoesOn},     {1290, "db.unavailable", Fate::kGoesOn},
        {1064, "db.failed", Fate::kGoesOn},          {1146, "db.failed", Fate::kGoesOn},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(c.code, MysqlError(c.number, "message", "SELECT 1").code()) << c.number;
        EXPECT_EQ(c.fate, FateOf(c.number)) << c.number;
    }
}

TEST(MysqlError, FindsTheKeyOfADuplicate) {
    const struct {
        const char* message;
        const char* key;
    } cases[] = {
        {"Duplicate entry '1' for key 'PRIMARY'", "PRIMARY"},
        {"Duplicate entry 'it's 'a' key-1' for key 'member_login'", "member_login"},
        {"Duplicate entry '1' for key 'member.member_login'", "member_login"},
        {"no quotes", ""},
        {"'", ""},
    };
    for (const auto& c : cases) {
        const Error error = MysqlError(1062, c.message, "");
        EXPECT_EQ("db.unique", error.code());
        EXPECT_EQ(ErrorKind::kConflict, error.kind());
        EXPECT_EQ("constraint", error.params()[0].first);
        EXPECT_EQ(c.key, error.params()[0].second);
    }
}

}  // namespace
}  // namespace mch::storage
