// Tokens of nginx's configuration language. Internal to mch/conf.
#pragma once

#include <string>
#include <string_view>

#include "mch/base/result.h"

namespace mch::conf {

struct Token {
    enum class Kind { kWord, kSemicolon, kOpen, kClose, kEnd };
    Kind kind = Kind::kEnd;
    std::string text;  // of a word, with quotes removed and escapes resolved
    int line = 0;
};

// Rules as in ngx_conf_read_token: words end at white space, ";" and "{" ("${" goes on); "#" starts
// a comment only where a token may start; a backslash keeps the next character; a quoted word must
// be followed by white space, ";", "{" or ")". Variables stay text.
class Lexer {
  public:
    Lexer(std::string_view text, std::string_view file) : text_(text), file_(file) {}
    // Error: conf.invalid, detail "file:line: message".
    Result<Token> Next();

  private:
    Result<Token> Word();
    Result<Token> Quoted(char quote);
    Error Bad(int line, std::string_view message) const;

    std::string_view text_;
    std::string_view file_;
    std::size_t at_ = 0;
    int line_ = 1;
};

Error InvalidAt(std::string_view file, int line, std::string_view message);

}  // namespace mch::conf
