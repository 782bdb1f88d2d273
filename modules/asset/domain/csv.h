// Comma-separated values (RFC 4180), read strictly and within limits. Pure; input is hostile.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/result.h"

namespace anlan::asset {

// UTF-8 (a byte order mark is dropped) or, when it is not UTF-8, GB18030, the encoding in which
// Excel saves CSV on a Chinese machine. asset.import.encoding when it is neither.
mch::Result<std::string> DecodeText(std::string_view bytes);

struct CsvRow {
    int line = 0;  // where it begins, 1 is the first
    std::vector<std::string> cells;
};

struct CsvLimits {
    std::size_t field_bytes = 64 * 1024;
    std::size_t fields = 256;
};

class CsvReader {
  public:
    // `text` must outlive the reader.
    explicit CsvReader(std::string_view text, CsvLimits limits = {})
        : text_(text), limits_(limits) {}

    // The next record; nullopt at the end. Blank lines are skipped. Errors, each with {line}:
    // csv.unclosed_quote, csv.quote (a quote within a bare field, or text after a closing
    // one), csv.cell_too_long, csv.too_many_columns, csv.control_character.
    mch::Result<std::optional<CsvRow>> Next();

  private:
    mch::Result<std::string> Field();
    mch::Result<std::string> QuotedField();
    mch::Error Wrong(const char* code) const;
    bool AtLineEnd() const { return text_[at_] == '\n' || text_[at_] == '\r'; }
    void SkipLineEnd();

    std::string_view text_;
    CsvLimits limits_;
    std::size_t at_ = 0;
    std::int64_t line_ = 1;
};

// One field for writing: quoted when it must be, and with a leading apostrophe when a spreadsheet
// would take it for a formula.
std::string CsvField(std::string_view value);
// A whole record with its line end.
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace anlan::asset
