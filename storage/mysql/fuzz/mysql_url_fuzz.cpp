// The database URL: never crashes, and what it accepts keeps its promises.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "../src/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto url = mch::storage::ParseMysqlUrl(text);
    if (!url) {
        MCH_ASSERT(url.error().code() == "db.url");
        return 0;
    }
    MCH_ASSERT(url->port >= 1 && url->port <= 65535);
    MCH_ASSERT(!url->database.empty());
    MCH_ASSERT(url->database.find_first_of("`'\"; ") == std::string::npos);
    MCH_ASSERT(url->host.empty() != url->socket.empty());
    return 0;
}
