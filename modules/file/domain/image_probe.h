// What an uploaded picture says about itself, read from its headers without decoding it: type by
// content, size in pixels, and the camera's claims (EXIF). Pure; input is hostile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mch/base/result.h"

namespace anlan::file {

struct ExifPosition {
    double longitude = 0;  // degrees as the camera wrote them
    double latitude = 0;
};

struct ImageFacts {
    std::string content_type;  // image/jpeg, image/png, image/webp
    int width = 0;             // as stored, before any EXIF rotation
    int height = 0;
    // Local time of the camera as seconds since 1970 on a clock without zone.
    std::optional<std::int64_t> taken_local_s;
    std::optional<int> taken_zone_minutes;  // the camera's offset when it gives one
    std::optional<ExifPosition> position;
};

// More pixels would need more than 200 MB to decode.
inline constexpr std::int64_t kMaxPixels = 50'000'000;

// Errors: file.type_unsupported (none of the three types), file.damaged (headers make no sense),
// file.too_many_pixels {max_megapixels}. Damaged EXIF is ignored: it is no reason to refuse.
mch::Result<ImageFacts> ProbeImage(std::string_view bytes);

}  // namespace anlan::file
