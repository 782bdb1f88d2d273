#include "modules/identity/domain/policy.h"

#include <algorithm>
#include <utility>

#include "mch/base/text.h"

namespace anlan::identity {

namespace {

// Signs and digits that people write for letters.
char Plain(char c) {
    switch (c) {
        case '0':
            return 'o';
        case '1':
        case '!':
            return 'i';
        case '3':
            return 'e';
        case '4':
        case '@':
            return 'a';
        case '5':
        case '$':
            return 's';
        case '7':
            return 't';
        default:
            return c;
    }
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

// The text between the first and the last letter.
std::string_view Core(std::string_view text) {
    while (!text.empty() && !IsLetter(text.front())) text.remove_prefix(1);
    while (!text.empty() && !IsLetter(text.back())) text.remove_suffix(1);
    return text;
}

std::string Spelled(std::string_view text) {
    std::string out;
    for (const char c : text) out += Plain(c);
    return out;
}

// The forms under which a password is looked up.
std::vector<std::string> Forms(std::string_view password) {
    const std::string lower = mch::text::ToLower(password);
    std::vector<std::string> forms = {lower, std::string(Core(lower)), Spelled(Core(lower)),
                                      Spelled(lower), std::string(Core(Spelled(lower)))};
    // "password123!": the end cut before spelling, so that 123! is not read as letters.
    std::string_view cut = lower;
    while (!cut.empty() && !IsLetter(cut.back())) cut.remove_suffix(1);
    forms.push_back(Spelled(cut));
    return forms;
}

bool Contains(std::string_view password_lower, std::string_view word) {
    // Two letters of a name would forbid too much.
    if (mch::text::CodePoints(word) < 3 && word.size() < 6) return false;
    return password_lower.find(mch::text::ToLower(word)) != std::string_view::npos;
}

int Classes(std::string_view password) {
    bool lower = false;
    bool upper = false;
    bool digit = false;
    bool other = false;
    for (const char c : password) {
        if (c >= 'a' && c <= 'z') {
            lower = true;
        } else if (c >= 'A' && c <= 'Z') {
            upper = true;
        } else if (c >= '0' && c <= '9') {
            digit = true;
        } else {
            other = true;
        }
    }
    return static_cast<int>(lower) + static_cast<int>(upper) + static_cast<int>(digit) +
           static_cast<int>(other);
}

}  // namespace

BlockList::BlockList(std::vector<std::string> words) : words_(std::move(words)) {
    for (std::string& word : words_) word = mch::text::ToLower(word);
    std::sort(words_.begin(), words_.end());
}

bool BlockList::Blocks(std::string_view password, const PasswordContext& context) const {
    for (const std::string& form : Forms(password)) {
        if (!form.empty() && std::binary_search(words_.begin(), words_.end(), form)) return true;
    }
    const std::string lower = mch::text::ToLower(password);
    std::vector<std::string> own = {context.account, context.name, context.organisation,
                                    context.phone};
    for (const auto piece : mch::text::Split(context.account, '.')) own.emplace_back(piece);
    return std::any_of(own.begin(), own.end(),
                       [&](const std::string& word) { return Contains(lower, word); });
}

std::vector<mch::FieldError> CheckPassword(const PasswordPolicy& policy, const BlockList& blocked,
                                           const PasswordContext& context,
                                           std::string_view password) {
    std::vector<mch::FieldError> errors;
    const std::string field = "new_password";
    const auto length = static_cast<std::int64_t>(mch::text::CodePoints(password));
    if (length < policy.min_length) {
        errors.push_back({field, "field.too_short", {{"min", std::to_string(policy.min_length)}}});
    }
    if (length > policy.max_length) {
        errors.push_back({field, "field.too_long", {{"max", std::to_string(policy.max_length)}}});
    }
    if (Classes(password) < policy.classes) {
        errors.push_back(
            {field, "identity.password.classes", {{"classes", std::to_string(policy.classes)}}});
    }
    if (blocked.Blocks(password, context)) {
        errors.push_back({field, "identity.password.common", {}});
    }
    return errors;
}

bool Lockout::Fail(const LockoutPolicy& policy, mch::TimeMs now, std::string_view mark,
                   bool distinct) {
    const mch::TimeMs last = failures.empty() ? locked_until : failures.back().at;
    if (locks > 0 && now - std::max(last, locked_until) > policy.forget_ms) locks = 0;
    std::erase_if(failures, [&](const Failure& failure) {
        return failure.at <= now - policy.window_ms || (distinct && failure.mark == mark);
    });
    failures.push_back({now, std::string(mark)});
    if (static_cast<int>(failures.size()) < policy.failures) return false;
    const std::int64_t factor = std::int64_t{1} << std::min(locks, 10);
    locked_until = now + std::min(policy.lock_ms * factor, policy.max_lock_ms);
    ++locks;
    failures.clear();
    return true;
}

std::string Lockout::Encode() const {
    std::string text;
    for (const Failure& failure : failures) {
        if (!text.empty()) text += ' ';
        text += std::to_string(failure.at) + ":" + failure.mark;
    }
    return text;
}

std::vector<Lockout::Failure> Lockout::Decode(std::string_view text) {
    std::vector<Failure> failures;
    for (const std::string_view piece : mch::text::Split(text, ' ')) {
        const std::size_t colon = piece.find(':');
        if (colon == std::string_view::npos) continue;
        const auto at = mch::text::ParseInt(piece.substr(0, colon));
        if (at) failures.push_back({*at, std::string(piece.substr(colon + 1))});
    }
    return failures;
}

}  // namespace anlan::identity
