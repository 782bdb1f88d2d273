// A line of the checkpoint file, which comes from outside the trust of the database.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "modules/audit/domain/chain.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    const auto parsed = anlan::audit::ParseCheckpoint(line);
    if (!parsed) return 0;
    // What was read is written and read again unchanged.
    const auto again = anlan::audit::ParseCheckpoint(anlan::audit::FormatCheckpoint(*parsed));
    if (!again || again->mac != parsed->mac || again->last != parsed->last) std::abort();
    return 0;
}
