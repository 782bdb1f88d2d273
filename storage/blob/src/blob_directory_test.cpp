#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "mch/base/crypto.h"
#include "mch/base/text.h"
#include "storage/blob.h"

namespace mch::storage {
namespace {

namespace fs = std::filesystem;

// SHA-256 of "abc", FIPS 180-2.
constexpr const char* kHashOfAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

class BlobDirectory : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "anlan-blob-XXXXXX";
        ASSERT_NE(nullptr, mkdtemp(pattern.data()));
        root_ = pattern;
        auto store = OpenBlobDirectory(Folder());
        ASSERT_TRUE(store) << store.error().ToString();
        store_ = std::move(*store);
    }
    void TearDown() override { fs::remove_all(root_); }

    std::string Folder() const { return root_ / "blob"; }
    static std::string Read(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        std::stringstream text;
        text << file.rdbuf();
        return text.str();
    }
    std::size_t Objects() const {
        std::size_t count = 0;
        for (const auto& entry : fs::recursive_directory_iterator(Folder())) {
            count += entry.is_regular_file() ? 1 : 0;
        }
        return count;
    }

    fs::path root_;
    std::unique_ptr<db::BlobStore> store_;
};

TEST_F(BlobDirectory, StoresBytesByTheirHash) {
    const auto hash = store_->PutBytes("abc");
    ASSERT_TRUE(hash) << hash.error().ToString();
    EXPECT_EQ(kHashOfAbc, *hash);
    const auto path = store_->PathOf(*hash);
    ASSERT_TRUE(path);
    EXPECT_EQ(Folder() + "/ba/78/" + kHashOfAbc, *path);
    EXPECT_EQ("abc", Read(*path));
    struct stat status = {};
    ASSERT_EQ(0, stat(path->c_str(), &status));
    EXPECT_EQ(0440u, status.st_mode & 0777);
}

TEST_F(BlobDirectory, MovesAFileIn) {
    std::string content;
    for (int i = 0; i < 200'000; ++i) content += static_cast<char>(i * 7);
    const std::string source = root_ / "upload";
    std::ofstream(source, std::ios::binary) << content;
    const auto hash = store_->PutFile(source);
    ASSERT_TRUE(hash) << hash.error().ToString();
    EXPECT_EQ(text::ToHex(crypto::Sha256(content)), *hash);
    EXPECT_EQ(content, Read(*store_->PathOf(*hash)));
    EXPECT_FALSE(fs::exists(source));
}

TEST_F(BlobDirectory, KeepsOneObjectOfOneContent) {
    ASSERT_TRUE(store_->PutBytes("abc"));
    const std::string source = root_ / "upload";
    std::ofstream(source) << "abc";
    const auto again = store_->PutFile(source);
    ASSERT_TRUE(again);
    EXPECT_EQ(kHashOfAbc, *again);
    ASSERT_TRUE(store_->PutBytes(""));
    EXPECT_EQ(2u, Objects());  // and nothing left in tmp/
}

TEST_F(BlobDirectory, TakesTheSameContentFromManyThreads) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([this] {
            for (int round = 0; round < 10; ++round) {
                const auto hash = store_->PutBytes("content " + std::to_string(round));
                EXPECT_TRUE(hash && store_->PathOf(*hash));
            }
        });
    }
    threads.clear();
    EXPECT_EQ(10u, Objects());
}

TEST_F(BlobDirectory, FindsOnlySafeNamesThatExist) {
    const struct {
        std::string name;
        std::string code;
    } cases[] = {
        {kHashOfAbc, "blob.not_found"},
        {"", "blob.name"},
        {"../../../etc/passwd", "blob.name"},
        {std::string(kHashOfAbc) + "0", "blob.name"},
        {std::string(63, 'a') + "/", "blob.name"},
        {std::string(64, 'A'), "blob.name"},
    };
    for (const auto& wanted : cases) {
        const auto path = store_->PathOf(wanted.name);
        ASSERT_FALSE(path) << wanted.name;
        EXPECT_EQ(wanted.code, path.error().code()) << wanted.name;
    }
}

TEST_F(BlobDirectory, ReportsWhatItCannotRead) {
    for (const std::string source : {root_ / "absent", root_}) {
        const auto hash = store_->PutFile(source);
        ASSERT_FALSE(hash);
        EXPECT_EQ("blob.unavailable", hash.error().code());
    }
    EXPECT_EQ(0u, Objects());
}

TEST_F(BlobDirectory, RemovesOldLeftOversAtOpening) {
    const std::string old_file = Folder() + "/tmp/old";
    const std::string new_file = Folder() + "/tmp/new";
    std::ofstream(old_file) << "half";
    std::ofstream(new_file) << "half";
    fs::last_write_time(old_file, fs::file_time_type::clock::now() - std::chrono::hours(25));
    ASSERT_TRUE(OpenBlobDirectory(Folder()));
    EXPECT_FALSE(fs::exists(old_file));
    EXPECT_TRUE(fs::exists(new_file));
}

}  // namespace
}  // namespace mch::storage
