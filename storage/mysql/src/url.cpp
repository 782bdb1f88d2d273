#include "url.h"

#include <algorithm>

#include "mch/base/text.h"

namespace mch::storage {
namespace {

Error Bad(const char* detail) { return Invalid("db.url", detail); }

bool IsDatabaseName(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

Result<std::string> Decode(std::string_view encoded) {
    auto decoded = text::PercentDecode(encoded, false);
    if (!decoded || decoded->find('\0') != std::string::npos) return Bad("bad percent encoding");
    return std::move(*decoded);
}

Result<void> SetParameter(MysqlUrl& url, std::string_view name, std::string value) {
    if (name == "socket") {
        url.socket = std::move(value);
    } else if (name == "password_file") {
        url.password_file = std::move(value);
    } else if (name == "tls_ca") {
        url.tls_ca = std::move(value);
    } else if (name == "relaxed_durability" && value == "1") {
        url.relaxed_durability = true;
    } else {
        return Bad("unknown parameter");
    }
    return {};
}

Result<void> ParseAddress(MysqlUrl& url, std::string_view address) {
    std::string_view port;
    if (address.starts_with('[')) {  // [IPv6]
        const std::size_t end = address.find(']');
        if (end == std::string_view::npos) return Bad("missing ] after an IPv6 address");
        url.host = address.substr(1, end - 1);
        port = address.substr(end + 1);
        if (!port.empty() && port[0] != ':') return Bad("bad port");
        if (!port.empty()) port.remove_prefix(1);
    } else {
        const std::size_t colon = address.find(':');
        url.host = address.substr(0, colon);
        if (colon != std::string_view::npos) port = address.substr(colon + 1);
    }
    if (port.empty()) return {};
    const auto number = text::ParseInt(port);
    if (!number || *number < 1 || *number > 65535) return Bad("bad port");
    url.port = static_cast<unsigned>(*number);
    return {};
}

}  // namespace

Result<MysqlUrl> ParseMysqlUrl(std::string_view text) {
    constexpr std::string_view kScheme = "mysql://";
    if (!text.starts_with(kScheme)) return Bad("expected mysql://user@host/name");
    text.remove_prefix(kScheme.size());

    const std::size_t question = text.find('?');
    const std::string_view query =
        question == std::string_view::npos ? std::string_view() : text.substr(question + 1);
    text = text.substr(0, question);
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return Bad("no database name");
    const std::string_view authority = text.substr(0, slash);

    MysqlUrl url;
    url.database = text.substr(slash + 1);
    if (!IsDatabaseName(url.database)) return Bad("a database name has letters, digits and _ only");
    const std::size_t at = authority.rfind('@');
    if (at == std::string_view::npos || at == 0) return Bad("no user");
    const std::string_view account = authority.substr(0, at);
    const std::size_t colon = account.find(':');
    MCH_TRY(url.user, Decode(account.substr(0, colon)));
    if (colon != std::string_view::npos) {
        MCH_TRY(url.password, Decode(account.substr(colon + 1)));
    }
    MCH_CHECK(ParseAddress(url, authority.substr(at + 1)));

    if (!query.empty()) {
        for (const std::string_view pair : text::Split(query, '&')) {
            const std::size_t equals = pair.find('=');
            if (equals == std::string_view::npos) return Bad("a parameter has no value");
            MCH_TRY(std::string value, Decode(pair.substr(equals + 1)));
            MCH_CHECK(SetParameter(url, pair.substr(0, equals), std::move(value)));
        }
    }
    if (url.host.empty() == url.socket.empty()) return Bad("give a host or a socket");
    return url;
}

}  // namespace mch::storage
