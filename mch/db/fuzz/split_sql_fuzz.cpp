// The splitter of migrations: every statement it gives must be a piece of the input, in order, and
// hold something.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mch/base/result.h"
#include "mch/db/split_sql.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view sql(reinterpret_cast<const char*>(data), size);
    std::size_t from = 0;
    for (const std::string& statement : mch::db::SplitStatements(sql)) {
        MCH_ASSERT(!statement.empty());
        const std::size_t at = sql.find(statement, from);
        MCH_ASSERT(at != std::string_view::npos);
        from = at + statement.size();
    }
    return 0;
}
