#include "modules/file/module.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "mch/app/testing.h"
#include "mch/base/json.h"
#include "modules/audit/api/testing.h"
#include "modules/file/app/file_service.h"
#include "storage/blob.h"
#include "storage/testing.h"

namespace anlan::file {
namespace {

class FileTest : public testing::TestWithParam<mch::db::Engine> {
  protected:
    FileTest() : database_(GetParam(), app_.runtime.var_folder()) {}
    void SetUp() override {
        if (!database_.available()) GTEST_SKIP() << "ANLAN_TEST_MYSQL_URL is not set";
        app_.runtime.SetDatabase(database_.Open(app_.runtime.clock()));
        auto blobs = mch::storage::OpenBlobDirectory(app_.runtime.var_folder() + "/blobs");
        ASSERT_TRUE(blobs) << blobs.error().ToString();
        app_.runtime.SetBlobs(std::move(*blobs));
        app_.context.Provide<audit::AuditLog>(audit_);
        Register(app_.context);
        files_ = app_.context.Get<Files>();
        files_->RegisterGuard("thing",
                              [](mch::db::Reader&, const mch::http::Principal& who,
                                 mch::Id object) -> mch::Result<void> {
                                  if (who.user_id == object) return {};
                                  return mch::Forbidden("test.not_yours");
                              });
        const auto migrated = app_.Migrate();
        ASSERT_TRUE(migrated) << migrated.error().ToString();
    }

