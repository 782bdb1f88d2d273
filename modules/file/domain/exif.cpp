#include "modules/file/domain/exif.h"

#include "mch/base/clock.h"
#include "mch/base/text.h"

namespace anlan::file {
namespace {

constexpr std::uint16_t kExifIfd = 0x8769;
constexpr std::uint16_t kGpsIfd = 0x8825;
constexpr std::uint16_t kDateTimeOriginal = 0x9003;
constexpr std::uint16_t kOffsetTimeOriginal = 0x9011;
constexpr std::uint16_t kAscii = 2;
constexpr std::uint16_t kLong = 4;
constexpr std::uint16_t kRational = 5;
// A directory of a real camera has some 60 entries.
constexpr unsigned kMaxEntries = 512;

struct Field {
    std::uint16_t tag = 0;
    std::uint16_t type = 0;
    std::uint32_t count = 0;
    std::size_t value_at = 0;  // where the four bytes of value or offset stand
};

class Tiff {
  public:
    Tiff(std::string_view bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

    // 0 beyond the end.
    std::uint32_t Number(std::size_t at, unsigned size) const {
        if (at > bytes_.size() || bytes_.size() - at < size) return 0;
        std::uint32_t value = 0;
        for (unsigned i = 0; i < size; ++i) {
            const std::size_t from = big_endian_ ? at + i : at + size - 1 - i;
            value = value << 8 | static_cast<unsigned char>(bytes_[from]);
        }
        return value;
    }

    template <typename Each>
    void Directory(std::size_t at, Each each) const {
        const std::uint32_t count = Number(at, 2);
        for (std::uint32_t i = 0; i < count && i < kMaxEntries; ++i) {
            const std::size_t entry = at + 2 + std::size_t{12} * i;
            if (entry + 12 > bytes_.size()) return;
            each(Field{static_cast<std::uint16_t>(Number(entry, 2)),
                       static_cast<std::uint16_t>(Number(entry + 2, 2)), Number(entry + 4, 4),
                       entry + 8});
        }
    }

    // The text without its closing zero; "" when it is not one.
    std::string_view Text(const Field& field) const {
        if (field.type != kAscii || field.count == 0) return {};
        const std::size_t at = field.count <= 4 ? field.value_at : Number(field.value_at, 4);
        if (at > bytes_.size() || bytes_.size() - at < field.count) return {};
        const std::string_view text = bytes_.substr(at, field.count);
        return text.substr(0, text.find('\0'));
    }

    // Degrees from three rationals (degrees, minutes, seconds).
    std::optional<double> Degrees(const Field& field) const {
        if (field.type != kRational || field.count != 3) return std::nullopt;
        const std::size_t at = Number(field.value_at, 4);
        double degrees = 0;
        double unit = 1;
        for (unsigned i = 0; i < 3; ++i, unit *= 60) {
            const std::uint32_t denominator = Number(at + 8 * i + 4, 4);
            if (denominator == 0) return std::nullopt;
            degrees += static_cast<double>(Number(at + 8 * i, 4)) / denominator / unit;
        }
        return degrees;
    }

  private:
    std::string_view bytes_;
    bool big_endian_;
};

std::optional<int> TwoDigits(std::string_view text, std::size_t at) {
    const auto value = mch::text::ParseInt(text.substr(at, 2));
    if (!value || *value < 0) return std::nullopt;
    return static_cast<int>(*value);
}

// "2026:11:24 08:15:30"
std::optional<std::int64_t> ParseMoment(std::string_view text) {
    if (text.size() != 19 || text[10] != ' ' || text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    std::string date(text.substr(0, 10));
    if (date[4] != ':' || date[7] != ':') return std::nullopt;
    date[4] = date[7] = '-';
    const auto day = mch::ParseDate(date);
    const auto hour = TwoDigits(text, 11);
    const auto minute = TwoDigits(text, 14);
    const auto second = TwoDigits(text, 17);
    if (!day || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) {
        return std::nullopt;
    }
    return *day * 86400 + *hour * 3600 + *minute * 60 + *second;
}

// "+08:00"
std::optional<int> ParseOffset(std::string_view text) {
    if (text.size() != 6 || text[3] != ':' || (text[0] != '+' && text[0] != '-')) {
        return std::nullopt;
    }
    const auto hours = TwoDigits(text, 1);
    const auto minutes = TwoDigits(text, 4);
    if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
    const int total = *hours * 60 + *minutes;
    return text[0] == '-' ? -total : total;
}

void ReadPosition(const Tiff& tiff, std::size_t at, ImageFacts& facts) {
    std::optional<double> latitude;
    std::optional<double> longitude;
    char north = 0;
    char east = 0;
    tiff.Directory(at, [&](const Field& field) {
        const std::string_view text = tiff.Text(field);
        if (field.tag == 1 && !text.empty()) north = text[0];
        if (field.tag == 2) latitude = tiff.Degrees(field);
        if (field.tag == 3 && !text.empty()) east = text[0];
        if (field.tag == 4) longitude = tiff.Degrees(field);
    });
    const bool referenced = (north == 'N' || north == 'S') && (east == 'E' || east == 'W');
    if (!latitude || !longitude || !referenced || *latitude > 90 || *longitude > 180) return;
    facts.position =
        ExifPosition{east == 'E' ? *longitude : -*longitude, north == 'N' ? *latitude : -*latitude};
}

}  // namespace

void ReadExif(std::string_view bytes, ImageFacts& facts) {
    if (bytes.size() < 8) return;
    const std::string_view order = bytes.substr(0, 2);
    if (order != "II" && order != "MM") return;
    const Tiff tiff(bytes, order == "MM");
    if (tiff.Number(2, 2) != 42) return;
    std::size_t exif = 0;
    std::size_t gps = 0;
    tiff.Directory(tiff.Number(4, 4), [&](const Field& field) {
        if (field.type != kLong) return;
        if (field.tag == kExifIfd) exif = tiff.Number(field.value_at, 4);
        if (field.tag == kGpsIfd) gps = tiff.Number(field.value_at, 4);
    });
    if (exif != 0) {
        tiff.Directory(exif, [&](const Field& field) {
            if (field.tag == kDateTimeOriginal) {
                facts.taken_local_s = ParseMoment(tiff.Text(field));
            } else if (field.tag == kOffsetTimeOriginal) {
                facts.taken_zone_minutes = ParseOffset(tiff.Text(field));
            }
        });
    }
    if (gps != 0) ReadPosition(tiff, gps, facts);
}

}  // namespace anlan::file
