#include "parser.h"

#include <cstring>

#include "characters.h"

namespace mch::http {
namespace {

using Status = HeadResult::Status;

HeadResult Bad(const char* reason, int status = 400) { return {Status::kError, 0, status, reason}; }

// Parses the fields that decide framing and connection. nullptr, or why the request is refused.
class Framing {
  public:
    explicit Framing(Head& head) : head_(head) {}

    HeadResult Take(std::string_view name, std::string_view value) {
        switch (name.size()) {
            case 4:
                if (EqualsLower(name, "host")) return TakeHost(value);
                break;
            case 6:
                if (EqualsLower(name, "expect")) {
                    if (!EqualsLower(value, "100-continue")) return Bad("unknown expectation", 417);
                    head_.expect_continue = true;
                }
                break;
            case 10:
                if (EqualsLower(name, "connection")) TakeConnection(value);
                break;
            case 14:
                if (EqualsLower(name, "content-length")) return TakeLength(value);
                break;
            case 17:
                if (EqualsLower(name, "transfer-encoding")) return TakeEncoding(value);
                break;
            default:
                break;
        }
        return {Status::kDone, 0, 0, ""};
    }

    HeadResult Finish() {
        if (!has_host_ && head_.version_minor >= 1) return Bad("no Host");
        if (has_length_ && has_encoding_) return Bad("Content-Length and Transfer-Encoding");
        if (has_encoding_ && head_.version_minor == 0) return Bad("Transfer-Encoding in HTTP/1.0");
        if (has_encoding_) {
            head_.body = BodyKind::kChunked;
        } else if (head_.content_length > 0) {
            head_.body = BodyKind::kLength;
        }
        head_.keep_alive = !close_ && (head_.version_minor >= 1 || keep_alive_);
        if (head_.version_minor == 0 || head_.body == BodyKind::kNone)
            head_.expect_continue = false;
        return {Status::kDone, 0, 0, ""};
    }

  private:
    HeadResult TakeHost(std::string_view value) {
        if (has_host_) return Bad("duplicate Host");
        if (!IsHostValue(value)) return Bad("bad Host");
        has_host_ = true;
        head_.host = value;
        return {Status::kDone, 0, 0, ""};
    }

    HeadResult TakeLength(std::string_view value) {
        if (has_length_) return Bad("duplicate Content-Length");
        // 18 digits cannot overflow; lists, signs and blanks inside are no digits.
        if (value.empty() || value.size() > 18 || !AllOf(value, kDigitChar)) {
            return Bad("bad Content-Length");
        }
        has_length_ = true;
        std::int64_t length = 0;
        for (const char c : value) length = length * 10 + (c - '0');
        head_.content_length = length;
        return {Status::kDone, 0, 0, ""};
    }

    HeadResult TakeEncoding(std::string_view value) {
        if (has_encoding_) return Bad("duplicate Transfer-Encoding");
        if (!EqualsLower(value, "chunked")) return Bad("unknown Transfer-Encoding");
        has_encoding_ = true;
        return {Status::kDone, 0, 0, ""};
    }

    void TakeConnection(std::string_view value) {
        while (!value.empty()) {
            const std::size_t comma = value.find(',');
            const std::string_view option = TrimBlanks(value.substr(0, comma));
            if (EqualsLower(option, "close")) close_ = true;
            if (EqualsLower(option, "keep-alive")) keep_alive_ = true;
            value = comma == value.npos ? std::string_view{} : value.substr(comma + 1);
        }
    }

