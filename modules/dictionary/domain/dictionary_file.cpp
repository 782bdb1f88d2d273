#include "modules/dictionary/domain/dictionary_file.h"

#include <algorithm>
#include <utility>

#include "mch/base/schema.h"

namespace anlan::dictionary {
namespace {

using mch::Schema;

Schema FileSchema() {
    const Schema text = Schema::String().Min(1).Max(100);
    const Schema code = Schema::String().Min(1).Max(64);
    return Schema::Array(
        Schema::Object({{"code", code, mch::kRequired},
                        {"zh-CN", text, mch::kRequired},
                        {"en", text, mch::kRequired},
                        {"entries",
                         Schema::Array(Schema::Object({{"code", code, mch::kRequired},
                                                       {"zh-CN", text, mch::kRequired},
                                                       {"en", text, mch::kRequired},
                                                       {"color", Schema::String().Max(20)}})),
                         mch::kRequired}}));
}

}  // namespace

mch::Result<std::vector<Dictionary>> ParseDictionaries(std::string_view json_text) {
    MCH_TRY(mch::json::Value parsed, mch::json::Parse(json_text));
    auto checked = FileSchema().Validate(std::move(parsed));
    if (!checked) {
        const auto& fields = checked.error().fields();
        return mch::Invalid("dictionary.invalid",
                            fields.empty() ? "" : fields[0].field + ": " + fields[0].code);
    }
    std::vector<Dictionary> answer;
    for (const mch::json::Value& item : checked->AsArray()) {
        Dictionary dictionary{item.String("code"), item.String("zh-CN"), item.String("en"), {}};
        for (const mch::json::Value& value : item.Find("entries")->AsArray()) {
            Entry entry{value.String("code"), value.String("zh-CN"), value.String("en"),
                        value.String("color")};
            const bool twice =
                std::any_of(dictionary.entries.begin(), dictionary.entries.end(),
                            [&](const Entry& other) { return other.code == entry.code; });
            if (twice) {
                return mch::Invalid("dictionary.invalid",
                                    dictionary.code + "." + entry.code + " appears twice");
            }
            dictionary.entries.push_back(std::move(entry));
        }
        answer.push_back(std::move(dictionary));
    }
    return answer;
}

}  // namespace anlan::dictionary
