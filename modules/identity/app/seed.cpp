#include "modules/identity/app/seed.h"

#include <map>
#include <utility>

namespace anlan::identity {

namespace {

using mch::json::Value;

std::vector<std::string> Texts(const Value* list) {
    std::vector<std::string> texts;
    if (list == nullptr || !list->IsArray()) return texts;
    for (const Value& item : list->AsArray()) {
        if (item.IsString()) texts.push_back(item.AsString());
    }
    return texts;
}

// Our own files, linked in: a wrong shape is a bug that the first migration shows.
mch::Result<Value> ParseList(const std::string& json) {
    MCH_TRY(auto value, mch::json::Parse(json));
    if (!value.IsArray()) return mch::Internal("identity.seed_file", "a list is expected");
    return value;
}

class SetUpRun {
  public:
    SetUpRun(Parts& parts, const Value& file)
        : parts_(parts),
          accounts_(parts),
          caller_(OperatorCaller(parts.runtime, "setup")),
          file_(file) {}

    mch::Result<void> FindRegions() {
        return parts_.runtime.database().Read(
            caller_.deadline, [&](Reader& reader) -> mch::Result<void> {
                MCH_TRY(const mch::Id root, FindRootRegion(reader));
                MCH_TRY(mch::Id district, FindRegionByCode(reader, file_.String("district")));
                if (district == 0) district = root;
                MCH_TRY(mch::Id street, FindRegionByName(reader, file_.String("street"), district));
                if (street == 0) street = district;
                regions_ = {{"root", root}, {"district", district}, {"street", street}};
                return {};
            });
    }

    mch::Result<void> Administrator() {
        const Value* admin = file_.Find("administrator");
        MCH_ASSERT(admin != nullptr);
        UserInput input;
        input.account = admin->String("account");
        input.name = admin->String("name");
        input.region_id = regions_["root"];
        input.grants.resize(1);
        input.grants[0].role = kAdminRole;
        return User(std::move(input));
    }

    mch::Result<void> Organisations() {
        for (const Value& item : file_.Find("organisations")->AsArray()) {
            OrganisationRow org;
            org.code = item.String("code");
            org.name = item.String("name");
            org.kind = item.String("kind");
            org.sector = item.String("sector");
            org.region_id = regions_[item.String("region")];
            MCH_TRY(const auto known,
                    parts_.runtime.database().Read(caller_.deadline, [&](Reader& reader) {
                        return FindOrganisationByCode(reader, org.code);
                    }));
            if (known) {
                organisations_[org.code] = known->id;
                continue;
            }
            const std::string code = org.code;
            MCH_TRY(organisations_[code], accounts_.CreateOrganisation(caller_, std::move(org)));
        }
        return {};
    }

    mch::Result<void> Users() {
        for (const Value& item : file_.Find("users")->AsArray()) {
            UserInput input;
            input.account = item.String("account");
            input.name = item.String("name");
            input.phone = item.String("phone");
            input.org_id = organisations_[item.String("org")];
            input.region_id = regions_[item.String("region")];
            Grant grant;
            grant.role = item.String("role");
            const auto sectors = Texts(item.Find("sectors"));
            if (sectors.empty()) input.grants.push_back(grant);
            for (const std::string& sector : sectors) {
                grant.sector = sector;
                input.grants.push_back(grant);
            }
            MCH_CHECK(User(std::move(input)));
        }
        return {};
    }

    std::vector<IssuedPassword> Take() { return std::move(issued_); }

  private:
    mch::Result<void> User(UserInput input) {
        MCH_TRY(const auto known,
                parts_.runtime.database().Read(caller_.deadline, [&](Reader& reader) {
                    return FindUserByAccount(reader, input.account);
                }));
        if (known) return {};
        MCH_TRY(auto issued, accounts_.CreateUser(caller_, std::move(input)));
        MCH_CHECK(parts_.first_passwords().Set(issued.account, issued.password));
        issued_.push_back(std::move(issued));
        return {};
    }

    Parts& parts_;
    Accounts accounts_;
    Caller caller_;
    const Value& file_;
    std::map<std::string, mch::Id> regions_;
    std::map<std::string, mch::Id> organisations_;
    std::vector<IssuedPassword> issued_;
};

}  // namespace

mch::Result<void> SeedRoles(Transaction& tx, const std::string& json) {
    MCH_TRY(const Value list, ParseList(json));
    std::int64_t sort = 0;
    for (const Value& item : list.AsArray()) {
        Role role;
        role.code = item.String("code");
        role.name_zh = item.String("zh-CN");
        role.name_en = item.String("en");
        role.scope_kind = item.String("scope");
        role.exclusive = item.Bool("exclusive");
        role.permissions = Texts(item.Find("permissions"));
        MCH_CHECK(StoreRole(tx, role, ++sort));
    }
    return {};
}

mch::Result<void> SeedMenus(Transaction& tx, const std::string& json) {
    MCH_TRY(const Value list, ParseList(json));
    std::int64_t sort = 0;
    for (const Value& item : list.AsArray()) {
        MenuRow menu;
        menu.code = item.String("code");
        menu.parent_code = item.String("parent");
        menu.name_zh = item.String("zh-CN");
        menu.name_en = item.String("en");
        menu.icon = item.String("icon");
        menu.path = item.String("path");
        menu.permission = item.String("permission");
        menu.mobile = item.Bool("mobile");
        menu.sort = ++sort;
        MCH_CHECK(StoreMenu(tx, menu));
    }
    return {};
}

mch::Result<std::vector<std::string>> ReadWords(const std::string& json) {
    MCH_TRY(const Value list, ParseList(json));
    return Texts(&list);
}

mch::Result<std::vector<IssuedPassword>> SetUp(Parts& parts, const std::string& json,
                                               Starter starter) {
    MCH_TRY(const Value file, mch::json::Parse(json));
    SetUpRun run(parts, file);
    MCH_CHECK(run.FindRegions());
    MCH_CHECK(run.Administrator());
    if (starter == Starter::kWithPeople) {
        MCH_CHECK(run.Organisations());
        MCH_CHECK(run.Users());
    }
    return run.Take();
}

}  // namespace anlan::identity
