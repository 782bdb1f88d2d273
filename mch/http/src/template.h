// Text with nginx's $variables, compiled once: return, add_header, try_files and log_format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mch/base/result.h"

namespace mch::http {

struct Exchange;

enum class Escape { kNone, kDefault, kJson };

class Template {
  public:
    // `escape` is applied to the values of variables. Error: http.variable {name} for an unknown
    // one.
    static Result<Template> Compile(std::string_view text, Escape escape = Escape::kNone);

    bool IsConstant() const { return pieces_.empty() || (pieces_.size() == 1 && !pieces_[0].read); }
    // The text of a constant template.
    std::string_view Constant() const {
        return pieces_.empty() ? std::string_view{} : std::string_view(pieces_[0].text);
    }
    void AppendTo(std::string& out, const Exchange& exchange) const;
    std::string Evaluate(const Exchange& exchange) const {
        std::string out;
        AppendTo(out, exchange);
        return out;
    }

  private:
    using Read = void (*)(std::string& out, const Exchange& exchange, const std::string& argument);
    struct Piece {
        std::string text;     // a literal, or the argument of the variable (NAME of $http_NAME)
        Read read = nullptr;  // set for a variable
    };
    static Read Find(std::string_view name, std::string* argument);

    std::vector<Piece> pieces_;
    Escape escape_ = Escape::kNone;
};

}  // namespace mch::http
