#include "modules/identity/domain/password_hash.h"

#include <argon2.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "mch/base/text.h"

namespace anlan::identity {
namespace {

TEST(PasswordHash, StoresParametersAndVerifies) {
    PasswordHasher hasher;
    const std::string a = hasher.Hash("Tr4verse-Kettle");
    const std::string b = hasher.Hash("Tr4verse-Kettle");
    EXPECT_TRUE(a.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << a;
    EXPECT_NE(a, b);
    EXPECT_TRUE(hasher.Verify(a, "Tr4verse-Kettle"));
    EXPECT_FALSE(hasher.Verify(a, "Tr4verse-Kettle "));
    EXPECT_FALSE(hasher.Verify("not a hash", "Tr4verse-Kettle"));
    EXPECT_FALSE(hasher.NeedsRehash(a));
    EXPECT_TRUE(PasswordHasher({19456, 3, 1}).NeedsRehash(a));
}

TEST(PasswordHash, AgreesWithRfc9106Vector) {
    // RFC 9106 section 5.3, Argon2id.
    std::string password(32, '\x01');
    std::string salt(16, '\x02');
    std::string secret(8, '\x03');
    std::string data(12, '\x04');
    std::string tag(32, '\0');
    argon2_context context{};
    const auto bytes = [](std::string& s) { return reinterpret_cast<std::uint8_t*>(s.data()); };
    context.out = bytes(tag);
    context.outlen = 32;
    context.pwd = bytes(password);
    context.pwdlen = 32;
    context.salt = bytes(salt);
    context.saltlen = 16;
    context.secret = bytes(secret);
    context.secretlen = 8;
    context.ad = bytes(data);
    context.adlen = 12;
    context.t_cost = 3;
    context.m_cost = 32;
    context.lanes = 4;
    context.threads = 1;
    context.version = ARGON2_VERSION_13;
    ASSERT_EQ(argon2id_ctx(&context), ARGON2_OK);
    EXPECT_EQ(mch::text::ToHex(tag),
              "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

TEST(PasswordHash, ParsesPhcStrictly) {
    const auto good = ParsePhc("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA");
    ASSERT_TRUE(good);
    EXPECT_EQ(*good, (HashParameters{19456, 2, 1}));
    for (const char* bad : {"", "$argon2i$v=19$m=1,t=1,p=1$a$b", "$argon2id$v=16$m=1,t=1,p=1$a$b",
                            "$argon2id$v=19$m=1,t=1$a$b", "$argon2id$v=19$m=x,t=1,p=1$a$b",
                            "$argon2id$v=19$m=1,t=1,p=1$$b", "$argon2id$v=19$m=-1,t=1,p=1$a$b"}) {
        EXPECT_FALSE(ParsePhc(bad)) << bad;
    }
}

TEST(PasswordHash, TwentyAtOnceStayWithinTheCap) {
    PasswordHasher hasher;
    const std::string hash = hasher.Hash("Tr4verse-Kettle");
    std::atomic<int> right{0};
    {
        std::vector<std::jthread> logins;
        for (int i = 0; i < 20; ++i) {
            logins.emplace_back([&] { right += hasher.Verify(hash, "Tr4verse-Kettle") ? 1 : 0; });
        }
    }
    EXPECT_EQ(right, 20);
    EXPECT_LE(hasher.most_at_once(), 2);
}

TEST(PasswordHash, RandomPasswordsDifferAndHaveAllClasses) {
    const std::string a = RandomPassword();
    EXPECT_NE(a, RandomPassword());
    EXPECT_EQ(a.size(), 22U);
    EXPECT_EQ(a.find_first_of("0O1lI"), std::string::npos);
}

}  // namespace
}  // namespace anlan::identity
