#include "lexer.h"

#include <fmt/format.h>

namespace mch::conf {
namespace {

// A word longer than this is a forgotten quote, not a value.
constexpr std::size_t kMaxWord = 64 * 1024;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// What a backslash and the next character stand for, appended to `out`.
void AppendEscaped(std::string& out, char c) {
    switch (c) {
        case '"':
        case '\'':
        case '\\':
            out += c;
            return;
        case 't':
            out += '\t';
            return;
        case 'r':
            out += '\r';
            return;
        case 'n':
            out += '\n';
            return;
        default:  // kept for regular expressions, as nginx does
            out += '\\';
            out += c;
    }
}

}  // namespace

Error InvalidAt(std::string_view file, int line, std::string_view message) {
    return Invalid("conf.invalid", fmt::format("{}:{}: {}", file, line, message));
}

Error Lexer::Bad(int line, std::string_view message) const {
    return InvalidAt(file_, line, message);
}

Result<Token> Lexer::Next() {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c == '#') {
            while (at_ < text_.size() && text_[at_] != '\n') ++at_;
        } else if (IsSpace(c)) {
            if (c == '\n') ++line_;
            ++at_;
        } else {
            break;
        }
    }
    if (at_ == text_.size()) return Token{Token::Kind::kEnd, {}, line_};
    const char c = text_[at_];
    switch (c) {
        case ';':
            ++at_;
            return Token{Token::Kind::kSemicolon, {}, line_};
        case '{':
            ++at_;
            return Token{Token::Kind::kOpen, {}, line_};
        case '}':
            ++at_;
            return Token{Token::Kind::kClose, {}, line_};
        case '"':
        case '\'':
            ++at_;
            return Quoted(c);
        default:
            return Word();
    }
}

Result<Token> Lexer::Word() {
    Token token{Token::Kind::kWord, {}, line_};
    bool after_dollar = false;
    for (; at_ < text_.size(); ++at_) {
        const char c = text_[at_];
        if (c == '{' && after_dollar) {
            token.text += c;
            after_dollar = false;
            continue;
        }
        if (IsSpace(c) || c == ';' || c == '{') break;
        after_dollar = c == '$';
        if (c == '\\' && at_ + 1 < text_.size()) {
            ++at_;
            if (text_[at_] == '\n') ++line_;
            if (text_[at_] == '\0') return Bad(line_, "a NUL character");
            AppendEscaped(token.text, text_[at_]);
        } else if (c == '\0') {
            return Bad(line_, "a NUL character");
        } else {
            token.text += c;
        }
        if (token.text.size() > kMaxWord) return Bad(token.line, "the parameter is too long");
    }
    return token;
}

Result<Token> Lexer::Quoted(char quote) {
    Token token{Token::Kind::kWord, {}, line_};
    for (; at_ < text_.size(); ++at_) {
        const char c = text_[at_];
        if (c == quote) {
            ++at_;
            if (at_ < text_.size()) {
                const char next = text_[at_];
                if (!IsSpace(next) && next != ';' && next != '{' && next != ')') {
                    return Bad(line_,
                               fmt::format("unexpected \"{}\" after a quoted parameter", next));
                }
            }
            return token;
        }
        if (c == '\n') ++line_;
        if (c == '\0') return Bad(line_, "a NUL character");
        if (c == '\\' && at_ + 1 < text_.size()) {
            ++at_;
            if (text_[at_] == '\n') ++line_;
            if (text_[at_] == '\0') return Bad(line_, "a NUL character");
            AppendEscaped(token.text, text_[at_]);
        } else {
            token.text += c;
        }
        if (token.text.size() > kMaxWord) {
            return Bad(token.line,
                       fmt::format("too long parameter, probably missing terminating {}", quote));
        }
    }
    return Bad(token.line, fmt::format("unexpected end of file, the {} has no end", quote));
}

}  // namespace mch::conf
