// The head of an HTTP/1 request: strict RFC 9112. Whatever two implementations could read in two
// ways (and so smuggle a request past one of them) is refused, never repaired.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace mch::http {

enum class BodyKind { kNone, kLength, kChunked };

// Views point into the buffer that was parsed. Reused from request to request.
struct Head {
    struct Field {
        std::string_view name;  // as sent
        std::string_view value;
    };
    std::string_view line;  // "GET / HTTP/1.1"
    std::string_view method;
    std::string_view target;
    int version_minor = 1;
    std::vector<Field> fields;

    std::string_view host;  // the value of Host, checked
    BodyKind body = BodyKind::kNone;
    std::int64_t content_length = 0;
    bool keep_alive = true;
    bool expect_continue = false;

    // Value of the first field of that lower-case name, "" when absent.
    std::string_view Find(std::string_view lower_name) const;
    bool Has(std::string_view lower_name) const;
    void Clear();
};

struct HeadLimits {
    std::size_t line = 8 * 1024;    // request line (414) and one field line (431)
    std::size_t total = 32 * 1024;  // the whole head (431)
    std::size_t fields = 128;       // 431
};

struct HeadResult {
    enum class Status { kIncomplete, kDone, kError };
    Status status = Status::kIncomplete;
    std::size_t consumed = 0;  // bytes of the head when done
    int error_status = 0;      // 400, 414, 417, 431, 505
    const char* reason = "";   // English, for the log
};

// Incremental: call Parse with the growing buffer (same start) until it is done or wrong. Reset
// before the next request.
class HeadParser {
  public:
    HeadResult Parse(std::string_view buffer, const HeadLimits& limits, Head& head);
    void Reset() { scanned_ = 0; }

  private:
    std::size_t scanned_ = 0;  // bytes known to hold no end of head
};

// "name", "name:port", "1.2.3.4", "[::1]:80": uri-host [":" port] of RFC 3986, not empty.
bool IsHostValue(std::string_view value);

}  // namespace mch::http
