#include <cstddef>
#include <cstdint>
#include <string_view>

#include "modules/file/domain/image_probe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto facts = anlan::file::ProbeImage({reinterpret_cast<const char*>(data), size});
    if (facts && (facts->width <= 0 || facts->height <= 0)) __builtin_trap();
    if (facts && facts->position &&
        (facts->position->latitude > 90 || facts->position->longitude < -180)) {
        __builtin_trap();
    }
    return 0;
}
