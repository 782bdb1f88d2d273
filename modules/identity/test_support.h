// Identity on a real store with a ManualClock, for the tests of this module.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "mch/app/testing.h"
#include "modules/audit/module.h"
#include "modules/identity/app/accounts.h"
#include "modules/identity/module.h"
#include "storage/testing.h"

namespace anlan::identity {

inline constexpr const char* kGoodPassword = "Tr4verse-Kettle";
inline constexpr const char* kOtherPassword = "Ample-Orchid-77";

class IdentityFixture : public testing::TestWithParam<mch::db::Engine> {
  protected:
    void SetUp() override {
        database_.emplace(GetParam(), app_.runtime.var_folder());
        if (!database_->available()) GTEST_SKIP() << "ANLAN_TEST_MYSQL_URL is not set";
        app_.runtime.SetDatabase(database_->Open(app_.runtime.clock()));
        MakeRegions();
        audit::Register(app_.context);
        Register(app_.context);
        const auto migrated = app_.Migrate();
        ASSERT_TRUE(migrated) << migrated.error().ToString();
    }

    // 1 city > 2 district > 3, 4 streets; 5 another district.
    void MakeRegions() {
        Force(
            "CREATE TABLE region_region (id BIGINT PRIMARY KEY, parent_id BIGINT NULL, code "
            "VARCHAR(20), name VARCHAR(100), path VARCHAR(250))");
        Force(
            "INSERT INTO region_region VALUES (1, NULL, '4403', '深圳市', '/1/'), (2, 1, '440308', "
            "'盐田区', '/1/2/'), (3, 2, '440308002', '海山街道', '/1/2/3/'), (4, 2, '440308001', "
            "'沙头角街道', '/1/2/4/'), (5, 1, '440303', '罗湖区', '/1/5/')");
    }

    mch::Deadline Soon() { return mch::Deadline(app_.runtime.clock(), 5000); }
    void Force(const std::string& sql) {
        (void)app_.runtime.database().Write(
            Soon(), [&](mch::db::Transaction& tx) { return tx.Execute(sql); });
    }
    mch::db::Rows Query(const std::string& sql) {
        auto rows = app_.runtime.database().Read(
            Soon(), [&](mch::db::Reader& reader) { return reader.Query(sql); });
        if (!rows) ADD_FAILURE() << rows.error().ToString();
        return rows ? std::move(*rows) : mch::db::Rows();
    }
    std::int64_t Count(const std::string& sql) { return Query(sql).at(0).Int(0); }

    int RunCommand(const std::string& name, const std::vector<std::string>& args) {
        for (const auto& command : app_.commands) {
            if (command.name != name) continue;
            const auto status = command.run(args);
            EXPECT_TRUE(status) << status.error().ToString();
            return status ? *status : -1;
        }
        ADD_FAILURE() << "no command " << name;
        return -1;
    }
    std::string FirstPassword(const std::string& account) {
        std::ifstream in(app_.runtime.var_folder() + "/first-passwords");
        for (std::string line; std::getline(in, line);) {
            if (line.starts_with(account + "\t")) return line.substr(account.size() + 1);
        }
        return {};
    }

