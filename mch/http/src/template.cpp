#include "template.h"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "characters.h"
#include "exchange.h"
#include "mch/http/router.h"
#include "site.h"

namespace mch::http {
namespace {

using Argument = const std::string&;

void AppendInt(std::string& out, std::int64_t value) {
    fmt::format_int text(value);
    out.append(text.data(), text.size());
}

// Seconds with milliseconds, as nginx writes times.
void AppendSeconds(std::string& out, std::int64_t ms) {
    AppendInt(out, ms / 1000);
    const auto rest = static_cast<int>(ms % 1000);
    out.push_back('.');
    out.push_back(static_cast<char>('0' + rest / 100));
    out.push_back(static_cast<char>('0' + rest / 10 % 10));
    out.push_back(static_cast<char>('0' + rest % 10));
}

void AppendLocalTime(std::string& out, TimeMs at, const char* format, bool colon) {
    // One text serves all lines of a second.
    struct Cached {
        std::int64_t second = -1;
        std::string text;
    };
    thread_local std::array<Cached, 2> cache;
    Cached& cached = cache[colon ? 1 : 0];
    if (cached.second != at / 1000) {
        cached.second = at / 1000;
        const auto seconds = static_cast<time_t>(cached.second);
        tm local{};
        localtime_r(&seconds, &local);
        std::array<char, 64> text{};
        std::size_t size = strftime(text.data(), text.size(), format, &local);
        cached.text.assign(text.data(), size);
        // ISO 8601 writes the zone as +08:00; strftime gives +0800.
        if (colon) cached.text.insert(cached.text.size() - 2, 1, ':');
    }
    out += cached.text;
}

std::string_view CookieValue(std::string_view cookies, std::string_view name) {
    while (!cookies.empty()) {
        const std::size_t end = cookies.find(';');
        const std::string_view pair = TrimBlanks(cookies.substr(0, end));
        const std::size_t equals = pair.find('=');
        if (equals != pair.npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
        cookies = end == cookies.npos ? std::string_view{} : cookies.substr(end + 1);
    }
    return {};
}

std::string_view ArgumentValue(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        const std::size_t equals = pair.find('=');
        if (equals != pair.npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
        query = end == query.npos ? std::string_view{} : query.substr(end + 1);
    }
    return {};
}

struct Variable {
    std::string_view name;
    void (*read)(std::string& out, const Exchange& x, Argument argument);
};

// In the order of the reference page; looked up when the configuration is compiled only.
constexpr std::array kVariables = {
    Variable{"remote_addr", [](std::string& o, const Exchange& x, Argument) { o += x.client_text; }},
    Variable{"realip_remote_addr",
             [](std::string& o, const Exchange& x, Argument) { o += x.peer_text; }},
    Variable{"remote_user", [](std::string& o, const Exchange& x, Argument) { o += x.account; }},
    Variable{"request", [](std::string& o, const Exchange& x, Argument) { o += x.head.line; }},
    Variable{"request_method",
             [](std::string& o, const Exchange& x, Argument) { o += x.head.method; }},
    Variable{"request_uri",
             [](std::string& o, const Exchange& x, Argument) { o += x.head.target; }},
    Variable{"uri", [](std::string& o, const Exchange& x, Argument) { o += x.path; }},
    Variable{"document_uri", [](std::string& o, const Exchange& x, Argument) { o += x.path; }},
    Variable{"args", [](std::string& o, const Exchange& x, Argument) { o += x.target.query; }},
    Variable{"query_string",
             [](std::string& o, const Exchange& x, Argument) { o += x.target.query; }},
    Variable{"is_args", [](std::string& o, const Exchange& x,
                           Argument) { o += x.target.query.empty() ? "" : "?"; }},
    Variable{"host", [](std::string& o, const Exchange& x, Argument) {
                 if (!x.host.empty()) {
                     o += x.host;
                 } else if (x.server != nullptr) {
                     o += x.server->name;
                 }
             }},
    Variable{"server_name", [](std::string& o, const Exchange& x, Argument) {
                 if (x.server != nullptr) o += x.server->name;
             }},
    Variable{"server_port",
             [](std::string& o, const Exchange& x, Argument) { AppendInt(o, x.server_port); }},
    Variable{"server_protocol", [](std::string& o, const Exchange& x, Argument) {
                 o += x.head.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
             }},
    Variable{"scheme", [](std::string& o, const Exchange& x,
                          Argument) { o += x.https ? "https" : "http"; }},
    Variable{"https", [](std::string& o, const Exchange& x, Argument) { o += x.https ? "on" : ""; }},
    Variable{"status", [](std::string& o, const Exchange& x, Argument) {
                 if (x.status == 0) {
                     o += "000";
                 } else {
                     AppendInt(o, x.status);
                 }
             }},
    Variable{"body_bytes_sent",
             [](std::string& o, const Exchange& x, Argument) { AppendInt(o, x.body_bytes_sent); }},
    Variable{"bytes_sent",
             [](std::string& o, const Exchange& x, Argument) { AppendInt(o, x.bytes_sent); }},
    Variable{"request_length",
             [](std::string& o, const Exchange& x, Argument) { AppendInt(o, x.request_length); }},
    Variable{"request_time", [](std::string& o, const Exchange& x, Argument) {
                 AppendSeconds(o, std::max<std::int64_t>(x.finished_us - x.started_us, 0) / 1000);
             }},
    Variable{"msec",
             [](std::string& o, const Exchange& x, Argument) { AppendSeconds(o, x.finished_at); }},
    Variable{"time_local", [](std::string& o, const Exchange& x, Argument) {
                 AppendLocalTime(o, x.finished_at, "%d/%b/%Y:%H:%M:%S %z", false);
             }},
    Variable{"time_iso8601", [](std::string& o, const Exchange& x, Argument) {
                 AppendLocalTime(o, x.finished_at, "%Y-%m-%dT%H:%M:%S%z", true);
             }},
    Variable{"connection",
             [](std::string& o, const Exchange& x, Argument) { AppendInt(o, x.connection_id); }},
    Variable{"connection_requests", [](std::string& o, const Exchange& x,
                                       Argument) { AppendInt(o, x.connection_requests); }},
    Variable{"trace_id", [](std::string& o, const Exchange& x, Argument) { o += x.TraceId(); }},
    Variable{"request_id", [](std::string& o, const Exchange& x, Argument) { o += x.TraceId(); }},
    Variable{"route", [](std::string& o, const Exchange& x, Argument) {
                 if (x.route != nullptr) o += x.route->pattern;
             }},
    Variable{"pid",
             [](std::string& o, const Exchange&, Argument) { AppendInt(o, ::getpid()); }},
};

void AppendEscaped(std::string& out, std::string_view value, Escape escape) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    if (escape == Escape::kDefault && value.empty()) {
        out.push_back('-');
        return;
    }
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (escape == Escape::kJson) {
            if (c == '"' || c == '\\') {
                out.push_back('\\');
                out.push_back(c);
            } else if (byte < 0x20 || byte >= 0x7f) {
                // Bytes of a request need not be UTF-8; a JSON line always is.
                out += "\\u00";
                out.push_back(kHex[byte >> 4]);
                out.push_back(kHex[byte & 15]);
            } else {
                out.push_back(c);
            }
        } else if (c == '"' || c == '\\' || byte < 0x20 || byte >= 0x7f) {
            out += "\\x";
            out.push_back(kHex[byte >> 4]);
            out.push_back(kHex[byte & 15]);
        } else {
            out.push_back(c);
        }
    }
}

}  // namespace

