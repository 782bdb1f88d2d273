// A form in pieces: the parts never hold more than what came.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "../src/multipart.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mch::http;
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    MultipartParser::BoundaryOf(input);
    const std::size_t piece = size > 0 ? 1 + data[0] % 64 : 1;
    MultipartParser parser("B", "/tmp", {.parts = 8, .field_bytes = 4096, .file_bytes = 4096});
    for (std::size_t at = 0; at < size; at += piece) {
        if (!parser.Feed(input.substr(at, piece))) return 0;
    }
    if (!parser.Finish()) return 0;
    std::size_t total = 0;
    for (const Part& part : parser.parts()) total += static_cast<std::size_t>(part.size);
    if (total > size) std::abort();
    return 0;
}
