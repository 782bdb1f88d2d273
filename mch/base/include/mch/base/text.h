// Text and byte helpers that several parts need: UTF-8, hex, base64url, trimming, number parsing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mch::text {

// Well-formed UTF-8 without surrogates or overlong forms (RFC 3629).
bool IsUtf8(std::string_view bytes);
// Code points; the input must be valid UTF-8.
std::size_t CodePoints(std::string_view utf8);
// White space of ASCII plus U+3000 and U+00A0 at both ends.
std::string_view Trim(std::string_view utf8);
// Control characters other than tab, LF and CR.
bool HasControl(std::string_view utf8);

std::string ToHex(std::string_view bytes);
std::optional<std::string> FromHex(std::string_view hex);
// RFC 4648 section 5, no padding.
std::string ToBase64Url(std::string_view bytes);
std::optional<std::string> FromBase64Url(std::string_view text);
// RFC 4648 section 4 with padding; HTTP Basic needs it.
std::optional<std::string> FromBase64(std::string_view text);

std::string ToLower(std::string_view ascii);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
std::vector<std::string_view> Split(std::string_view text, char separator);

// Whole text, decimal, no sign tricks, no overflow.
std::optional<std::int64_t> ParseInt(std::string_view text);
// Whole text, finite.
std::optional<double> ParseDouble(std::string_view text);

// %XX decoding; plus_is_space for form bodies and queries. nullopt on a bad escape.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);
std::string PercentEncode(std::string_view text);

// Replaces {name} by its parameter; an unknown name stays.
std::string FillIn(std::string_view pattern,
                   const std::vector<std::pair<std::string, std::string>>& params);

}  // namespace mch::text
