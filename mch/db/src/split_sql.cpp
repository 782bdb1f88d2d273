#include "mch/db/split_sql.h"

#include "mch/base/text.h"

namespace mch::db {
namespace {

bool IsWordByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (static_cast<unsigned char>(c) & 0x80) != 0;
}

// Walks the text token by token and knows when a ";" ends a statement.
class Splitter {
  public:
    explicit Splitter(std::string_view sql) : sql_(sql) {}

    std::vector<std::string> Run() {
        while (at_ < sql_.size()) {
            const char c = sql_[at_];
            if (sql_.substr(at_, 2) == "--") {
                SkipPast("\n");
            } else if (sql_.substr(at_, 2) == "/*") {
                SkipPast("*/");
            } else if (c == '\'' || c == '"' || c == '`') {
                // A doubled quote reads as two adjacent strings, which is the same here.
                ++at_;
                SkipPast(std::string_view(&sql_[at_ - 1], 1));
                has_content_ = true;
            } else if (c == ';' && depth_ == 0) {
                Finish();
                ++at_;
                start_ = at_;
            } else if (IsWordByte(c)) {
                Word();
            } else {
                if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
                    has_content_ = true;
                    previous_.clear();
                }
                ++at_;
            }
        }
        Finish();
        return std::move(statements_);
    }

  private:
    void SkipPast(std::string_view end) {
        const std::size_t found = sql_.find(end, at_);
        at_ = found == std::string_view::npos ? sql_.size() : found + end.size();
    }

    void Word() {
        const std::size_t from = at_;
        while (at_ < sql_.size() && IsWordByte(sql_[at_])) ++at_;
        const std::string word = text::ToLower(sql_.substr(from, at_ - from));
        has_content_ = true;
        ++words_;
        if (words_ == 1) is_create_ = word == "create";
        if (is_create_ && depth_ == 0 &&
            (word == "trigger" || word == "procedure" || word == "function")) {
            has_body_ = true;
        }
        if (!has_body_) return;
        const bool closes = previous_ == "end";
        if (word == "begin" || (word == "case" && !closes)) ++depth_;
        // "END IF", "END LOOP" and the like close what was not counted: undo the END.
        if (closes && (word == "if" || word == "loop" || word == "while" || word == "repeat")) {
            ++depth_;
        }
        if (word == "end" && depth_ > 0) --depth_;
        previous_ = word;
    }

    void Finish() {
        // Wide or odd white space counts as content above, but not as a statement.
        const std::string_view statement = text::Trim(sql_.substr(start_, at_ - start_));
        if (has_content_ && !statement.empty()) statements_.emplace_back(statement);
        has_content_ = is_create_ = has_body_ = false;
        words_ = depth_ = 0;
        previous_.clear();
    }

    std::string_view sql_;
    std::size_t at_ = 0;
    std::size_t start_ = 0;
    int words_ = 0;  // in this statement
    int depth_ = 0;  // open BEGIN and CASE in a body
    bool has_content_ = false;
    bool is_create_ = false;
    bool has_body_ = false;  // CREATE TRIGGER, PROCEDURE or FUNCTION
    std::string previous_;   // last word of a body
    std::vector<std::string> statements_;
};

}  // namespace

std::vector<std::string> SplitStatements(std::string_view sql) { return Splitter(sql).Run(); }

}  // namespace mch::db
