#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "modules/asset/domain/csv.h"

// What is read and written again must read back the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace anlan::asset;
    const auto text = DecodeText({reinterpret_cast<const char*>(data), size});
    if (!text) return 0;
    CsvReader reader(*text, {.field_bytes = 1024, .fields = 32});
    while (true) {
        const auto record = reader.Next();
        if (!record || !*record) return 0;
        std::string line;
        bool formula = false;
        for (const std::string& field : (*record)->cells) {
            const std::string written = CsvField(field);
            formula = formula || (!written.empty() && written.find('\'') != std::string::npos);
            if (!line.empty() || &field != &(*record)->cells.front()) line += ',';
            line += written;
        }
        if (formula || line.empty()) continue;
        CsvReader again(line, {.field_bytes = 1024, .fields = 32});
        const auto copy = again.Next();
        if (!copy || !*copy || (*copy)->cells != (*record)->cells) __builtin_trap();
    }
}
