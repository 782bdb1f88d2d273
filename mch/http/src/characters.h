// Character classes of RFC 9110 and 9112.
#pragma once

#include <array>
#include <string_view>

namespace mch::http {

enum CharacterClass : unsigned char {
    kTokenChar = 1,   // tchar
    kFieldChar = 2,   // field-vchar, SP and HTAB
    kTargetChar = 4,  // what may stand in a request target
    kHexChar = 8,
    kDigitChar = 16,
};

constexpr std::array<unsigned char, 256> MakeCharacterTable() {
    std::array<unsigned char, 256> table{};
    for (unsigned c = 0; c < 256; ++c) {
        unsigned char flags = 0;
        const bool digit = c >= '0' && c <= '9';
        const bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
        if (digit || alpha || (c < 128 && kMarks.find(static_cast<char>(c)) != kMarks.npos)) {
            flags |= kTokenChar;
        }
        if (c == '\t' || (c >= 0x20 && c != 0x7f)) flags |= kFieldChar;
        // A fragment is never sent; bytes above 0x7e must come percent-encoded.
        if (c > 0x20 && c < 0x7f && c != '#') flags |= kTargetChar;
        if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) flags |= kHexChar;
        if (digit) flags |= kDigitChar;
        table[c] = flags;
    }
    return table;
}

inline constexpr std::array<unsigned char, 256> kCharacters = MakeCharacterTable();

inline bool Is(char c, CharacterClass wanted) {
    return (kCharacters[static_cast<unsigned char>(c)] & wanted) != 0;
}

inline bool AllOf(std::string_view text, CharacterClass wanted) {
    for (const char c : text) {
        if (!Is(c, wanted)) return false;
    }
    return true;
}

inline int HexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

inline char LowerChar(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// `lower` must be in lower case.
inline bool EqualsLower(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (LowerChar(text[i]) != lower[i]) return false;
    }
    return true;
}

inline std::string_view TrimBlanks(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

}  // namespace mch::http
