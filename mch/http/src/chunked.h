// The chunked transfer coding of a request body (RFC 9112 section 7.1), strict and incremental.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mch::http {

class ChunkedDecoder {
  public:
    enum class Status { kMore, kDone, kError };

    // Takes bytes from the front of `input` and gives one piece of the body in `data` (a view into
    // input, maybe empty). Call again while it answers kMore and input is not empty.
    Status Feed(std::string_view& input, std::string_view& data);
    const char* reason() const { return reason_; }

  private:
    enum class State { kSizeLine, kData, kDataEnd, kTrailers, kDone, kError };
    Status Fail(const char* reason);
    bool TakeLine(std::string_view& input);
    bool ParseSizeLine();

    State state_ = State::kSizeLine;
    std::string line_;          // the unfinished size or trailer line
    std::int64_t left_ = 0;     // of the current chunk
    std::size_t overhead_ = 0;  // bytes of extensions and trailers so far
    const char* reason_ = "";
};

}  // namespace mch::http
