// Administration, escalation rules, set-up and the directory, on a real store.
#include <sys/stat.h>

#include "modules/identity/api/directory.h"
#include "modules/identity/api/personal_data.h"
#include "modules/identity/store/rows.h"
#include "modules/identity/test_support.h"

namespace anlan::identity {
namespace {

class AccountsTest : public IdentityFixture {
  protected:
    void SetUp() override {
        IdentityFixture::SetUp();
        if (IsSkipped()) return;
        ASSERT_EQ(RunCommand("setup", {"--starter"}), 0);
    }
    std::string Path(const std::string& account, const std::string& action = "") {
        return "/users/" + mch::FormatId(UserId(account)) + (action.empty() ? "" : "/" + action);
    }
    std::string Version(const std::string& account) {
        return std::to_string(
            Count("SELECT version FROM identity_user WHERE account = '" + account + "'"));
    }
};

TEST_P(AccountsTest, SetUpIsIdempotentAndAudited) {
    const auto users = Count("SELECT COUNT(*) FROM identity_user");
    EXPECT_EQ(users, 7);
    const std::string before = FirstPassword("admin");
    ASSERT_EQ(RunCommand("setup", {"--starter"}), 0);
    EXPECT_EQ(Count("SELECT COUNT(*) FROM identity_user"), users);
    EXPECT_EQ(FirstPassword("admin"), before);
    EXPECT_EQ(Count("SELECT COUNT(*) FROM audit_record WHERE action = 'user.create'"), 7);
    EXPECT_EQ(Count("SELECT COUNT(*) FROM audit_record WHERE action = 'org.create'"), 4);
    EXPECT_EQ(Count("SELECT region_id FROM identity_user WHERE account = 'wang.street'"), 3);
    EXPECT_EQ(RunCommand("user list", {}), 0);
    struct stat mode{};
    ASSERT_EQ(stat((app_.runtime.var_folder() + "/first-passwords").c_str(), &mode), 0);
    EXPECT_EQ(mode.st_mode & 0777U, 0600U);
}

TEST_P(AccountsTest, AdministratorHasNoBusinessPermission) {
    Client admin = SignedIn("admin");
    const auto view = Call(admin, "GET", "/session");
    ASSERT_TRUE(view);
    for (const auto& permission : view->Find("permissions")->AsArray()) {
        EXPECT_FALSE(permission.AsString().starts_with("hazard:")) << permission.AsString();
        EXPECT_FALSE(permission.AsString().starts_with("audit:")) << permission.AsString();
    }
}

TEST_P(AccountsTest, CreatesUserWhoMustChangePassword) {
    Client admin = SignedIn("admin");
    const auto made = Call(
        admin, "POST", "/users",
        R"({"account":"Zhou.New","name":"周新","phone":"13900000009","region_id":"3","roles":[{"role":"street"}]})");
    ASSERT_TRUE(made) << made.error().ToString();
    EXPECT_EQ(made->Find("user")->String("phone"), "139****0009");
    EXPECT_EQ(Count("SELECT COUNT(*) FROM identity_user WHERE phone_sealed LIKE '%13900000009%'"),
              0);
    EXPECT_EQ(Count("SELECT COUNT(*) FROM audit_record WHERE changes LIKE '%13900000009%'"), 0);
    Client client;
    const auto view = Login(client, "zhou.new", made->String("initial_password"));
    ASSERT_TRUE(view);
    EXPECT_TRUE(view->Bool("must_change_password"));
    EXPECT_EQ(Code(Call(admin, "POST", "/users", R"({"account":"zhou.new","name":"x"})")),
              "identity.user.account_taken");
    EXPECT_EQ(Code(Call(admin, "POST", "/users", R"({"account":"9bad","name":"x"})")),
              "identity.user.account_format");
    EXPECT_EQ(
        Code(Call(admin, "POST", "/users", R"({"account":"some.one","name":"x","is_admin":true})")),
        "field.unknown");
    EXPECT_EQ(Code(Call(admin, "POST", "/users",
                        R"({"account":"some.one","name":"x","roles":[{"role":"street"}]})")),
              "field.required");
    EXPECT_EQ(Count("SELECT COUNT(*) FROM identity_user WHERE account = 'some.one'"), 0);
}

TEST_P(AccountsTest, NobodyEscalates) {
    Client admin = SignedIn("admin");
    const std::string version = Version("admin");
    struct Case {
        std::string method, path, body, code;
    };
    const Case cases[] = {
        {"POST", "/users", R"({"account":"bad.one","name":"x","roles":[{"role":"auditor"}]})",
         "identity.grant.beyond_own"},
        {"POST", "/users",
         R"({"account":"bad.one","name":"x","roles":[{"role":"admin"},{"role":"supervisor"}]})",
         "identity.grant.exclusive"},
        {"POST", "/users", R"({"account":"bad.one","name":"x","roles":[{"role":"king"}]})",
         "identity.grant.unknown_role"},
        {"PATCH", Path("admin"), R"({"roles":[{"role":"supervisor"}],"version":)" + version + "}",
         "identity.user.own_roles"},
        {"POST", Path("admin", "disable"), "", "identity.user.own_status"},
        {"POST", Path("admin", "password-reset"), "", "identity.user.own_reset"},
        {"POST", Path("audit", "password-reset"), "", "identity.grant.beyond_own"},
        {"POST", Path("audit", "disable"), "", "identity.grant.beyond_own"},
        {"PATCH", Path("wang.street"), R"({"name":"x","version":99})", "request.version_changed"},
        {"POST", "/users/12345/disable", "", "identity.user.not_found"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(Code(Call(admin, c.method, c.path, c.body)), c.code) << c.path << c.body;
    }
    Client street = SignedIn("wang.street");
    EXPECT_EQ(Code(Call(street, "POST", "/users", R"({"account":"bad.one","name":"x"})")),
              "session.forbidden");
    EXPECT_EQ(Count("SELECT COUNT(*) FROM identity_user WHERE account = 'bad.one'"), 0);
}

TEST_P(AccountsTest, LastAdministratorStays) {
    Client admin = SignedIn("admin");
    const auto made = Call(admin, "POST", "/users",
                           R"({"account":"second.admin","name":"乙","roles":[{"role":"admin"}]})");
    ASSERT_TRUE(made) << made.error().ToString();
    Client second;
    ASSERT_TRUE(Login(second, "second.admin", made->String("initial_password")));
    ASSERT_TRUE(ChangePassword(second, made->String("initial_password"), kOtherPassword));
    ASSERT_TRUE(Call(second, "POST", Path("admin", "disable")));
    EXPECT_EQ(Code(Call(admin, "GET", "/users")), "session.expired") << "takes effect at once";
    Accounts accounts = MakeAccounts();
    const auto gone = accounts.SetStatus(OperatorCaller(app_.runtime, "test"),
                                         UserId("second.admin"), UserStatus::kDisabled);
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code(), "identity.user.last_admin");
    UserUpdate no_roles;
    no_roles.grants = std::vector<Grant>();
    no_roles.version = std::stoll(Version("second.admin"));
    const auto stripped =
        accounts.Update(OperatorCaller(app_.runtime, "test"), UserId("second.admin"), no_roles);
    ASSERT_FALSE(stripped);
    EXPECT_EQ(stripped.error().code(), "identity.user.last_admin");
    ASSERT_TRUE(Call(second, "POST", Path("admin", "enable")));
}

TEST_P(AccountsTest, RoleChangeTakesEffectAtTheNextRequest) {
    Client admin = SignedIn("admin");
    Client street = SignedIn("wang.street");
    EXPECT_TRUE(Call(street, "GET", "/organisations"));
    const auto changed = Call(admin, "PATCH", Path("wang.street"),
                              R"({"roles":[],"version":)" + Version("wang.street") + "}");
    ASSERT_TRUE(changed) << changed.error().ToString();
    EXPECT_EQ(Code(Call(street, "GET", "/organisations")), "session.forbidden");
    const auto reset = Call(admin, "POST", Path("wang.street", "password-reset"));
    ASSERT_TRUE(reset);
    EXPECT_EQ(Code(Call(street, "GET", "/tokens")), "session.expired");
    Client again;
    EXPECT_EQ(Code(Login(again, "wang.street", kGoodPassword)), "session.invalid_credentials");
    EXPECT_TRUE(Login(again, "wang.street", reset->String("initial_password")));
}

TEST_P(AccountsTest, AdministratorUnlocks) {
    Client admin = SignedIn("admin");
    SignedIn("wang.street");
    Client client;
    for (int i = 0; i < 5; ++i) (void)Login(client, "wang.street", "Wrong-pass-1");
    EXPECT_EQ(Code(Login(client, "wang.street", kGoodPassword)), "session.locked");
    const auto unlocked = Call(admin, "POST", Path("wang.street", "unlock"));
    ASSERT_TRUE(unlocked);
    EXPECT_FALSE(unlocked->Bool("locked", true));
    EXPECT_TRUE(Login(client, "wang.street", kGoodPassword));
}

TEST_P(AccountsTest, ListsPageWithinScope) {
    Client admin = SignedIn("admin");
    std::vector<std::string> accounts;
    std::string cursor;
    for (int page = 0; page < 10; ++page) {
        const auto answer = Call(admin, "GET", "/users", "", "limit=3&cursor=" + cursor);
        ASSERT_TRUE(answer) << answer.error().ToString();
        for (const auto& user : answer->Find("items")->AsArray()) {
            accounts.push_back(user.String("account"));
        }
        cursor = answer->String("next_cursor");
        if (cursor.empty()) break;
    }
    EXPECT_EQ(accounts.size(), 7U);
    // A regulator of one sector sees no user outside its own rows.
    Client regulator = SignedIn("li.review");
    const auto seen = Call(regulator, "GET", "/users");
    ASSERT_TRUE(seen);
    EXPECT_TRUE(seen->Find("items")->AsArray().empty());
    EXPECT_EQ(Code(Call(admin, "GET", "/users", "", "cursor=x")), "field.format");
    EXPECT_TRUE(Call(admin, "GET", "/roles"));
}

TEST_P(AccountsTest, DirectoryNamesDutyHolders) {
    const auto directory = app_.context.Get<Directory>();
    struct Case {
        std::string role;
        Place place;
        std::vector<std::string> accounts;
    };
    const auto company = Count("SELECT id FROM identity_org WHERE code = 'haishan-charging'");
    const Case cases[] = {
        {"street", {3, company, "charging"}, {"wang.street"}},
        {"street", {4, company, "charging"}, {}},
        {"street", {2, company, "charging"}, {}},
        {"regulator", {3, company, "charging"}, {"li.review", "zhao.verify"}},
        {"regulator", {5, company, "charging"}, {}},
        {"regulator", {3, company, "unknown"}, {}},
        {"supervisor", {5, 0, ""}, {"sun.supervise"}},
        {"enterprise", {3, company, "charging"}, {"chen.safety"}},
        {"enterprise", {3, 0, "charging"}, {}},
    };
    for (const Case& c : cases) {
        const auto holders = app_.runtime.database().Read(Soon(), [&](mch::db::Reader& reader) {
            return directory->HoldersOfRole(reader, c.role, c.place);
        });
        ASSERT_TRUE(holders) << holders.error().ToString();
        std::vector<std::string> accounts;
        for (const auto& card : *holders) accounts.push_back(card.account);
        EXPECT_EQ(accounts, c.accounts) << c.role << " " << c.place.region_id;
    }
    const auto user = app_.runtime.database().Read(Soon(), [&](mch::db::Reader& reader) {
        return directory->User(reader, UserId("wang.street"));
    });
    ASSERT_TRUE(user);
    EXPECT_EQ(user->phone_masked, "138****0001");
    EXPECT_EQ(user->org_name, "海山街道办事处");
}

TEST_P(AccountsTest, PersonalDataIsSealedPerColumn) {
    const auto data = app_.context.Get<PersonalData>();
    const auto a = data->Seal("t.phone", "13800000001");
    const auto b = data->Seal("t.phone", "13800000001");
    ASSERT_TRUE(a && b);
    EXPECT_NE(*a, *b);
    EXPECT_EQ(*data->Open("t.phone", *a), "13800000001");
    EXPECT_EQ(data->Open("t.address", *a).error().code(), "personal_data.damaged");
    std::string bent = *a;
    bent[bent.size() - 2] = bent[bent.size() - 2] == 'A' ? 'B' : 'A';
    EXPECT_EQ(data->Open("t.phone", bent).error().code(), "personal_data.damaged");
    EXPECT_EQ(data->Open("t.phone", "1.00000000.AAAA").error().code(), "personal_data.other_key");
    EXPECT_EQ(*data->Index("t.phone", "13800000001"), *data->Index("t.phone", "13800000001"));
    EXPECT_NE(*data->Index("t.phone", "13800000001"), *data->Index("t.address", "13800000001"));
    EXPECT_EQ(*data->Seal("t.phone", ""), "");
    for (const char* good : {"13800000001", "+86 138 0000 0001", "0755-12345678"}) {
        EXPECT_TRUE(IsPhone(good)) << good;
    }
    for (const char* bad : {"", "123", "abc12345", "1380000000a", "12--34567", "-1234567"}) {
        EXPECT_FALSE(IsPhone(bad)) << bad;
    }
}

ANLAN_ON_BOTH_STORES(AccountsTest);

}  // namespace
}  // namespace anlan::identity
