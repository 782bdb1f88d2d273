#include "mch/base/catalogue.h"

#include "mch/base/json.h"
#include "mch/base/text.h"

namespace mch {

Result<void> Catalogue::Add(std::string_view language, std::string_view json_text) {
    MCH_TRY(const json::Value value, json::Parse(json_text));
    if (!value.IsObject()) return Internal("catalogue.shape", "a catalogue is one flat object");
    auto& texts = texts_[std::string(language)];
    for (const auto& [code, sentence] : value.AsObject()) {
        if (!sentence.IsString()) return Internal("catalogue.shape", code + " is not a text");
        const auto [at, added] = texts.emplace(code, sentence.AsString());
        if (!added && at->second != sentence.AsString())
            return Internal("catalogue.duplicate", code + " has two different sentences");
    }
    return {};
}

bool Catalogue::Has(std::string_view language, std::string_view code) const {
    const auto texts = texts_.find(language);
    return texts != texts_.end() && texts->second.find(code) != texts->second.end();
}

std::string Catalogue::Text(std::string_view language, std::string_view code,
                            const ErrorParams& params) const {
    auto texts = texts_.find(language);
    if (texts == texts_.end()) texts = texts_.find(kChinese);
    if (texts == texts_.end()) return std::string(code);
    const auto found = texts->second.find(code);
    if (found == texts->second.end()) return std::string(code);
    if (params.empty()) return found->second;

    ErrorParams translated;
    for (const auto& [name, value] : params) {
        if (!value.starts_with('@')) {
            translated.emplace_back(name, value);
            continue;
        }
        // A list of codes: "@grade.ordinary,@grade.major".
        std::string joined;
        for (const std::string_view item : text::Split(value, ',')) {
            if (!joined.empty()) joined += language == kEnglish ? ", " : "\xe3\x80\x81";
            joined += item.starts_with('@') ? Text(language, item.substr(1)) : std::string(item);
        }
        translated.emplace_back(name, std::move(joined));
    }
    return text::FillIn(found->second, translated);
}

}  // namespace mch
