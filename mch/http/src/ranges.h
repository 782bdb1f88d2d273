// Conditional requests and byte ranges (RFC 9110 sections 13 and 14).
#pragma once

#include <cstdint>
#include <string_view>

#include "mch/base/clock.h"
#include "parser.h"

namespace mch::http {

// True when the client's copy is good (304): If-None-Match decides before If-Modified-Since. An
// empty tag or a time of 0 means that the answer has none.
bool IsNotModified(const Head& head, std::string_view etag, TimeMs modified);

struct ByteRange {
    enum class Kind { kWhole, kPart, kUnsatisfiable };
    Kind kind = Kind::kWhole;
    std::int64_t offset = 0;
    std::int64_t length = 0;
};

// The one range that is asked for. Several ranges, another unit, a malformed value, or an If-Range
// that does not fit give the whole.
ByteRange ChooseRange(const Head& head, std::int64_t size, std::string_view etag, TimeMs modified);

// Whether an Accept-Encoding value takes gzip.
bool AcceptsGzip(std::string_view accept_encoding);

}  // namespace mch::http
