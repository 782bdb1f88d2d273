#include "ranges.h"

#include <algorithm>

#include "characters.h"
#include "mch/base/text.h"
#include "mch/http/conditional.h"

namespace mch::http {

bool IsNotModified(const Head& head, std::string_view etag, TimeMs modified) {
    if (const std::string_view tags = head.Find("if-none-match"); !tags.empty()) {
        return !etag.empty() && MatchesTag(tags, etag);
    }
    const std::string_view since = head.Find("if-modified-since");
    if (since.empty() || modified == 0) return false;
    const auto at = ParseHttpDate(since);
    return at && modified <= *at;
}

ByteRange ChooseRange(const Head& head, std::int64_t size, std::string_view etag, TimeMs modified) {
    const ByteRange whole{ByteRange::Kind::kWhole, 0, size};
    std::string_view value = head.Find("range");
    constexpr std::string_view kUnit = "bytes=";
    if (value.size() <= kUnit.size() || !EqualsLower(value.substr(0, kUnit.size()), kUnit)) {
        return whole;
    }
    if (const std::string_view condition = head.Find("if-range"); !condition.empty()) {
        const bool is_tag = condition.front() == '"';
        if (is_tag && condition != etag) return whole;
        if (!is_tag) {
            const auto at = ParseHttpDate(condition);
            if (!at || *at != modified) return whole;
        }
    }
    value = TrimBlanks(value.substr(kUnit.size()));
    const std::size_t dash = value.find('-');
    if (dash == value.npos || value.find(',') != value.npos) return whole;
    const std::string_view first = value.substr(0, dash);
    const std::string_view last = value.substr(dash + 1);
    if (!AllOf(first, kDigitChar) || !AllOf(last, kDigitChar) || (first.empty() && last.empty())) {
        return whole;
    }
    const auto number = [](std::string_view digits) {
        // More digits than fit mean "beyond every file".
        return text::ParseInt(digits).value_or(INT64_MAX);
    };
    if (first.empty()) {
        const std::int64_t count = std::min(number(last), size);
        if (count == 0) return {ByteRange::Kind::kUnsatisfiable, 0, 0};
        return {ByteRange::Kind::kPart, size - count, count};
    }
    const std::int64_t begin = number(first);
    if (begin >= size) return {ByteRange::Kind::kUnsatisfiable, 0, 0};
    const std::int64_t end = last.empty() ? size - 1 : std::min(number(last), size - 1);
    if (end < begin) return whole;
    return {ByteRange::Kind::kPart, begin, end - begin + 1};
}

bool AcceptsGzip(std::string_view accept_encoding) {
    while (!accept_encoding.empty()) {
        const std::size_t comma = accept_encoding.find(',');
        std::string_view item = TrimBlanks(accept_encoding.substr(0, comma));
        accept_encoding =
            comma == accept_encoding.npos ? std::string_view{} : accept_encoding.substr(comma + 1);
        const std::size_t semicolon = item.find(';');
        if (!EqualsLower(TrimBlanks(item.substr(0, semicolon)), "gzip")) continue;
        if (semicolon == item.npos) return true;
        const std::string_view weight = TrimBlanks(item.substr(semicolon + 1));
        return weight.substr(0, 2) != "q=" || text::ParseDouble(weight.substr(2)).value_or(0) > 0;
    }
    return false;
}

}  // namespace mch::http
