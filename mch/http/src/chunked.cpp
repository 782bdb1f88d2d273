#include "chunked.h"

#include <algorithm>

#include "characters.h"

namespace mch::http {
namespace {

constexpr std::size_t kMaxLine = 1024;
// Extensions carry nothing that we use: a client that sends many only wants to waste our time.
constexpr std::size_t kMaxOverhead = 16 * 1024;

void SkipBlanks(std::string_view& text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

bool SkipToken(std::string_view& text) {
    std::size_t n = 0;
    while (n < text.size() && Is(text[n], kTokenChar)) ++n;
    text.remove_prefix(n);
    return n > 0;
}

bool SkipQuoted(std::string_view& text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (!Is(text[i], kFieldChar)) return false;
        if (text[i] == '\\') {
            if (++i >= text.size() || !Is(text[i], kFieldChar)) return false;
        } else if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return true;
        }
    }
    return false;
}

// *( BWS ";" BWS name [ BWS "=" BWS value ] )
bool AreExtensions(std::string_view text) {
    while (!text.empty()) {
        SkipBlanks(text);
        if (text.empty() || text.front() != ';') return false;
        text.remove_prefix(1);
        SkipBlanks(text);
        if (!SkipToken(text)) return false;
        std::string_view rest = text;
        SkipBlanks(rest);
        if (rest.empty() || rest.front() != '=') continue;
        text = rest.substr(1);
        SkipBlanks(text);
        if (text.empty()) return false;
        if (text.front() == '"' ? !SkipQuoted(text) : !SkipToken(text)) return false;
    }
    return true;
}

bool IsFieldLine(std::string_view line) {
    const std::size_t colon = line.find(':');
    return colon != line.npos && colon > 0 && AllOf(line.substr(0, colon), kTokenChar) &&
           AllOf(line.substr(colon + 1), kFieldChar);
}

}  // namespace

ChunkedDecoder::Status ChunkedDecoder::Fail(const char* reason) {
    state_ = State::kError;
    reason_ = reason;
    return Status::kError;
}

// Moves bytes up to and with LF into line_. True when the line is complete.
bool ChunkedDecoder::TakeLine(std::string_view& input) {
    const std::size_t lf = input.find('\n');
    const std::size_t count = lf == input.npos ? input.size() : lf + 1;
    line_.append(input.substr(0, count));
    input.remove_prefix(count);
    return lf != input.npos;
}

bool ChunkedDecoder::ParseSizeLine() {
    const std::string_view line = std::string_view(line_).substr(0, line_.size() - 2);
    std::size_t digits = 0;
    std::int64_t size = 0;
    while (digits < line.size() && Is(line[digits], kHexChar)) {
        if (digits == 15) return false;
        size = size * 16 + HexValue(line[digits]);
        ++digits;
    }
    if (digits == 0 || !AreExtensions(line.substr(digits))) return false;
    overhead_ += line.size() - digits;
    left_ = size;
    return true;
}

ChunkedDecoder::Status ChunkedDecoder::Feed(std::string_view& input, std::string_view& data) {
    data = {};
    while (!input.empty()) {
        switch (state_) {
            case State::kSizeLine:
            case State::kTrailers: {
                const bool complete = TakeLine(input);
                if (line_.size() > kMaxLine) return Fail("chunk line too long");
                if (!complete) return Status::kMore;
                if (line_.size() < 2 || line_[line_.size() - 2] != '\r') return Fail("bare LF");
                if (state_ == State::kSizeLine) {
                    if (!ParseSizeLine()) return Fail("bad chunk size");
                    state_ = left_ == 0 ? State::kTrailers : State::kData;
                } else if (line_.size() == 2) {
                    state_ = State::kDone;
                    return Status::kDone;
                } else {
                    if (!IsFieldLine(std::string_view(line_).substr(0, line_.size() - 2))) {
                        return Fail("bad trailer");
                    }
                    overhead_ += line_.size();
                }
                if (overhead_ > kMaxOverhead) return Fail("too many chunk extensions or trailers");
                line_.clear();
                break;
            }
            case State::kData: {
                const auto count = static_cast<std::size_t>(
                    std::min<std::int64_t>(left_, static_cast<std::int64_t>(input.size())));
                data = input.substr(0, count);
                input.remove_prefix(count);
                left_ -= static_cast<std::int64_t>(count);
                if (left_ == 0) state_ = State::kDataEnd;
                return Status::kMore;
            }
            case State::kDataEnd:
                line_.push_back(input.front());
                input.remove_prefix(1);
                if (line_ != "\r" && line_ != "\r\n") return Fail("no CRLF after a chunk");
                if (line_.size() == 2) {
                    line_.clear();
                    state_ = State::kSizeLine;
                }
                break;
            case State::kDone:
                return Status::kDone;
            case State::kError:
                return Status::kError;
        }
    }
    return state_ == State::kError ? Status::kError : Status::kMore;
}

}  // namespace mch::http
