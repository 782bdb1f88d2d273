#include "multipart.h"

#include <algorithm>

#include "characters.h"
#include "mch/base/text.h"

namespace mch::http {
namespace {

Error Malformed(std::string detail) { return Invalid("request.multipart", std::move(detail)); }

bool IsBoundary(std::string_view text) {
    constexpr std::string_view kMarks = "'()+_,-./:=? ";
    if (text.empty() || text.size() > 70 || text.back() == ' ') return false;
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || Is(c, kDigitChar) ||
               kMarks.find(c) != kMarks.npos;
    });
}

// Takes the next `;name=value` from the front of `text`. False when it is malformed.
bool TakeParameter(std::string_view& text, std::string_view& name, std::string& value) {
    text = TrimBlanks(text);
    if (text.empty() || text.front() != ';') return false;
    text = TrimBlanks(text.substr(1));
    const std::size_t equals = text.find('=');
    if (equals == text.npos) return false;
    name = TrimBlanks(text.substr(0, equals));
    if (name.empty() || !AllOf(name, kTokenChar)) return false;
    text = TrimBlanks(text.substr(equals + 1));
    value.clear();
    if (text.empty() || text.front() != '"') {
        const std::size_t end = std::min(text.find_first_of("; \t"), text.size());
        value = text.substr(0, end);
        text.remove_prefix(end);
        return !value.empty() && AllOf(value, kTokenChar);
    }
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return true;
        }
        // Browsers send %22 for a quote and leave backslashes alone; other clients escape.
        if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) {
            ++i;
        }
        value.push_back(text[i]);
    }
    return false;
}

}  // namespace

MultipartParser::MultipartParser(std::string boundary, std::string folder, MultipartLimits limits)
    : delimiter_("\r\n--" + std::move(boundary)), folder_(std::move(folder)), limits_(limits) {}

std::string MultipartParser::BoundaryOf(std::string_view content_type) {
    constexpr std::string_view kType = "multipart/form-data";
    if (content_type.size() < kType.size() ||
        !EqualsLower(content_type.substr(0, kType.size()), kType)) {
        return {};
    }
    content_type.remove_prefix(kType.size());
    std::string boundary;
    while (!TrimBlanks(content_type).empty()) {
        std::string_view name;
        std::string value;
        // A token may not hold every character that a boundary may; clients quote those.
        if (!TakeParameter(content_type, name, value)) return {};
        if (!EqualsLower(name, "boundary")) continue;
        if (!boundary.empty()) return {};
        boundary = std::move(value);
    }
    return IsBoundary(boundary) ? boundary : std::string{};
}

Result<void> MultipartParser::Feed(std::string_view data) {
    if (state_ == State::kEpilogue) return {};
    buffer_.append(data);
    for (;;) {
        MCH_TRY(const bool more, Step());
        if (!more) return {};
    }
}

// One step of the machine; false when it needs more bytes.
Result<bool> MultipartParser::Step() {
    switch (state_) {
        case State::kStart: {
            const std::string_view first = std::string_view(delimiter_).substr(2);
            if (buffer_.size() < first.size()) {
                if (buffer_ != first.substr(0, buffer_.size()))
                    return Malformed("no first boundary");
                return false;
            }
            if (std::string_view(buffer_).substr(0, first.size()) != first) {
                return Malformed("no first boundary");
            }
            buffer_.erase(0, first.size());
            state_ = State::kAfterDelimiter;
            return true;
        }
        case State::kAfterDelimiter: {
            if (buffer_.size() < 2) return false;
            if (buffer_.compare(0, 2, "--") == 0) {
                state_ = State::kEpilogue;
                buffer_.clear();
                return false;
            }
            if (buffer_.compare(0, 2, "\r\n") != 0) return Malformed("text after a boundary");
            // The CRLF stays: so a part without headers also has its empty line.
            state_ = State::kHeaders;
            return true;
        }
        case State::kHeaders: {
            const std::size_t end = buffer_.find("\r\n\r\n");
            if (std::min(end, buffer_.size()) > limits_.header_bytes) {
                return Malformed("part headers too large");
            }
            if (end == buffer_.npos) return false;
            if (end == 0) return Malformed("part without Content-Disposition");
            MCH_CHECK(ParseHeaders(std::string_view(buffer_).substr(2, end - 2)));
            buffer_.erase(0, end + 4);
            // An empty part's data ends at once, with the CRLF of the delimiter.
            state_ = State::kData;
            return true;
        }
        case State::kData: {
            const std::size_t end = buffer_.find(delimiter_);
            if (end != buffer_.npos) {
                MCH_CHECK(TakeData(std::string_view(buffer_).substr(0, end)));
                EndPart();
                buffer_.erase(0, end + delimiter_.size());
                state_ = State::kAfterDelimiter;
                return true;
            }
            // A delimiter may have begun at the end of what is here.
            const std::size_t keep = delimiter_.size() - 1;
            if (buffer_.size() > keep) {
                const std::size_t count = buffer_.size() - keep;
                MCH_CHECK(TakeData(std::string_view(buffer_).substr(0, count)));
                buffer_.erase(0, count);
            }
            return false;
        }
        case State::kEpilogue:
            return false;
    }
    return false;
}

