#include <cstddef>
#include <cstdint>
#include <string_view>

#include "modules/region/domain/borders.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace anlan::region;
    const auto borders = Borders::Parse({reinterpret_cast<const char*>(data), size}, Crs::kGcj02);
    if (!borders) return 0;
    (void)borders->Find({114.05, 22.55});
    for (const Border& border : borders->all()) {
        for (const Piece& piece : border.pieces) {
            for (const Ring& ring : piece.rings) {
                if (Simplify(ring, 50).size() > ring.size()) __builtin_trap();
            }
        }
    }
    return 0;
}
