#include "regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include <array>

namespace mch::http {

struct Regex::Code {
    ~Code() {
        pcre2_match_context_free(context);
        pcre2_match_data_free(data);
        pcre2_code_free(code);
    }
    pcre2_code* code = nullptr;
    // One set of work space is enough: patterns run on the loop's thread only.
    pcre2_match_data* data = nullptr;
    pcre2_match_context* context = nullptr;
};

Result<Regex> Regex::Compile(const std::string& pattern, Case letters) {
    int error = 0;
    PCRE2_SIZE offset = 0;
    auto code = std::make_shared<Code>();
    code->code =
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                      letters == Case::kInsensitive ? PCRE2_CASELESS : 0, &error, &offset, nullptr);
    if (code->code == nullptr) {
        std::array<PCRE2_UCHAR, 160> message{};
        pcre2_get_error_message(error, message.data(), message.size());
        return Invalid("http.regex",
                       fmt::format("pattern \"{}\": {} at offset {}", pattern,
                                   reinterpret_cast<const char*>(message.data()), offset));
    }
    pcre2_jit_compile(code->code, PCRE2_JIT_COMPLETE);  // optional: it only makes matching faster
    code->data = pcre2_match_data_create_from_pattern(code->code, nullptr);
    code->context = pcre2_match_context_create(nullptr);
    if (code->data == nullptr || code->context == nullptr) throw std::bad_alloc();
    pcre2_set_match_limit(code->context, 100'000);
    pcre2_set_depth_limit(code->context, 1'000);
    pcre2_set_heap_limit(code->context, 1'024);  // KiB
    Regex regex;
    regex.code_ = std::move(code);
    return regex;
}

Regex::Match Regex::Search(std::string_view subject, std::vector<std::string>* captures) const {
    const int count = pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(subject.data()),
                                  subject.size(), 0, 0, code_->data, code_->context);
    if (count == PCRE2_ERROR_NOMATCH) return Match::kNo;
    if (count < 0) return Match::kLimit;
    if (captures != nullptr) {
        captures->clear();
        const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(code_->data);
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            const PCRE2_SIZE begin = ends[2 * i];
            const PCRE2_SIZE end = ends[2 * i + 1];
            captures->emplace_back(begin == PCRE2_UNSET ? std::string_view{}
                                                        : subject.substr(begin, end - begin));
        }
    }
    return Match::kYes;
}

}  // namespace mch::http