    Head& head_;
    bool has_host_ = false;
    bool has_length_ = false;
    bool has_encoding_ = false;
    bool close_ = false;
    bool keep_alive_ = false;
};

HeadResult ParseRequestLine(std::string_view line, Head& head) {
    head.line = line;
    const std::size_t method_end = line.find(' ');
    if (method_end == line.npos || method_end == 0) return Bad("bad request line");
    head.method = line.substr(0, method_end);
    if (!AllOf(head.method, kTokenChar) || head.method.size() > 32) return Bad("bad method");
    const std::size_t target_end = line.find(' ', method_end + 1);
    if (target_end == line.npos || target_end == method_end + 1) return Bad("bad request line");
    head.target = line.substr(method_end + 1, target_end - method_end - 1);
    if (!AllOf(head.target, kTargetChar)) return Bad("bad character in the request target");
    const std::string_view version = line.substr(target_end + 1);
    if (version.size() != 8 || version.substr(0, 5) != "HTTP/" || version[6] != '.' ||
        !Is(version[5], kDigitChar) || !Is(version[7], kDigitChar)) {
        return Bad("bad HTTP version");
    }
    if (version[5] != '1') return Bad("HTTP version not supported", 505);
    head.version_minor = version[7] == '0' ? 0 : 1;
    return {Status::kDone, 0, 0, ""};
}

// Parses [begin, end), complete lines each with its CRLF.
HeadResult ParseLines(std::string_view text, const HeadLimits& limits, Head& head) {
    head.Clear();
    std::size_t line_end = text.find('\r');
    if (line_end > limits.line) return Bad("request line too long", 414);
    if (text[line_end + 1] != '\n') return Bad("bare CR");
    HeadResult result = ParseRequestLine(text.substr(0, line_end), head);
    if (result.status == Status::kError) return result;

    Framing framing(head);
    const char* at = text.data() + line_end + 2;
    const char* const end = text.data() + text.size();
    while (at < end) {
        const char* const line = at;
        while (at < end && Is(*at, kTokenChar)) ++at;
        if (at == line) {
            return Bad(*line == ' ' || *line == '\t' ? "folded header line" : "bad header name");
        }
        if (at == end || *at != ':') return Bad("bad header name");
        const std::string_view name(line, static_cast<std::size_t>(at - line));
        ++at;
        const char* const value_begin = at;
        while (at < end && Is(*at, kFieldChar)) ++at;
        if (at + 1 >= end || at[0] != '\r' || at[1] != '\n')
            return Bad("bad character in a header");
        if (static_cast<std::size_t>(at - line) > limits.line) {
            return Bad("header line too long", 431);
        }
        const std::string_view value =
            TrimBlanks({value_begin, static_cast<std::size_t>(at - value_begin)});
        at += 2;
        if (head.fields.size() >= limits.fields) return Bad("too many header lines", 431);
        head.fields.push_back({name, value});
        result = framing.Take(name, value);
        if (result.status == Status::kError) return result;
    }
    return framing.Finish();
}

}  // namespace

std::string_view Head::Find(std::string_view lower_name) const {
    for (const Field& field : fields) {
        if (EqualsLower(field.name, lower_name)) return field.value;
    }
    return {};
}

bool Head::Has(std::string_view lower_name) const {
    for (const Field& field : fields) {
        if (EqualsLower(field.name, lower_name)) return true;
    }
    return false;
}

void Head::Clear() {
    line = method = target = host = {};
    version_minor = 1;
    fields.clear();
    body = BodyKind::kNone;
    content_length = 0;
    keep_alive = true;
    expect_continue = false;
}

HeadResult HeadParser::Parse(std::string_view buffer, const HeadLimits& limits, Head& head) {
    // RFC 9112 section 2.2: one empty line before a request line is ignored.
    std::size_t begin = 0;
    if (buffer.size() >= 2 && buffer[0] == '\r' && buffer[1] == '\n') begin = 2;
    if (buffer.size() > begin && !Is(buffer[begin], kTokenChar) &&
        !(begin == 0 && buffer.size() == 1 && buffer[0] == '\r')) {
        return Bad("bad request line");
    }

    // Look at each LF once: it must end a CRLF, and an empty line ends the head.
    std::size_t at = scanned_ < begin ? begin : scanned_;
    while (at < buffer.size()) {
        const void* found = std::memchr(buffer.data() + at, '\n', buffer.size() - at);
        if (found == nullptr) break;
        const auto lf = static_cast<std::size_t>(static_cast<const char*>(found) - buffer.data());
        if (lf == 0 || buffer[lf - 1] != '\r') return Bad("bare LF");
        at = lf + 1;
        if (lf >= begin + 3 && buffer[lf - 2] == '\n') {
            if (at > limits.total) return Bad("request head too large", 431);
            HeadResult result = ParseLines(buffer.substr(begin, lf - 1 - begin), limits, head);
            if (result.status == Status::kDone) result.consumed = at;
            return result;
        }
    }
    scanned_ = at < buffer.size() ? buffer.size() : at;
    if (buffer.size() > limits.total) return Bad("request head too large", 431);
    if (buffer.size() > limits.line + 2 && buffer.find('\n', begin) == buffer.npos) {
        return Bad("request line too long", 414);
    }
    return {};
}

bool IsHostValue(std::string_view value) {
    if (value.empty() || value.size() > 255 + 6) return false;
    std::string_view port;
    if (value.front() == '[') {
        const std::size_t close = value.find(']');
        if (close == value.npos || close < 3) return false;
        for (const char c : value.substr(1, close - 1)) {
            if (!Is(c, kHexChar) && c != ':' && c != '.') return false;
        }
        port = value.substr(close + 1);
    } else {
        const std::size_t colon = value.find(':');
        const std::string_view name = value.substr(0, colon);
        if (name.empty() || name.front() == '.') return false;
        for (const char c : name) {
            const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!letter && !Is(c, kDigitChar) && c != '-' && c != '.' && c != '_') return false;
        }
        port = colon == value.npos ? std::string_view{} : value.substr(colon);
    }
    if (port.empty()) return true;
    return port.front() == ':' && port.size() <= 6 && AllOf(port.substr(1), kDigitChar);
}

}  // namespace mch::http