Result<void> MultipartParser::ParseHeaders(std::string_view headers) {
    if (parts_.size() >= limits_.parts) {
        return Error(ErrorKind::kTooLarge, "request.too_many_parts")
            .With("max", std::to_string(limits_.parts));
    }
    Part part;
    bool has_name = false;
    is_file_ = false;
    while (!headers.empty()) {
        const std::size_t end = std::min(headers.find("\r\n"), headers.size());
        const std::string_view line = headers.substr(0, end);
        headers.remove_prefix(std::min(end + 2, headers.size()));
        const std::size_t colon = line.find(':');
        if (colon == line.npos || colon == 0 || !AllOf(line.substr(0, colon), kTokenChar) ||
            !AllOf(line.substr(colon + 1), kFieldChar)) {
            return Malformed("bad part header");
        }
        const std::string_view name = line.substr(0, colon);
        std::string_view value = TrimBlanks(line.substr(colon + 1));
        if (EqualsLower(name, "content-type")) part.content_type = value;
        if (!EqualsLower(name, "content-disposition")) continue;
        constexpr std::string_view kFormData = "form-data";
        if (has_name || value.size() < kFormData.size() ||
            !EqualsLower(value.substr(0, kFormData.size()), kFormData)) {
            return Malformed("bad Content-Disposition");
        }
        value.remove_prefix(kFormData.size());
        while (!TrimBlanks(value).empty()) {
            std::string_view parameter;
            std::string text;
            if (!TakeParameter(value, parameter, text)) return Malformed("bad Content-Disposition");
            if (EqualsLower(parameter, "name")) {
                if (has_name) return Malformed("two names");
                has_name = true;
                part.name = std::move(text);
            } else if (EqualsLower(parameter, "filename")) {
                if (is_file_) return Malformed("two file names");
                is_file_ = true;
                part.file_name = std::move(text);
            }
        }
    }
    if (!has_name || part.name.empty()) return Malformed("part without a name");
    if (!text::IsUtf8(part.name) || !text::IsUtf8(part.file_name)) {
        return Malformed("part name is not UTF-8");
    }
    if (is_file_) {
        MCH_TRY(SpoolFile file, SpoolFile::Create(folder_));
        part.path = file.path();
        files_.push_back(std::move(file));
    }
    parts_.push_back(std::move(part));
    return {};
}

Result<void> MultipartParser::TakeData(std::string_view data) {
    Part& part = parts_.back();
    part.size += static_cast<std::int64_t>(data.size());
    if (is_file_) {
        if (part.size > limits_.file_bytes) {
            return Error(ErrorKind::kTooLarge, "request.body_too_large")
                .With("max", std::to_string(limits_.file_bytes));
        }
        return files_.back().Write(data);
    }
    if (part.value.size() + data.size() > limits_.field_bytes) {
        return Error(ErrorKind::kTooLarge, "request.field_too_large")
            .With("max", std::to_string(limits_.field_bytes));
    }
    part.value.append(data);
    return {};
}

void MultipartParser::EndPart() {
    if (is_file_) files_.back().CloseHandle();
}

Result<void> MultipartParser::Finish() {
    if (state_ != State::kEpilogue) return Malformed("no closing boundary");
    for (const Part& part : parts_) {
        if (part.path.empty() && !text::IsUtf8(part.value)) return Malformed("field is not UTF-8");
    }
    return {};
}

}  // namespace mch::http