    // A client with a cookie, as a browser would be.
    struct Client {
        std::string cookie;
        std::string bearer;
        std::string address = "192.0.2.1";
    };
    // As the dispatcher does it: authenticate, permission, schema, handler.
    mch::Result<mch::json::Value> Call(Client& client, const std::string& method,
                                       const std::string& path, const std::string& body = "",
                                       const std::string& query = "") {
        const auto match = app_.routes.Find(method, "/api/v1" + path);
        if (match.route == nullptr) return mch::NotFound("test.no_route", method + " " + path);
        mch::http::Request request;
        request.method = method;
        request.scheme = "http";
        request.query = query;
        request.client_address = client.address;
        request.path_parameters = match.parameters;
        if (!client.cookie.empty()) request.headers.emplace_back("cookie", client.cookie);
        if (!client.bearer.empty()) {
            request.headers.emplace_back("authorization", "Bearer " + client.bearer);
        }
        mch::http::Context context(app_.runtime.clock(), Soon());
        context.client_address = client.address;
        context.language = "en";
        context.route = match.route;
        auto principal = app_.authenticator->Authenticate(request, context);
        const bool is_public = match.route->permission == mch::http::kPublic;
        if (!principal && !is_public) return principal.error();
        if (principal) context.principal = std::move(*principal);
        if (!is_public) {
            if (context.principal.user_id == 0) {
                return mch::Error(mch::ErrorKind::kUnauthenticated, "session.none");
            }
            if (context.principal.must_change_password &&
                !match.route->allow_before_password_change) {
                return mch::Forbidden("session.password_change_required");
            }
            if (match.route->permission != mch::http::kSignedIn &&
                !context.principal.Has(match.route->permission)) {
                return mch::Forbidden("session.forbidden");
            }
        }
        if (!match.route->request.Empty()) {
            MCH_TRY(auto parsed, mch::json::Parse(body));
            MCH_TRY(request.json, match.route->request.Validate(std::move(parsed)));
        }
        MCH_TRY(const auto response, match.route->handler(request, context));
        for (const auto& [name, value] : response.headers) {
            if (name == "set-cookie") client.cookie = value.substr(0, value.find(';'));
        }
        if (response.body.empty()) return mch::json::Value();
        return mch::json::Parse(response.body);
    }
    mch::Result<mch::json::Value> Login(Client& client, const std::string& account,
                                        const std::string& password) {
        mch::json::Writer body;
        body.BeginObject().Field("account", account).Field("password", password).EndObject();
        return Call(client, "POST", "/session", body.str());
    }
    mch::Result<mch::json::Value> ChangePassword(Client& client, const std::string& current,
                                                 const std::string& wanted) {
        mch::json::Writer body;
        body.BeginObject().Field("current_password", current);
        body.Field("new_password", wanted).EndObject();
        return Call(client, "PUT", "/session/password", body.str());
    }
    // Sets up the starter people and signs `account` in with kGoodPassword.
    Client SignedIn(const std::string& account) {
        Client client;
        const std::string first = FirstPassword(account);
        if (first.empty()) {
            EXPECT_TRUE(Login(client, account, kGoodPassword)) << account;
            return client;
        }
        EXPECT_TRUE(Login(client, account, first)) << account;
        const auto changed = ChangePassword(client, first, kGoodPassword);
        EXPECT_TRUE(changed) << (changed ? "" : changed.error().ToString());
        return client;
    }
    std::string Code(const mch::Result<mch::json::Value>& result) {
        if (result) return "ok";
        if (!result.error().fields().empty()) return result.error().fields()[0].code;
        return result.error().code();
    }
    mch::Id UserId(const std::string& account) {
        return Count("SELECT id FROM identity_user WHERE account = '" + account + "'");
    }

    // The use cases of the operator, beside those that the routes call.
    Accounts MakeAccounts() {
        if (!parts_) {
            parts_ = std::make_unique<Parts>(
                Parts{app_.runtime, app_.context.Get<audit::AuditLog>(),
                      app_.context.Get<PersonalData>(), std::make_shared<PasswordHasher>(),
                      std::make_shared<const BlockList>(std::vector<std::string>())});
        }
        return Accounts(*parts_);
    }

    std::optional<mch::storage::TestDatabase> database_;
    mch::app::TestApplication app_;
    std::unique_ptr<Parts> parts_;
};

#define ANLAN_ON_BOTH_STORES(fixture)                                                            \
    INSTANTIATE_TEST_SUITE_P(Stores, fixture,                                                    \
                             testing::Values(mch::db::Engine::kSqlite, mch::db::Engine::kMysql), \
                             mch::storage::EngineName)

}  // namespace anlan::identity
