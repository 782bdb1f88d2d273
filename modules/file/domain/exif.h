// The few EXIF tags that matter: when and where a photo claims to be taken (EXIF 2.32, TIFF 6.0).
#pragma once

#include <string_view>

#include "modules/file/domain/image_probe.h"

namespace anlan::file {

// `tiff` begins with the byte order mark. Fills what it finds and leaves the rest; never reads
// outside `tiff`, never loops.
void ReadExif(std::string_view tiff, ImageFacts& facts);

}  // namespace anlan::file
