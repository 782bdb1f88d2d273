#include "modules/dictionary/module.h"

#include <gtest/gtest.h>

#include "mch/app/testing.h"
#include "modules/dictionary/api/dictionary.h"
#include "modules/dictionary/app/dictionary_service.h"
#include "storage/open.h"

namespace anlan::dictionary {
namespace {

constexpr std::string_view kFirst = R"([{"code":"grade","zh-CN":"级别","en":"Grade","entries":[
  {"code":"major","zh-CN":"重大","en":"Major","color":"red"},
  {"code":"ordinary","zh-CN":"一般","en":"Ordinary"}]}])";
constexpr std::string_view kRenamed = R"([{"code":"grade","zh-CN":"等级","en":"Grade","entries":[
  {"code":"major","zh-CN":"重大隐患","en":"Major","color":"red"},
  {"code":"ordinary","zh-CN":"一般隐患","en":"Ordinary"}]}])";

class DictionaryTest : public testing::Test {
  protected:
    void Start(mch::app::TestApplication& app, std::string_view json) {
        auto opened = mch::storage::OpenDatabase({.url = "sqlite:" + folder_.var_folder() + "/db"},
                                                 app.runtime.clock());
        ASSERT_TRUE(opened) << opened.error().ToString();
        app.runtime.SetDatabase(std::move(*opened));
        Register(app.context);
        ASSERT_TRUE(app.context.Get<Dictionaries>()->Add(json));
        const auto migrated = app.Migrate();
        ASSERT_TRUE(migrated) << migrated.error().ToString();
    }
    std::string Json(mch::app::TestApplication& app, std::string language) {
        mch::http::Context context(app.runtime.clock(), mch::Deadline(app.runtime.clock(), 10'000));
        context.language = std::move(language);
        const auto response = app.routes.routes()[0].handler({}, context);
        return response ? response->body : response.error().ToString();
    }
    mch::app::TestRuntime folder_;  // keeps the database between two starts
};

TEST_F(DictionaryTest, IsReadInTheReadersLanguageInTheOrderOfTheFile) {
    mch::app::TestApplication app;
    Start(app, kFirst);
    EXPECT_EQ(Json(app, "en"), R"({"items":[{"code":"grade","name":"Grade","entries":[)"
                               R"({"code":"major","name":"Major","color":"red"},)"
                               R"({"code":"ordinary","name":"Ordinary"}]}]})");
    EXPECT_NE(Json(app, "zh-CN").find("重大"), std::string::npos);
}

TEST_F(DictionaryTest, ANewReleaseRenamesWhatNobodyHasEdited) {
    {
        mch::app::TestApplication app;
        Start(app, kFirst);
        const auto edited = app.runtime.database().Write(
            mch::Deadline(app.runtime.clock(), 10'000), [](mch::db::Transaction& tx) {
                return tx.Execute(
                    "UPDATE dictionary_entry SET name_zh = ?, updated_by = 7 WHERE code = ?",
                    {"普通", "ordinary"});
            });
        ASSERT_TRUE(edited);
        ASSERT_EQ(*edited, 1);
    }
    mch::app::TestApplication app;
    Start(app, kRenamed);
    const std::string json = Json(app, "zh-CN");
    EXPECT_NE(json.find("\"等级\""), std::string::npos);
    EXPECT_NE(json.find("\"重大隐患\""), std::string::npos);
    EXPECT_NE(json.find("\"普通\""), std::string::npos);
    EXPECT_EQ(json.find("一般"), std::string::npos);
}

TEST(DictionaryFile, DamagedFilesAreRefused) {
    mch::app::TestRuntime runtime;
    const char* cases[] = {
        "{}",
        R"([{"code":"a","zh-CN":"一","entries":[]}])",
        R"([{"code":"a","zh-CN":"一","en":"A","entries":[{"code":"x"}]}])",
        R"([{"code":"a","zh-CN":"一","en":"A","entries":[],"more":1}])",
        R"([{"code":"a","zh-CN":"一","en":"A","entries":[
            {"code":"x","zh-CN":"一","en":"X"},{"code":"x","zh-CN":"二","en":"Y"}]}])",
        R"([{"code":"a","zh-CN":"一","en":"A","entries":[]},
            {"code":"a","zh-CN":"一","en":"A","entries":[]}])",
    };
    for (const char* text : cases) {
        DictionaryService service(runtime);
        const auto added = service.Add(text);
        ASSERT_FALSE(added) << text;
        EXPECT_EQ(added.error().code(), "dictionary.invalid") << text;
    }
}

}  // namespace
}  // namespace anlan::dictionary