Template::Read Template::Find(std::string_view name, std::string* argument) {
    for (const Variable& variable : kVariables) {
        if (variable.name == name) return variable.read;
    }
    const auto take = [&](std::string_view prefix) {
        if (name.size() <= prefix.size() || name.substr(0, prefix.size()) != prefix) return false;
        *argument = name.substr(prefix.size());
        return true;
    };
    if (take("http_")) {
        std::replace(argument->begin(), argument->end(), '_', '-');
        return [](std::string& o, const Exchange& x, Argument a) { o += x.head.Find(a); };
    }
    if (take("cookie_")) {
        return [](std::string& o, const Exchange& x, Argument a) {
            o += CookieValue(x.head.Find("cookie"), a);
        };
    }
    if (take("arg_")) {
        return [](std::string& o, const Exchange& x, Argument a) {
            o += ArgumentValue(x.target.query, a);
        };
    }
    if (name.size() == 1 && Is(name[0], kDigitChar)) {
        *argument = name;
        return [](std::string& o, const Exchange& x, Argument a) {
            const auto index = static_cast<std::size_t>(a[0] - '0');
            if (index < x.captures.size()) o += x.captures[index];
        };
    }
    return nullptr;
}

Result<Template> Template::Compile(std::string_view text, Escape escape) {
    Template out;
    out.escape_ = escape;
    std::string literal;
    const auto flush = [&] {
        if (!literal.empty()) out.pieces_.push_back({std::move(literal), nullptr});
        literal.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '$') {
            literal.push_back(text[i]);
            continue;
        }
        std::string_view name;
        if (i + 1 < text.size() && text[i + 1] == '{') {
            const std::size_t close = text.find('}', i);
            if (close == text.npos) return Invalid("http.variable", "\"${\" without \"}\"");
            name = text.substr(i + 2, close - i - 2);
            i = close;
        } else {
            std::size_t end = i + 1;
            const auto is_name = [](char c) {
                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                       Is(c, kDigitChar);
            };
            if (end < text.size() && Is(text[end], kDigitChar)) {
                ++end;
            } else {
                while (end < text.size() && is_name(text[end])) ++end;
            }
            name = text.substr(i + 1, end - i - 1);
            i = end - 1;
        }
        std::string argument;
        const Read read = Find(name, &argument);
        if (read == nullptr) {
            return Invalid("http.variable", fmt::format("unknown variable \"${}\"", name));
        }
        flush();
        out.pieces_.push_back({std::move(argument), read});
    }
    flush();
    return out;
}

void Template::AppendTo(std::string& out, const Exchange& exchange) const {
    for (const Piece& piece : pieces_) {
        if (piece.read == nullptr) {
            out += piece.text;
        } else if (escape_ == Escape::kNone) {
            piece.read(out, exchange, piece.text);
        } else {
            thread_local std::string value;
            value.clear();
            piece.read(value, exchange, piece.text);
            AppendEscaped(out, value, escape_);
        }
    }
}

}  // namespace mch::http
