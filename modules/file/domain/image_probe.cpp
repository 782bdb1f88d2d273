#include "modules/file/domain/image_probe.h"

#include "modules/file/domain/exif.h"

namespace anlan::file {
namespace {

constexpr std::string_view kPngMark = "\x89PNG\r\n\x1a\n";
constexpr std::string_view kExifMark{"Exif\0\0", 6};

mch::Error Damaged(std::string_view what) {
    return mch::Invalid("file.damaged", std::string(what));
}

std::uint32_t Big(std::string_view bytes, std::size_t at, unsigned size) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < size; ++i) {
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    }
    return value;
}

std::uint32_t Little(std::string_view bytes, std::size_t at, unsigned size) {
    std::uint32_t value = 0;
    for (unsigned i = size; i-- > 0;) {
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    }
    return value;
}

// Start of frame: C0..CF without the tables DHT, JPG and DAC.
bool IsFrame(unsigned marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// ITU T.81 annex B: segments of marker and length up to the first scan.
mch::Result<ImageFacts> ProbeJpeg(std::string_view bytes) {
    ImageFacts facts;
    facts.content_type = "image/jpeg";
    std::size_t at = 2;
    while (bytes.size() - at >= 4) {
        if (bytes[at] != '\xFF') return Damaged("jpeg: no marker");
        const unsigned marker = static_cast<unsigned char>(bytes[at + 1]);
        if (marker == 0xFF) {  // fill byte
            ++at;
            continue;
        }
        if (marker == 0xDA || marker == 0xD9) break;
        const std::size_t length = Big(bytes, at + 2, 2);
        if (length < 2 || bytes.size() - at - 2 < length) return Damaged("jpeg: segment too long");
        const std::string_view segment = bytes.substr(at + 4, length - 2);
        if (IsFrame(marker)) {
            if (segment.size() < 6) return Damaged("jpeg: frame too short");
            facts.height = static_cast<int>(Big(segment, 1, 2));
            facts.width = static_cast<int>(Big(segment, 3, 2));
        } else if (marker == 0xE1 && segment.starts_with(kExifMark)) {
            ReadExif(segment.substr(kExifMark.size()), facts);
        }
        at += 2 + length;
    }
    return facts;
}

mch::Result<ImageFacts> ProbePng(std::string_view bytes) {
    if (bytes.size() < 33 || bytes.substr(12, 4) != "IHDR" || Big(bytes, 8, 4) != 13) {
        return Damaged("png: no IHDR");
    }
    const std::uint32_t width = Big(bytes, 16, 4);
    const std::uint32_t height = Big(bytes, 20, 4);
    if (width > INT32_MAX || height > INT32_MAX) return Damaged("png: size");
    ImageFacts facts;
    facts.content_type = "image/png";
    facts.width = static_cast<int>(width);
    facts.height = static_cast<int>(height);
    // eXIf stands anywhere between IHDR and IEND.
    for (std::size_t at = 8; bytes.size() - at >= 12;) {
        const std::size_t length = Big(bytes, at, 4);
        if (bytes.size() - at - 12 < length) break;
        if (bytes.substr(at + 4, 4) == "eXIf") ReadExif(bytes.substr(at + 8, length), facts);
        at += 12 + length;
    }
    return facts;
}

// RFC 9649.
mch::Result<ImageFacts> ProbeWebp(std::string_view bytes) {
    ImageFacts facts;
    facts.content_type = "image/webp";
    for (std::size_t at = 12; bytes.size() - at >= 8;) {
        const std::string_view type = bytes.substr(at, 4);
        const std::size_t length = Little(bytes, at + 4, 4);
        if (bytes.size() - at - 8 < length) return Damaged("webp: chunk too long");
        const std::string_view chunk = bytes.substr(at + 8, length);
        if (type == "VP8X" && chunk.size() >= 10) {
            facts.width = static_cast<int>(Little(chunk, 4, 3)) + 1;
            facts.height = static_cast<int>(Little(chunk, 7, 3)) + 1;
        } else if (type == "VP8L" && chunk.size() >= 5 && facts.width == 0) {
            const std::uint32_t packed = Little(chunk, 1, 4);
            facts.width = static_cast<int>(packed & 0x3FFF) + 1;
            facts.height = static_cast<int>(packed >> 14 & 0x3FFF) + 1;
        } else if (type == "VP8 " && chunk.size() >= 10 && facts.width == 0) {
            facts.width = static_cast<int>(Little(chunk, 6, 2) & 0x3FFF);
            facts.height = static_cast<int>(Little(chunk, 8, 2) & 0x3FFF);
        } else if (type == "EXIF") {
            ReadExif(chunk.starts_with(kExifMark) ? chunk.substr(kExifMark.size()) : chunk, facts);
        }
        const std::size_t step = 8 + length + (length & 1);
        if (bytes.size() - at < step) break;
        at += step;
    }
    return facts;
}

}  // namespace

mch::Result<ImageFacts> ProbeImage(std::string_view bytes) {
    mch::Result<ImageFacts> facts =
        mch::Error(mch::ErrorKind::kUnsupported, "file.type_unsupported");
    if (bytes.starts_with("\xFF\xD8\xFF")) {
        facts = ProbeJpeg(bytes);
    } else if (bytes.starts_with(kPngMark)) {
        facts = ProbePng(bytes);
    } else if (bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") {
        facts = ProbeWebp(bytes);
    }
    if (!facts) return facts;
    if (facts->width <= 0 || facts->height <= 0) return Damaged("no size");
    if (std::int64_t{facts->width} * facts->height > kMaxPixels) {
        return mch::Error(mch::ErrorKind::kTooLarge, "file.too_many_pixels")
            .With("max_megapixels", std::to_string(kMaxPixels / 1'000'000));
    }
    return facts;
}

}  // namespace anlan::file
