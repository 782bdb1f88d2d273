// Hands the embedded sql/ and messages/ of a module to the application; the first line of most
// Register() functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mch/app/module.h"
#include "mch/base/embedded.h"

namespace mch::app {

// Asserts on a broken catalogue: it is our own file.
inline void AddEmbedded(ModuleContext& context, std::string_view module,
                        const EmbeddedFiles& files) {
    std::vector<std::pair<std::string, std::string>> sql;
    for (const auto& [path, text] : files) {
        if (path.starts_with("sql/")) sql.emplace_back(path.substr(4), text);
        if (path == "messages/zh-CN.json") {
            MCH_ASSERT(context.messages.Add(Catalogue::kChinese, text));
        }
        if (path == "messages/en.json") MCH_ASSERT(context.messages.Add(Catalogue::kEnglish, text));
    }
    for (db::Migration& migration : db::MigrationsFromFiles(module, sql)) {
        context.migrations.push_back(std::move(migration));
    }
}

// The text of one embedded file; asserts that it is there.
inline const std::string& EmbeddedText(const EmbeddedFiles& files, std::string_view path) {
    for (const auto& [name, text] : files) {
        if (name == path) return text;
    }
    MCH_ASSERT(false && "no such embedded file");
    std::abort();
}

}  // namespace mch::app
