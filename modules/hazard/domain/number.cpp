#include "modules/hazard/domain/number.h"

#include "mch/base/result.h"

namespace anlan::hazard {
namespace {

// Crockford's base 32: no I, L, O, U, so that a number read over the telephone is not misheard.
constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kRandom = 6;

// Odd weights have an inverse modulo 32: every single wrong character changes the sum.
std::size_t Weigh(std::size_t sum, std::size_t position, std::size_t value) {
    return (sum + (2 * position + 1) * value) % 32;
}

}  // namespace

std::string MakeNumber(std::string_view prefix, std::string_view date, std::string_view random) {
    MCH_ASSERT(random.size() >= kRandom);
    std::string number(prefix);
    for (char c : date) {
        if (c != '-') number += c;
    }
    number += '-';
    std::size_t sum = 0;
    for (std::size_t i = 0; i < kRandom; ++i) {
        const std::size_t value = static_cast<unsigned char>(random[i]) % 32;
        number += kAlphabet[value];
        sum = Weigh(sum, i, value);
    }
    number += kAlphabet[sum];
    return number;
}

bool HasValidCheck(std::string_view number) {
    if (number.size() < kRandom + 1) return false;
    std::size_t sum = 0;
    const std::string_view tail = number.substr(number.size() - kRandom - 1);
    for (std::size_t i = 0; i <= kRandom; ++i) {
        char c = tail[i];
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        const std::size_t value = kAlphabet.find(c);
        if (value == std::string_view::npos) return false;
        if (i == kRandom) return value == sum;
        sum = Weigh(sum, i, value);
    }
    return false;
}

}  // namespace anlan::hazard