    mch::Deadline Soon() { return mch::Deadline(app_.runtime.clock(), 20'000); }
    static std::string Sample(const std::string& name) {
        const std::string here = __FILE__;
        std::ifstream in(here.substr(0, here.rfind('/')) + "/fuzz/corpus/image_probe_fuzz/" + name,
                         std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    mch::http::Part Spool(const std::string& bytes, std::string name) {
        mch::http::Part part;
        part.name = "file";
        part.file_name = std::move(name);
        part.path = app_.runtime.var_folder() + "/spool";
        part.size = static_cast<std::int64_t>(bytes.size());
        std::ofstream(part.path, std::ios::binary) << bytes;
        return part;
    }
    mch::Result<mch::http::Response> Call(std::string_view method, std::string_view path,
                                          mch::Id user_id, mch::http::Request request = {}) {
        const auto match = app_.routes.Find(method, path);
        request.path_parameters = match.parameters;
        mch::http::Context context(app_.runtime.clock(), Soon());
        context.principal.user_id = user_id;
        return match.route->handler(request, context);
    }
    mch::Result<mch::http::Response> Upload(mch::Id user_id, const std::string& bytes,
                                            std::string name = "photo.jpg") {
        mch::http::Request request;
        request.parts = {Spool(bytes, std::move(name))};
        return Call("POST", "/api/v1/files", user_id, std::move(request));
    }
    mch::Id UploadedId(mch::Id user_id) {
        const auto answer = Upload(user_id, Sample("exif_little.jpg"));
        EXPECT_TRUE(answer) << answer.error().ToString();
        return answer ? mch::json::Parse(answer->body)->Id("id") : 0;
    }
    mch::Result<void> Attach(mch::Id user_id, std::vector<mch::Id> ids, mch::Id object_id) {
        return app_.runtime.database().Write(Soon(), [&](mch::db::Transaction& tx) {
            return files_->Attach(tx, user_id, ids, "thing", object_id, "photo_ids");
        });
    }
    mch::Result<mch::http::Response> Read(mch::Id user_id, mch::Id id) {
        return Call("GET", "/api/v1/files/" + mch::FormatId(id), user_id);
    }

    mch::app::TestApplication app_;
    mch::storage::TestDatabase database_;
    std::shared_ptr<audit::RecordingAudit> audit_ = std::make_shared<audit::RecordingAudit>();
    std::shared_ptr<Files> files_;
};

INSTANTIATE_TEST_SUITE_P(Stores, FileTest,
                         testing::Values(mch::db::Engine::kSqlite, mch::db::Engine::kMysql),
                         mch::storage::EngineName);

TEST_P(FileTest, AnUploadIsKeptWithItsFactsAndAudited) {
    const auto answer = Upload(7, Sample("exif_little.jpg"), "C:\\照片\\现场\t1.jpg");
    ASSERT_TRUE(answer) << answer.error().ToString();
    EXPECT_EQ(answer->status, 201);
    const auto json = std::move(*mch::json::Parse(answer->body));
    EXPECT_EQ(json.String("name"), "现场1.jpg");
    EXPECT_EQ(json.String("content_type"), "image/jpeg");
    EXPECT_EQ(json.Int("width"), 640);
    // 08:15:30 at +08:00
    EXPECT_EQ(json.Int("taken_at"), mch::app::kTestStart + (15 * 60 + 30) * 1000);
    ASSERT_EQ(audit_->records.size(), 1u);
    EXPECT_EQ(audit_->records[0].action, "file.upload");

    const auto read = Read(7, json.Id("id"));
    ASSERT_TRUE(read) << read.error().ToString();
    std::ifstream in(read->file_path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(bytes, Sample("exif_little.jpg"));
    std::map<std::string, std::string> headers(read->headers.begin(), read->headers.end());
    EXPECT_EQ(headers["X-Content-Type-Options"], "nosniff");
    EXPECT_EQ(headers["Content-Security-Policy"], "sandbox; default-src 'none'");
    EXPECT_EQ(headers["Content-Type"], "image/jpeg");
    EXPECT_EQ(headers["Content-Disposition"],
              "inline; filename=\"______1.jpg\"; filename*=UTF-8''%E7%8E%B0%E5%9C%BA1.jpg");
    mch::http::Request again;
    again.headers = {{"if-none-match", headers["ETag"]}};
    EXPECT_EQ(Call("GET", "/api/v1/files/" + json.String("id"), 7, again)->status, 304);
}

TEST_P(FileTest, OnlyTheUploaderReadsItUntilItIsAttached) {
    const mch::Id id = UploadedId(7);
    EXPECT_TRUE(Read(7, id));
    EXPECT_EQ(Read(8, id).error().code(), "file.not_found");
    ASSERT_TRUE(Attach(7, {id}, 8));
    EXPECT_TRUE(Read(8, id));
    // From now on the object decides, for the uploader too.
    EXPECT_EQ(Read(7, id).error().code(), "file.not_found");
    EXPECT_EQ(Read(8, 12345).error().code(), "file.not_found");
}

TEST_P(FileTest, OnlyOnesOwnFreeFilesCanBeAttached) {
    const mch::Id mine = UploadedId(7);
    const mch::Id other = UploadedId(8);
    const auto refused = Attach(7, {mine, other}, 1);
    ASSERT_FALSE(refused);
    ASSERT_EQ(refused.error().fields().size(), 1u);
    EXPECT_EQ(refused.error().fields()[0].field, "photo_ids[1]");
    EXPECT_EQ(refused.error().fields()[0].code, "file.not_attachable");
    // Nothing of the refused transaction stayed.
    ASSERT_TRUE(Attach(7, {mine}, 2));
    EXPECT_FALSE(Attach(7, {mine}, 3));
    EXPECT_FALSE(Attach(7, {999}, 3));
    const auto of = app_.runtime.database().Read(
        Soon(), [&](mch::db::Reader& reader) { return files_->OfObject(reader, "thing", 2); });
    ASSERT_TRUE(of);
    ASSERT_EQ(of->size(), 1u);
    EXPECT_EQ(of->front().id, mine);
    const auto many = app_.runtime.database().Read(
        Soon(), [&](mch::db::Reader& reader) { return files_->FindMany(reader, {other, mine}); });
    EXPECT_EQ(many->at(0).id, other);
    EXPECT_EQ(many->at(1).object_id, 2);
}

TEST_P(FileTest, WhatIsNoPictureIsRefusedAndLeavesNoRow) {
    EXPECT_EQ(Upload(7, "<html></html>").error().code(), "file.type_unsupported");
    EXPECT_EQ(Upload(7, Sample("huge.png")).error().code(), "file.too_many_pixels");
    EXPECT_EQ(Upload(7, "").error().fields()[0].code, "file.empty");
    EXPECT_EQ(Call("POST", "/api/v1/files", 7).error().fields()[0].code, "field.required");
    mch::http::Request two;
    two.parts = {Spool(Sample("tiny.png"), "a"), Spool(Sample("tiny.png"), "b")};
    EXPECT_EQ(Call("POST", "/api/v1/files", 7, two).error().fields()[0].code, "field.too_many");
    mch::http::Request strange;
    strange.parts = {Spool(Sample("tiny.png"), "a")};
    strange.parts[0].name = "other";
    EXPECT_EQ(Call("POST", "/api/v1/files", 7, strange).error().fields()[0].field, "other");
    EXPECT_TRUE(audit_->records.empty());
}

TEST_P(FileTest, AUserHasAQuota) {
    mch::conf::Directive quota;
    quota.name = "file_user_quota";
    quota.args = {"300"};
    mch::conf::Directive config;
    config.children = {quota};
    app_.runtime.SetConfig(std::move(config));
    UploadedId(7);  // 229 bytes
    const auto second = Upload(7, Sample("exif_little.jpg"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), "file.quota_exceeded");
    EXPECT_TRUE(Upload(8, Sample("exif_little.jpg")));
}

TEST(CleanFileName, KeepsTheNameOnly) {
    const struct {
        std::string name;
        std::string clean;
    } cases[] = {
        {"a.jpg", "a.jpg"},
        {"../../etc/passwd", "passwd"},
        {"C:\\x\\y.png", "y.png"},
        {"a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"},
        {"\"quoted\".jpg", "quoted.jpg"},
        {"", "file"},
        {"folder/", "file"},
        {"\xff\xfe", "file"},
        {std::string(300, 'x'), std::string(100, 'x')},
    };
    for (const auto& c : cases) EXPECT_EQ(CleanFileName(c.name), c.clean) << c.name;
}

}  // namespace
}  // namespace anlan::file
