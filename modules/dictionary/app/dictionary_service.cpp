#include "modules/dictionary/app/dictionary_service.h"

#include <utility>

#include "mch/base/json.h"

namespace anlan::dictionary {
namespace {

constexpr std::string_view kUpdateDictionary =
    "UPDATE dictionary_dictionary SET name_zh = ?, name_en = ? WHERE code = ?";

// updated_by 0: still as shipped.
constexpr std::string_view kUpdateEntry =
    "UPDATE dictionary_entry SET name_zh = ?, name_en = ?, color = ?, sort_no = ? "
    "WHERE dictionary_code = ? AND code = ? AND updated_by = 0";

constexpr std::string_view kAll =
    "SELECT d.code, d.name_zh, d.name_en, e.code, e.name_zh, e.name_en, e.color "
    "FROM dictionary_dictionary d "
    "JOIN dictionary_entry e ON e.dictionary_code = d.code "
    "WHERE e.enabled = 1 "
    "ORDER BY d.code, e.sort_no, e.code LIMIT 5000";

}  // namespace

mch::Result<void> DictionaryService::Add(std::string_view json_text) {
    MCH_TRY(std::vector<Dictionary> added, ParseDictionaries(json_text));
    for (Dictionary& dictionary : added) {
        for (const Dictionary& other : dictionaries_) {
            if (other.code == dictionary.code) {
                return mch::Invalid("dictionary.invalid", dictionary.code + " is declared twice");
            }
        }
        dictionaries_.push_back(std::move(dictionary));
    }
    return {};
}

mch::Result<void> DictionaryService::Seed(mch::db::Transaction& tx) const {
    const std::string insert_dictionary =
        tx.dialect().InsertIgnore("dictionary_dictionary", {"id", "code", "name_zh", "name_en"});
    const std::string insert_entry = tx.dialect().InsertIgnore(
        "dictionary_entry",
        {"id", "dictionary_code", "code", "name_zh", "name_en", "color", "sort_no", "enabled",
         "version", "created_at", "created_by", "updated_at", "updated_by"});
    const mch::TimeMs now = runtime_.clock().Now();
    for (const Dictionary& d : dictionaries_) {
        MCH_TRY(
            const std::int64_t added,
            tx.Execute(insert_dictionary, {runtime_.ids().Next(), d.code, d.chinese, d.english}));
        if (added == 0) MCH_CHECK(tx.Execute(kUpdateDictionary, {d.chinese, d.english, d.code}));
        std::int64_t order = 0;
        for (const Entry& e : d.entries) {
            order += 10;
            MCH_TRY(const std::int64_t fresh,
                    tx.Execute(insert_entry, {runtime_.ids().Next(), d.code, e.code, e.chinese,
                                              e.english, e.color, order, 1, 1, now, 0, now, 0}));
            if (fresh != 0) continue;
            MCH_CHECK(
                tx.Execute(kUpdateEntry, {e.chinese, e.english, e.color, order, d.code, e.code}));
        }
    }
    return {};
}

mch::Result<std::string> DictionaryService::ToJson(mch::db::Reader& reader,
                                                   std::string_view language) const {
    MCH_TRY(const mch::db::Rows rows, reader.Query(kAll));
    const bool english = language == mch::Catalogue::kEnglish;
    mch::json::Writer out;
    out.BeginObject().Key("items").BeginArray();
    std::string open;
    for (const mch::db::Row& row : rows) {
        if (row.Text(0) != open) {
            if (!open.empty()) out.EndArray().EndObject();
            open = row.Text(0);
            out.BeginObject().Field("code", open).Field("name", row.Text(english ? 2 : 1));
            out.Key("entries").BeginArray();
        }
        out.BeginObject().Field("code", row.Text(3)).Field("name", row.Text(english ? 5 : 4));
        if (const std::string color = row.Text(6); !color.empty()) out.Field("color", color);
        out.EndObject();
    }
    if (!open.empty()) out.EndArray().EndObject();
    out.EndArray().EndObject();
    return out.Take();
}

}  // namespace anlan::dictionary
