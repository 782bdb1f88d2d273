#include <fmt/format.h>

#include "mch/base/text.h"
#include "mch/conf/configuration.h"

namespace mch::conf {

const Directive* Directive::Find(std::string_view child) const {
    for (const auto& directive : children) {
        if (directive.name == child) return &directive;
    }
    return nullptr;
}

std::vector<const Directive*> Directive::FindAll(std::string_view child) const {
    std::vector<const Directive*> found;
    for (const auto& directive : children) {
        if (directive.name == child) found.push_back(&directive);
    }
    return found;
}

namespace {

const std::string* FirstArgument(const Directive& block, std::string_view child) {
    const Directive* found = block.Find(child);
    return found == nullptr || found->args.empty() ? nullptr : &found->args.front();
}

}  // namespace

std::string Directive::Text(std::string_view child, std::string_view fallback) const {
    const std::string* value = FirstArgument(*this, child);
    return value == nullptr ? std::string(fallback) : *value;
}

bool Directive::Flag(std::string_view child, bool fallback) const {
    const std::string* value = FirstArgument(*this, child);
    return value == nullptr ? fallback : *value == "on";
}

std::int64_t Directive::Integer(std::string_view child, std::int64_t fallback) const {
    const std::string* value = FirstArgument(*this, child);
    return value == nullptr ? fallback : text::ParseInt(*value).value_or(fallback);
}

std::int64_t Directive::Size(std::string_view child, std::int64_t fallback) const {
    const std::string* value = FirstArgument(*this, child);
    return value == nullptr ? fallback : ParseSize(*value).value_or(fallback);
}

std::int64_t Directive::Duration(std::string_view child, std::int64_t fallback) const {
    const std::string* value = FirstArgument(*this, child);
    return value == nullptr ? fallback : ParseDuration(*value).value_or(fallback);
}

std::string Directive::Where() const { return fmt::format("{}:{}", file, line); }

}  // namespace mch::conf
