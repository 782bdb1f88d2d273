#include "modules/asset/domain/csv.h"

#include <iconv.h>

#include <utility>

#include "mch/base/text.h"

namespace anlan::asset {

mch::Result<std::string> DecodeText(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    if (mch::text::IsUtf8(bytes)) return std::string(bytes);
    const iconv_t converter = iconv_open("UTF-8", "GB18030");
    if (converter == iconv_t(-1))
        return mch::Internal("asset.import.encoding", "no GB18030 on this system");
    std::string input(bytes);
    // GB18030 to UTF-8 grows by at most half as much again (two bytes become three).
    std::string output(bytes.size() * 2 + 16, '\0');
    char* from = input.data();
    std::size_t from_left = input.size();
    char* to = output.data();
    std::size_t to_left = output.size();
    const std::size_t converted = iconv(converter, &from, &from_left, &to, &to_left);
    iconv_close(converter);
    if (converted == std::size_t(-1) || from_left != 0)
        return mch::Invalid("asset.import.encoding");
    output.resize(output.size() - to_left);
    return output;
}

mch::Error CsvReader::Wrong(const char* code) const {
    return mch::Invalid(code, "line " + std::to_string(line_)).With("line", std::to_string(line_));
}

void CsvReader::SkipLineEnd() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
    ++line_;
}

mch::Result<std::optional<CsvRow>> CsvReader::Next() {
    while (at_ < text_.size() && AtLineEnd()) SkipLineEnd();
    if (at_ >= text_.size()) return std::optional<CsvRow>();
    CsvRow row;
    row.line = static_cast<int>(line_);
    while (true) {
        if (row.cells.size() >= limits_.fields) return Wrong("csv.too_many_columns");
        MCH_TRY(std::string field, Field());
        row.cells.push_back(std::move(field));
        if (at_ >= text_.size()) break;
        if (AtLineEnd()) {
            SkipLineEnd();
            break;
        }
        ++at_;  // the comma
    }
    return std::optional<CsvRow>(std::move(row));
}

mch::Result<std::string> CsvReader::Field() {
    if (at_ < text_.size() && text_[at_] == '"') return QuotedField();
    std::string field;
    while (at_ < text_.size() && text_[at_] != ',' && !AtLineEnd()) {
        const char c = text_[at_];
        if (c == '"') return Wrong("csv.quote");
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t') {
            return Wrong("csv.control_character");
        }
        if (field.size() >= limits_.field_bytes) return Wrong("csv.cell_too_long");
        field += c;
        ++at_;
    }
    return field;
}

mch::Result<std::string> CsvReader::QuotedField() {
    std::string field;
    const mch::Error unclosed = Wrong("csv.unclosed_quote");
    ++at_;
    while (true) {
        if (at_ >= text_.size()) return unclosed;
        const char c = text_[at_++];
        if (c == '"') {
            if (at_ < text_.size() && text_[at_] == '"') {
                ++at_;
            } else {
                break;
            }
        }
        if (c == '\n') ++line_;
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') {
            return Wrong("csv.control_character");
        }
        if (field.size() >= limits_.field_bytes) return Wrong("csv.cell_too_long");
        field += c;
    }
    if (at_ < text_.size() && text_[at_] != ',' && !AtLineEnd()) return Wrong("csv.quote");
    return field;
}

std::string CsvField(std::string_view value) {
    std::string field;
    if (!value.empty() && std::string_view("=+-@\t\r").find(value[0]) != std::string_view::npos) {
        field = "'";
    }
    field += value;
    if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
    std::string quoted = "\"";
    for (const char c : field) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string CsvLine(const std::vector<std::string>& cells) {
    std::string line;
    for (const std::string& cell : cells) {
        if (&cell != &cells.front()) line += ',';
        line += CsvField(cell);
    }
    return line + "\r\n";
}

}  // namespace anlan::asset
