// multipart/form-data (RFC 7578), incremental: files go to disk while they arrive.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/result.h"
#include "mch/http/message.h"
#include "spool.h"

namespace mch::http {

struct MultipartLimits {
    std::size_t parts = 100;
    std::size_t field_bytes = 64 * 1024;  // text of one field
    std::size_t header_bytes = 4 * 1024;  // headers of one part
    std::int64_t file_bytes = INT64_MAX;  // one file; the body limit bounds them all
};

class MultipartParser {
  public:
    // `folder` takes the spool files.
    MultipartParser(std::string boundary, std::string folder, MultipartLimits limits = {});

    // The boundary of a Content-Type value, or "" when it is not multipart/form-data with a legal
    // one.
    static std::string BoundaryOf(std::string_view content_type);

    // Errors: request.multipart (malformed), request.too_many_parts, request.field_too_large,
    // request.body_too_large, server.storage.
    Result<void> Feed(std::string_view data);
    // After the last byte: the closing delimiter must have come.
    Result<void> Finish();

    std::vector<Part>& parts() { return parts_; }
    std::vector<SpoolFile>& files() { return files_; }

  private:
    enum class State { kStart, kAfterDelimiter, kHeaders, kData, kEpilogue };
    Result<bool> Step();
    Result<void> ParseHeaders(std::string_view headers);
    Result<void> TakeData(std::string_view data);
    void EndPart();

    const std::string delimiter_;  // CRLF "--" boundary
    const std::string folder_;
    const MultipartLimits limits_;
    State state_ = State::kStart;
    std::string buffer_;  // bytes not yet understood
    bool is_file_ = false;
    std::vector<Part> parts_;
    std::vector<SpoolFile> files_;
};

}  // namespace mch::http
