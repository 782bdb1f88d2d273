#include <array>
#include <cctype>

#include "mch/conf/configuration.h"

namespace mch::conf {
namespace {

// Decimal digits at the front of `text`, which loses them; nullopt when there is none or too many.
std::optional<std::int64_t> TakeNumber(std::string_view& text) {
    std::int64_t value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        if (__builtin_mul_overflow(value, std::int64_t{10}, &value) ||
            __builtin_add_overflow(value, std::int64_t{text[digits] - '0'}, &value)) {
            return std::nullopt;
        }
        ++digits;
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

struct Unit {
    std::string_view name;
    std::int64_t ms;
};

// Largest first; a value names each at most once and in this order, as in nginx ("1d12h").
constexpr std::array<Unit, 8> kUnits = {{{"y", 365LL * 86'400'000},
                                         {"M", 30LL * 86'400'000},
                                         {"w", 7LL * 86'400'000},
                                         {"d", 86'400'000},
                                         {"h", 3'600'000},
                                         {"m", 60'000},
                                         {"s", 1000},
                                         {"ms", 1}}};

}  // namespace

std::optional<std::int64_t> ParseSize(std::string_view text) {
    auto value = TakeNumber(text);
    if (!value) return std::nullopt;
    std::int64_t factor = 1;
    if (text.size() == 1) {
        switch (std::tolower(static_cast<unsigned char>(text[0]))) {
            case 'k':
                factor = 1024;
                break;
            case 'm':
                factor = 1024 * 1024;
                break;
            case 'g':
                factor = 1024 * 1024 * 1024;
                break;
            default:
                return std::nullopt;
        }
    } else if (!text.empty()) {
        return std::nullopt;
    }
    std::int64_t bytes = 0;
    if (__builtin_mul_overflow(*value, factor, &bytes)) return std::nullopt;
    return bytes;
}

std::optional<std::int64_t> ParseDuration(std::string_view text) {
    std::int64_t total = 0;
    std::size_t next_unit = 0;
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
        const auto value = TakeNumber(text);
        if (!value) return std::nullopt;
        std::size_t length = 0;
        while (length < text.size() && std::isalpha(static_cast<unsigned char>(text[length])) != 0)
            ++length;
        const std::string_view name = length == 0 ? "s" : text.substr(0, length);
        std::size_t unit = next_unit;
        while (unit < kUnits.size() && kUnits[unit].name != name) ++unit;
        // A number without a unit is seconds and ends the value.
        if (unit == kUnits.size() || (length == 0 && !text.empty())) return std::nullopt;
        std::int64_t ms = 0;
        if (__builtin_mul_overflow(*value, kUnits[unit].ms, &ms) ||
            __builtin_add_overflow(total, ms, &total)) {
            return std::nullopt;
        }
        text.remove_prefix(length);
        next_unit = unit + 1;
    }
    return total;
}

}  // namespace mch::conf
