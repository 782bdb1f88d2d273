#include "mch/base/embedded.h"
#include "mch/http/server.h"

extern const mch::EmbeddedFiles kEmbedded_mch_http;

namespace mch::http {

Result<void> AddMessages(Catalogue& catalogue) {
    for (const auto& [path, content] : kEmbedded_mch_http) {
        const bool chinese = path == "messages/zh-CN.json";
        MCH_CHECK(catalogue.Add(chinese ? Catalogue::kChinese : Catalogue::kEnglish, content));
    }
    return {};
}

}  // namespace mch::http
