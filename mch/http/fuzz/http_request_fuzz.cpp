// The bytes of a connection: head, target, chunked body. Cutting the input must not change the
// answer.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "../src/chunked.h"
#include "../src/parser.h"
#include "../src/uri.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mch::http;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    HeadParser whole_parser;
    Head whole;
    const HeadResult result = whole_parser.Parse(input, {}, whole);
    if (result.status == HeadResult::Status::kDone) {
        // Byte by byte ends at the same place.
        HeadParser parser;
        Head head;
        for (std::size_t n = 1; n <= result.consumed; ++n) {
            const HeadResult partial = parser.Parse(input.substr(0, n), {}, head);
            const bool done = partial.status == HeadResult::Status::kDone;
            if (done != (n == result.consumed)) std::abort();
            if (partial.status == HeadResult::Status::kError) std::abort();
        }
        if (head.fields.size() != whole.fields.size()) std::abort();
        Target target;
        if (ParseTarget(whole.method, whole.target, target) == nullptr) {
            if (target.path != "*" && target.path.front() != '/') std::abort();
            const std::string path = "/" + std::string(target.path) + "/";
            if (path.find("/../") != path.npos || path.find('\0') != path.npos) std::abort();
        }
    }
    ChunkedDecoder decoder;
    std::string_view body = input.substr(result.consumed);
    std::size_t total = 0;
    while (!body.empty()) {
        std::string_view piece;
        const auto status = decoder.Feed(body, piece);
        total += piece.size();
        if (status != ChunkedDecoder::Status::kMore) break;
    }
    if (total > size) std::abort();
    return 0;
}
