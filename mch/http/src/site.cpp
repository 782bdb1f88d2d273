#include "site.h"

#include <fmt/format.h>

#include <algorithm>

#include "characters.h"
#include "mch/base/text.h"

namespace mch::http {

Error ConfError(const conf::Directive& directive, std::string_view message) {
    return Invalid("conf.invalid", fmt::format("{}: {}", directive.Where(), message));
}

std::string UnderPrefix(const std::string& prefix, const std::string& path) {
    if (path.empty() || path.front() == '/' || prefix.empty()) return path;
    return prefix.back() == '/' ? prefix + path : prefix + "/" + path;
}

Result<ListenAddress> ParseListen(const conf::Directive& directive, const std::string& prefix) {
    ListenAddress listen;
    std::string_view address = directive.args[0];
    if (address.substr(0, 5) == "unix:") {
        listen.unix_path = UnderPrefix(prefix, std::string(address.substr(5)));
        listen.text = "unix:" + listen.unix_path;
    } else {
        std::string_view host = address;
        std::string_view port = "80";
        const std::size_t colon = address.rfind(':');
        const std::size_t bracket = address.rfind(']');
        if (colon != address.npos && (bracket == address.npos || colon > bracket)) {
            host = address.substr(0, colon);
            port = address.substr(colon + 1);
        } else if (AllOf(address, kDigitChar)) {
            host = "*";
            port = address;
        }
        const auto number = text::ParseInt(port);
        if (!number || *number < 0 || *number > 65535) return ConfError(directive, "invalid port");
        listen.port = static_cast<int>(*number);
        const bool v6 = host.size() > 2 && host.front() == '[' && host.back() == ']';
        if (v6) host = host.substr(1, host.size() - 2);
        if (host == "*") host = "0.0.0.0";
        if (host == "localhost") host = "127.0.0.1";
        const auto parsed = Address::Parse(host);
        if (!parsed || v6 != (host.find(':') != host.npos)) {
            return ConfError(directive, fmt::format("invalid address \"{}\"", address));
        }
        listen.host = parsed->ToText();
        listen.text = v6 ? fmt::format("[{}]:{}", listen.host, listen.port)
                         : fmt::format("{}:{}", listen.host, listen.port);
    }
    for (std::size_t i = 1; i < directive.args.size(); ++i) {
        const std::string_view option = directive.args[i];
        if (option == "ssl") {
            listen.ssl = true;
        } else if (option == "default_server") {
            listen.default_server = true;
        } else if (option == "reuseport") {
            listen.reuseport = true;
        } else if (option.substr(0, 8) == "backlog=") {
            const auto backlog = text::ParseInt(option.substr(8));
            if (!backlog || *backlog < 1 || *backlog > 65535) {
                return ConfError(directive, "invalid backlog");
            }
            listen.backlog = static_cast<int>(*backlog);
        } else {
            return ConfError(directive, fmt::format("unknown option \"{}\" of listen", option));
        }
    }
    return listen;
}

Result<std::vector<ListenAddress>> CollectListeners(const conf::Directive& root,
                                                    const std::string& prefix) {
    std::vector<ListenAddress> out;
    for (const conf::Directive* http : root.FindAll("http")) {
        for (const conf::Directive* server : http->FindAll("server")) {
            std::vector<const conf::Directive*> directives = server->FindAll("listen");
            conf::Directive standard = *server;
            standard.args = {"*:80"};
            if (directives.empty()) directives = {&standard};
            for (const conf::Directive* directive : directives) {
                MCH_TRY(ListenAddress listen, ParseListen(*directive, prefix));
                const auto same = std::find_if(out.begin(), out.end(), [&](const auto& other) {
                    return other.text == listen.text && listen.text.find(":0") == listen.text.npos;
                });
                if (same == out.end()) {
                    out.push_back(std::move(listen));
                    continue;
                }
                if (same->ssl != listen.ssl) {
                    return ConfError(*directive, "the same address with and without \"ssl\"");
                }
                same->reuseport |= listen.reuseport;
                same->default_server |= listen.default_server;
                same->backlog = std::max(same->backlog, listen.backlog);
            }
        }
    }
    return out;
}

const Location* ServerBlock::FindLocation(std::string_view path,
                                          std::vector<std::string>* captures) const {
    // Sorted at build time: exact ones, then prefixes from long to short, then patterns in order.
    const Location* prefix = nullptr;
    for (const auto& location : locations) {
        switch (location->match) {
            case Location::Match::kExact:
                if (path == location->pattern) return location.get();
                break;
            case Location::Match::kPrefix:
            case Location::Match::kPriorityPrefix:
                if (prefix != nullptr ||
                    path.substr(0, location->pattern.size()) != location->pattern) {
                    break;
                }
                if (location->match == Location::Match::kPriorityPrefix) return location.get();
                prefix = location.get();
                break;
            case Location::Match::kRegex:
                switch (location->regex->Search(path, captures)) {
                    case Regex::Match::kYes:
                        return location.get();
                    case Regex::Match::kNo:
                        break;
                    case Regex::Match::kLimit:
                        return nullptr;
                }
                break;
        }
    }
    return prefix != nullptr ? prefix : fallback.get();
}

void VirtualServers::Add(const ServerBlock* server, bool is_default) {
    if (default_ == nullptr || (is_default && !explicit_default_)) default_ = server;
    explicit_default_ |= is_default;
    for (const std::string& name : server->names) {
        if (name.front() == '~') {
            // Checked when the server was built.
            auto regex = Regex::Compile(name.substr(1), Case::kInsensitive);
            MCH_ASSERT(regex);
            patterns_.emplace_back(std::move(*regex), server);
        } else if (name.front() == '.') {
            exact_.emplace(name.substr(1), server);
            leading_.emplace(name, server);
        } else if (name.front() == '*') {
            leading_.emplace(name.substr(1), server);
        } else if (name.back() == '*') {
            trailing_.emplace(name.substr(0, name.size() - 1), server);
        } else {
            exact_.emplace(name, server);
        }
    }
}

const ServerBlock* VirtualServers::Find(std::string_view host) const {
    if (const auto it = exact_.find(host); it != exact_.end()) return it->second;
    if (!leading_.empty()) {
        for (std::size_t dot = host.find('.'); dot != host.npos; dot = host.find('.', dot + 1)) {
            if (const auto it = leading_.find(host.substr(dot)); it != leading_.end()) {
                return it->second;
            }
        }
    }
    if (!trailing_.empty()) {
        for (std::size_t dot = host.rfind('.'); dot != host.npos && dot > 0;
             dot = host.rfind('.', dot - 1)) {
            if (const auto it = trailing_.find(host.substr(0, dot + 1)); it != trailing_.end()) {
                return it->second;
            }
        }
    }
    for (const auto& [regex, server] : patterns_) {
        if (regex.Search(host, nullptr) == Regex::Match::kYes) return server;
    }
    return default_;
}

}  // namespace mch::http
