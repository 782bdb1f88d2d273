#include "modules/file/domain/image_probe.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace anlan::file {
namespace {

// The seeds of the fuzz target are small real files of each kind.
std::string Sample(const std::string& name) {
    const std::string here = __FILE__;
    const std::string path =
        here.substr(0, here.rfind("/domain/")) + "/fuzz/corpus/image_probe_fuzz/" + name;
    std::ifstream in(path, std::ios::binary);
    EXPECT_TRUE(in) << path;
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ImageProbe, ReadsTypeAndSizeFromTheContent) {
    const struct {
        const char* name;
        const char* type;
        int width;
        int height;
    } cases[] = {
        {"tiny.png", "image/png", 2, 2},           {"exif_little.jpg", "image/jpeg", 640, 480},
        {"exif_big.jpg", "image/jpeg", 640, 480},  {"lossy.webp", "image/webp", 320, 200},
        {"lossless.webp", "image/webp", 320, 200}, {"extended.webp", "image/webp", 800, 600},
    };
    for (const auto& c : cases) {
        const auto facts = ProbeImage(Sample(c.name));
        ASSERT_TRUE(facts) << c.name << ' ' << facts.error().ToString();
        EXPECT_EQ(facts->content_type, c.type) << c.name;
        EXPECT_EQ(facts->width, c.width) << c.name;
        EXPECT_EQ(facts->height, c.height) << c.name;
    }
}

TEST(ImageProbe, ReadsWhenAndWhereThePhotoClaimsToBeTaken) {
    for (const char* name : {"exif_little.jpg", "exif_big.jpg", "extended.webp"}) {
        const auto facts = ProbeImage(Sample(name));
        ASSERT_TRUE(facts) << name;
        // 2026-11-24 08:15:30
        EXPECT_EQ(facts->taken_local_s, 1795478400 + 8 * 3600 + 15 * 60 + 30) << name;
        EXPECT_EQ(facts->taken_zone_minutes, 480) << name;
        ASSERT_TRUE(facts->position) << name;
        EXPECT_NEAR(facts->position->latitude, 22.56, 1e-9) << name;
        EXPECT_NEAR(facts->position->longitude, 114.24, 1e-9) << name;
    }
    EXPECT_FALSE(ProbeImage(Sample("tiny.png"))->position);
}

TEST(ImageProbe, RefusesOtherContentAndNonsense) {
    const std::string jpeg = Sample("exif_little.jpg");
    const std::string png = Sample("tiny.png");
    const struct {
        const char* what;
        std::string bytes;
        const char* code;
    } cases[] = {
        {"nothing", "", "file.type_unsupported"},
        {"html", "<html><script>", "file.type_unsupported"},
        {"svg", "<svg xmlns='http://www.w3.org/2000/svg'>", "file.type_unsupported"},
        {"gif", "GIF89a", "file.type_unsupported"},
        {"other riff", "RIFF....WAVEfmt ", "file.type_unsupported"},
        {"jpeg without frame", "\xFF\xD8\xFF\xD9....", "file.damaged"},
        {"jpeg cut in a segment", jpeg.substr(0, 20), "file.damaged"},
        {"png cut in its header", png.substr(0, 20), "file.damaged"},
        {"webp without image", "RIFF\4....WEBP", "file.type_unsupported"},
        {"too many pixels", Sample("huge.png"), "file.too_many_pixels"},
    };
    for (const auto& c : cases) {
        const auto facts = ProbeImage(c.bytes);
        ASSERT_FALSE(facts) << c.what;
        EXPECT_EQ(facts.error().code(), c.code) << c.what;
    }
}

TEST(ImageProbe, SurvivesEveryTruncationAndEveryChangedByte) {
    for (const char* name : {"exif_little.jpg", "exif_big.jpg", "extended.webp", "tiny.png"}) {
        const std::string whole = Sample(name);
        for (std::size_t n = 0; n < whole.size(); ++n) {
            (void)ProbeImage(whole.substr(0, n));
            std::string changed = whole;
            for (const char byte : {'\0', '\x7f', '\xff'}) {
                changed[n] = byte;
                const auto facts = ProbeImage(changed);
                if (facts) {
                    EXPECT_GT(facts->width, 0);
                }
            }
        }
    }
}

}  // namespace
}  // namespace anlan::file
