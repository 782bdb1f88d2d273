// From directives to the compiled Site.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "characters.h"
#include "mch/base/text.h"
#include "mime_types.h"
#include "site.h"
#include "tls.h"

namespace mch::http {
namespace {

using conf::Directive;

Error Wrapped(const Directive& directive, const Error& error) {
    return ConfError(directive, error.detail().empty() ? error.code() : error.detail());
}

Result<Template> CompileText(const Directive& directive, std::string_view text,
                             Escape escape = Escape::kNone) {
    auto compiled = Template::Compile(text, escape);
    if (!compiled) return Wrapped(directive, compiled.error());
    return compiled;
}

Result<int> ParseStatus(const Directive& directive, std::string_view text, int min) {
    const auto status = text::ParseInt(text);
    if (!status || *status < min || *status > 599) {
        return ConfError(directive, fmt::format("invalid status \"{}\"", text));
    }
    return static_cast<int>(*status);
}

class Builder {
  public:
    Builder(const Directive& root, const std::string& prefix) : root_(root), prefix_(prefix) {}

    Result<std::unique_ptr<Site>> Build() {
        if (const Directive* events = root_.Find("events")) {
            site_->worker_connections = events->Integer("worker_connections", 1024);
        }
        const long cores = std::max(1L, sysconf(_SC_NPROCESSORS_ONLN));
        site_->short_pool = {static_cast<int>(std::clamp(cores * 2, 4L, 16L)), 512};
        site_->bulk_pool = {2, 32};
        site_->hash_pool = {static_cast<int>(std::clamp(cores / 2, 1L, 4L)), 64};
        for (const Directive* http : root_.FindAll("http")) MCH_CHECK(BuildHttp(*http));
        return std::move(site_);
    }

  private:
    Result<void> BuildHttp(const Directive& http) {
        Settings settings;
        settings.types = std::make_shared<MimeTypes>(StandardMimeTypes());
        settings.body_folder = UnderPrefix(prefix_, "client_body_temp");
        site_->stream_heartbeat_ms = http.Duration("stream_heartbeat", site_->stream_heartbeat_ms);
        site_->stream_recheck_ms = http.Duration("stream_recheck", site_->stream_recheck_ms);
        site_->stream_queue = static_cast<std::size_t>(http.Size("stream_queue", 64 * 1024));
        for (const Directive* pool : http.FindAll("handler_pool")) MCH_CHECK(BuildPool(*pool));
        MCH_CHECK(BuildFormats(http));
        MCH_CHECK(Apply(http, settings));
        for (const Directive* server : http.FindAll("server")) {
            MCH_CHECK(BuildServer(http, *server, settings));
        }
        return {};
    }

    Result<void> BuildPool(const Directive& pool) {
        const std::string& name = pool.args[0];
        PoolSettings* target = name == "short"  ? &site_->short_pool
                               : name == "bulk" ? &site_->bulk_pool
                               : name == "hash" ? &site_->hash_pool
                                                : nullptr;
        if (target == nullptr) return ConfError(pool, "the pools are short, bulk and hash");
        for (std::size_t i = 1; i < pool.args.size(); ++i) {
            const std::string_view arg = pool.args[i];
            const std::size_t equals = arg.find('=');
            const std::string_view key = arg.substr(0, equals);
            const auto number =
                text::ParseInt(equals == arg.npos ? std::string_view{} : arg.substr(equals + 1));
            const bool threads = key == "threads";
            if ((!threads && key != "queue") || !number || *number < 1 ||
                *number > (threads ? 256 : 100'000)) {
                return ConfError(pool, fmt::format("invalid argument \"{}\"", arg));
            }
            if (threads) {
                target->threads = static_cast<int>(*number);
            } else {
                target->queue = static_cast<std::size_t>(*number);
            }
        }
        return {};
    }

    Result<void> BuildFormats(const Directive& http) {
        constexpr std::string_view kCombined =
            "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent "
            "\"$http_referer\" \"$http_user_agent\"";
        MCH_TRY(auto combined, CompileText(http, kCombined, Escape::kDefault));
        site_->log_formats.emplace("combined", std::move(combined));
        for (const Directive* format : http.FindAll("log_format")) {
            Escape escape = Escape::kDefault;
            std::string text;
            for (std::size_t i = 1; i < format->args.size(); ++i) {
                const std::string& arg = format->args[i];
                if (i > 1 || arg.substr(0, 7) != "escape=") {
                    text += arg;
                } else if (arg == "escape=json") {
                    escape = Escape::kJson;
                } else if (arg == "escape=none") {
                    escape = Escape::kNone;
                } else if (arg != "escape=default") {
                    return ConfError(*format, "escape is default, json or none");
                }
            }
            MCH_TRY(auto compiled, CompileText(*format, text, escape));
            if (!site_->log_formats.emplace(format->args[0], std::move(compiled)).second) {
                return ConfError(*format,
                                 fmt::format("duplicate log_format \"{}\"", format->args[0]));
            }
        }
        return {};
    }

    // Reads into `s` what `block` itself says; what it does not say stays as inherited.
    Result<void> Apply(const Directive& block, Settings& s) {
        s.sendfile = block.Flag("sendfile", s.sendfile);
        s.etag = block.Flag("etag", s.etag);
        s.gzip_static = block.Flag("gzip_static", s.gzip_static);
        s.server_tokens = block.Flag("server_tokens", s.server_tokens);
        s.tcp_nodelay = block.Flag("tcp_nodelay", s.tcp_nodelay);
        s.max_body = block.Size("client_max_body_size", s.max_body);
        s.body_buffer = static_cast<std::size_t>(
            block.Size("client_body_buffer_size", static_cast<std::int64_t>(s.body_buffer)));
        s.header_timeout_ms = block.Duration("client_header_timeout", s.header_timeout_ms);
        s.body_timeout_ms = block.Duration("client_body_timeout", s.body_timeout_ms);
        s.send_timeout_ms = block.Duration("send_timeout", s.send_timeout_ms);
        s.keepalive_timeout_ms = block.Duration("keepalive_timeout", s.keepalive_timeout_ms);
        s.keepalive_requests = block.Integer("keepalive_requests", s.keepalive_requests);
        s.lingering_time_ms = block.Duration("lingering_time", s.lingering_time_ms);
        s.lingering_timeout_ms = block.Duration("lingering_timeout", s.lingering_timeout_ms);
        s.handler_timeout_ms = block.Duration("handler_timeout", s.handler_timeout_ms);
        s.min_rate = std::max<std::int64_t>(1, block.Size("client_min_rate", s.min_rate));
        s.default_type = block.Text("default_type", s.default_type);
        s.charset = block.Text("charset", s.charset);
        if (s.charset == "off") s.charset.clear();
        s.real_ip_recursive = block.Flag("real_ip_recursive", s.real_ip_recursive);
        s.real_ip_header = text::ToLower(block.Text("real_ip_header", s.real_ip_header));
        if (const Directive* d = block.Find("root")) {
            if (d->args[0].find('$') != std::string::npos) {
                return ConfError(*d, "variables are not supported in \"root\"");
            }
            s.root = UnderPrefix(prefix_, d->args[0]);
        }
        if (const Directive* d = block.Find("index")) s.index = d->args;
        if (const Directive* d = block.Find("client_body_temp_path")) {
            s.body_folder = UnderPrefix(prefix_, d->args[0]);
        }
        if (const Directive* d = block.Find("large_client_header_buffers")) {
            s.header_line = static_cast<std::size_t>(*conf::ParseSize(d->args[1]));
            s.header_total = s.header_line * static_cast<std::size_t>(*conf::ParseSize(d->args[0]));
        }
        if (const Directive* d = block.Find("disable_symlinks")) {
            s.symlinks = d->args[0] == "on"    ? Symlinks::kRefuse
                         : d->args[0] == "off" ? Symlinks::kFollow
                                               : Symlinks::kInside;
        }
        if (const Directive* d = block.Find("types")) {
            auto types = std::make_shared<MimeTypes>();
            for (const Directive& line : d->children) {
                for (const std::string& extension : line.args) {
                    (*types)[text::ToLower(extension)] = line.name;
                }
            }
            s.types = std::move(types);
        }
        MCH_CHECK(ApplyLists(block, s));
        MCH_CHECK(ApplyFileCache(block, s));
        return ApplyExpires(block, s);
    }

    // Lists replace the inherited ones as a whole, as in nginx.
    Result<void> ApplyLists(const Directive& block, Settings& s) {
        if (const auto all = block.FindAll("add_header"); !all.empty()) {
            s.added_headers.clear();
            for (const Directive* d : all) {
                const bool always = d->args.size() == 3;
                if (always && d->args[2] != "always") return ConfError(*d, "expected \"always\"");
                if (!AllOf(d->args[0], kTokenChar) || !AllOf(d->args[1], kFieldChar)) {
                    return ConfError(*d, "invalid header");
                }
                MCH_TRY(auto value, CompileText(*d, d->args[1]));
                s.added_headers.push_back({d->args[0], std::move(value), always});
            }
        }
        if (const auto all = block.FindAll("error_page"); !all.empty()) {
            s.error_pages.clear();
            for (const Directive* d : all) MCH_CHECK(AddErrorPages(*d, s));
        }
        if (const auto all = block.FindAll("access_log"); !all.empty()) {
            s.logs.clear();
            for (const Directive* d : all) MCH_CHECK(AddLog(*d, s));
        }
        if (const auto all = block.FindAll("set_real_ip_from"); !all.empty()) {
            s.trusted_proxies.clear();
            for (const Directive* d : all) {
                const auto network = Network::Parse(d->args[0]);
                if (!network) return ConfError(*d, "invalid network");
                s.trusted_proxies.push_back(*network);
            }
        }
        if (block.Find("allow") != nullptr || block.Find("deny") != nullptr) {
            s.access.clear();
            for (const Directive& d : block.children) {
                if (d.name != "allow" && d.name != "deny") continue;
                AccessRule rule{d.name == "allow", Network::Parse(d.args[0])};
                if (!rule.network && d.args[0] != "all") return ConfError(d, "invalid network");
                s.access.push_back(rule);
            }
        }
        return {};
    }

    Result<void> AddErrorPages(const Directive& d, Settings& s) {
        ErrorPage page;
        page.target = d.args.back();
        std::size_t count = d.args.size() - 1;
        if (d.args[count - 1].front() == '=') {
            --count;
            page.answer_with = 0;  // "=": the status of the page itself
            if (d.args[count].size() > 1) {
                MCH_TRY(page.answer_with,
                        ParseStatus(d, std::string_view(d.args[count]).substr(1), 200));
            }
        }
        const bool url =
            page.target.substr(0, 7) == "http://" || page.target.substr(0, 8) == "https://";
        if (count == 0 || (page.target.front() != '/' && !url)) {
            return ConfError(d, "expected: CODE... [=[CODE]] PATH");
        }
        for (std::size_t i = 0; i < count; ++i) {
            MCH_TRY(page.status, ParseStatus(d, d.args[i], 300));
            s.error_pages.push_back(page);
        }
        return {};
    }

    Result<void> AddLog(const Directive& d, Settings& s) {
        if (d.args[0] == "off") return {};
        LogUse use{d.args[0] == "stderr" ? d.args[0] : UnderPrefix(prefix_, d.args[0]), "combined"};
        for (std::size_t i = 1; i < d.args.size(); ++i) {
            const std::string& arg = d.args[i];
            if (arg.substr(0, 7) == "buffer=") {
                const auto size = conf::ParseSize(arg.substr(7));
                if (!size || *size < 1 || *size > 16 * 1024 * 1024) {
                    return ConfError(d, "invalid buffer");
                }
                use.buffer = static_cast<std::size_t>(*size);
            } else if (arg.substr(0, 6) == "flush=") {
                const auto flush = conf::ParseDuration(arg.substr(6));
                if (!flush || *flush < 10) return ConfError(d, "invalid flush");
                use.flush_ms = *flush;
            } else if (i == 1) {
                use.format = arg;
            } else {
                return ConfError(d, fmt::format("unknown argument \"{}\"", arg));
            }
        }
        if (site_->log_formats.find(use.format) == site_->log_formats.end()) {
            return ConfError(d, fmt::format("unknown log_format \"{}\"", use.format));
        }
        s.logs.push_back(std::move(use));
        return {};
    }

    Result<void> ApplyFileCache(const Directive& block, Settings& s) {
        FileCacheSettings& cache = s.file_cache;
        cache.valid_ms = block.Duration("open_file_cache_valid", cache.valid_ms);
        cache.errors = block.Flag("open_file_cache_errors", cache.errors);
        const Directive* d = block.Find("open_file_cache");
        if (d == nullptr) return {};
        cache.max = 0;
        for (const std::string& arg : d->args) {
            if (arg == "off") continue;
            if (arg.substr(0, 4) == "max=") {
                const auto max = text::ParseInt(std::string_view(arg).substr(4));
                if (!max || *max < 1 || *max > 1'000'000) return ConfError(*d, "invalid max");
                cache.max = static_cast<std::size_t>(*max);
            } else if (arg.substr(0, 9) == "inactive=") {
                const auto inactive = conf::ParseDuration(arg.substr(9));
                if (!inactive) return ConfError(*d, "invalid inactive");
                cache.inactive_ms = *inactive;
            } else {
                return ConfError(*d, fmt::format("unknown argument \"{}\"", arg));
            }
        }
        if (d->args[0] != "off" && cache.max == 0) return ConfError(*d, "\"max=\" is missing");
        return {};
    }

    Result<void> ApplyExpires(const Directive& block, Settings& s) {
        const Directive* d = block.Find("expires");
        if (d == nullptr) return {};
        const std::string& arg = d->args[0];
        if (arg == "off") {
            s.expires.kind = Expires::Kind::kOff;
        } else if (arg == "epoch") {
            s.expires.kind = Expires::Kind::kEpoch;
        } else if (arg == "max") {
            s.expires.kind = Expires::Kind::kMax;
        } else {
            const bool negative = arg.front() == '-';
            const auto duration = conf::ParseDuration(negative ? arg.substr(1) : arg);
            if (!duration) return ConfError(*d, "invalid time");
            s.expires = {Expires::Kind::kSeconds, (negative ? -1 : 1) * *duration / 1000};
        }
        return {};
    }

    Result<void> BuildReturn(const Directive& block, Return& out) {
        const Directive* d = block.Find("return");
        if (d == nullptr) return {};
        const std::string& first = d->args[0];
        if (d->args.size() == 1 && first.find("://") != std::string::npos) {
            out.status = 302;
            MCH_TRY(out.text, CompileText(*d, first));
            return {};
        }
        MCH_TRY(out.status, ParseStatus(*d, first, 200));
        if (d->args.size() == 2) {
            MCH_TRY(out.text, CompileText(*d, d->args[1]));
        }
        return {};
    }

    Result<void> BuildTryFiles(const Directive& block, Location& out) {
        const Directive* d = block.Find("try_files");
        if (d == nullptr) return {};
        out.try_files.clear();
        out.try_status = 0;
        for (const std::string& arg : d->args) {
            if (&arg == &d->args.back() && arg.front() == '=') {
                MCH_TRY(out.try_status, ParseStatus(*d, std::string_view(arg).substr(1), 200));
            } else {
                MCH_TRY(auto compiled, CompileText(*d, arg));
                out.try_files.push_back(std::move(compiled));
            }
        }
        return {};
    }

    Result<void> BuildServer(const Directive& http, const Directive& block,
                             const Settings& inherited) {
        auto server = std::make_unique<ServerBlock>();
        static_cast<Settings&>(*server) = inherited;
        MCH_CHECK(Apply(block, *server));
        MCH_CHECK(BuildReturn(block, server->answer));
        for (const Directive* d : block.FindAll("server_name")) {
            for (const std::string& name : d->args) MCH_CHECK(AddName(*d, name, *server));
        }
        if (!server->names.empty()) server->name = server->names[0];

        server->fallback = std::make_unique<Location>();
        static_cast<Settings&>(*server->fallback) = *server;
        MCH_CHECK(BuildTryFiles(block, *server->fallback));
        if (block.Find("stub_status") != nullptr) server->fallback->content = Content::kStubStatus;
        for (const Directive* location : block.FindAll("location")) {
            MCH_CHECK(BuildLocation(*location, *server));
        }
        MCH_CHECK(BuildTls(http, block, *server));

        std::vector<const Directive*> listens = block.FindAll("listen");
        Directive standard = block;
        standard.args = {"*:80"};
        if (listens.empty()) listens = {&standard};
        for (const Directive* d : listens) {
            MCH_TRY(ListenAddress listen, ParseListen(*d, prefix_));
            if (listen.ssl && server->tls == nullptr) {
                return ConfError(*d, "\"listen ... ssl\" needs ssl_certificate");
            }
            site_->by_socket[listen.text].Add(server.get(), listen.default_server);
            server->listens.push_back(std::move(listen));
        }
        site_->servers.push_back(std::move(server));
        return {};
    }

    Result<void> AddName(const Directive& d, const std::string& name, ServerBlock& server) {
        if (name.empty()) {
            return ConfError(d, "an empty server_name is not supported");
        }
        if (name.front() == '~') {
            auto regex = Regex::Compile(name.substr(1), Case::kInsensitive);
            if (!regex) return Wrapped(d, regex.error());
            server.names.push_back(name);
            return {};
        }
        const std::size_t star = name.find('*');
        const bool leading = star == 0 && name.size() > 2 && name[1] == '.';
        const bool trailing = star == name.size() - 1 && star > 1 && name[star - 1] == '.';
        if (star != name.npos &&
            ((!leading && !trailing) || name.find('*', star + 1) != name.npos)) {
            return ConfError(d, fmt::format("invalid wildcard \"{}\"", name));
        }
        server.names.push_back(text::ToLower(name));
        return {};
    }

    Result<void> BuildLocation(const Directive& block, ServerBlock& server) {
        auto location = std::make_unique<Location>();
        static_cast<Settings&>(*location) = server;
        const std::string& modifier = block.args[0];
        location->pattern = block.args.back();
        if (block.args.size() == 2) {
            if (modifier == "=") {
                location->match = Location::Match::kExact;
            } else if (modifier == "^~") {
                location->match = Location::Match::kPriorityPrefix;
            } else if (modifier == "~" || modifier == "~*") {
                location->match = Location::Match::kRegex;
                auto regex = Regex::Compile(
                    location->pattern, modifier == "~" ? Case::kSensitive : Case::kInsensitive);
                if (!regex) return Wrapped(block, regex.error());
                location->regex = std::move(*regex);
            } else {
                return ConfError(block, fmt::format("invalid location modifier \"{}\"", modifier));
            }
        }
        for (const auto& other : server.locations) {
            const bool regex = location->match == Location::Match::kRegex;
            const bool exact = location->match == Location::Match::kExact;
            if (!regex && other->match != Location::Match::kRegex &&
                exact == (other->match == Location::Match::kExact) &&
                other->pattern == location->pattern) {
                return ConfError(block,
                                 fmt::format("duplicate location \"{}\"", location->pattern));
            }
        }
        MCH_CHECK(Apply(block, *location));
        MCH_CHECK(BuildReturn(block, location->answer));
        MCH_CHECK(BuildTryFiles(block, *location));
        if (const Directive* d = block.Find("alias")) {
            if (location->match == Location::Match::kRegex) {
                return ConfError(*d, "\"alias\" needs a location without a pattern");
            }
            location->alias = UnderPrefix(prefix_, d->args[0]);
        }
        int contents = 0;
        const auto use = [&](bool wanted, Content content) {
            if (!wanted) return;
            location->content = content;
            ++contents;
        };
        use(location->answer.status != 0, Content::kReturn);
        use(block.Flag("module_routes", false), Content::kRoutes);
        use(block.Find("metrics") != nullptr, Content::kMetrics);
        use(block.Find("stub_status") != nullptr, Content::kStubStatus);
        if (contents > 1) return ConfError(block, "two directives that answer in one location");
        const auto place =
            std::upper_bound(server.locations.begin(), server.locations.end(), location,
                             [](const auto& a, const auto& b) { return StandsBefore(*a, *b); });
        server.locations.insert(place, std::move(location));
        return {};
    }

    // Exact ones, then prefixes from long to short, then patterns in the order of the file.
    static bool StandsBefore(const Location& a, const Location& b) {
        const auto rank = [](const Location& location) {
            switch (location.match) {
                case Location::Match::kExact:
                    return 0;
                case Location::Match::kPrefix:
                case Location::Match::kPriorityPrefix:
                    return 1;
                case Location::Match::kRegex:
                    return 2;
            }
            return 3;
        };
        if (rank(a) != rank(b)) return rank(a) < rank(b);
        return rank(a) == 1 && a.pattern.size() > b.pattern.size();
    }

    Result<void> BuildTls(const Directive& http, const Directive& block, ServerBlock& server) {
        const auto find = [&](std::string_view name) -> const Directive* {
            const Directive* own = block.Find(name);
            return own != nullptr ? own : http.Find(name);
        };
        const Directive* certificate = find("ssl_certificate");
        const Directive* key = find("ssl_certificate_key");
        if (certificate == nullptr && key == nullptr) return {};
        if (certificate == nullptr) return ConfError(*key, "\"ssl_certificate\" is missing");
        if (key == nullptr) return ConfError(*certificate, "\"ssl_certificate_key\" is missing");
        TlsSettings tls;
        tls.certificate = UnderPrefix(prefix_, certificate->args[0]);
        tls.key = UnderPrefix(prefix_, key->args[0]);
        if (const Directive* d = find("ssl_protocols")) {
            tls.protocols.clear();
            for (const std::string& name : d->args) {
                tls.protocols += (tls.protocols.empty() ? "" : " ") + name;
            }
        }
        if (const Directive* d = find("ssl_ciphers")) tls.ciphers = d->args[0];
        tls.session_timeout_ms = block.Duration(
            "ssl_session_timeout", http.Duration("ssl_session_timeout", tls.session_timeout_ms));
        tls.session_tickets =
            block.Flag("ssl_session_tickets", http.Flag("ssl_session_tickets", true));
        auto context = TlsContext::Create(tls);
        if (!context) return Wrapped(*certificate, context.error());
        server.tls = std::move(*context);
        return {};
    }

    const Directive& root_;
    const std::string& prefix_;
    std::unique_ptr<Site> site_ = std::make_unique<Site>();
};

}  // namespace

Result<std::unique_ptr<Site>> Site::Build(const Directive& root, const std::string& prefix) {
    return Builder(root, prefix).Build();
}

Result<void> CheckConfiguration(const Directive& root, const std::string& prefix) {
    MCH_CHECK(CollectListeners(root, prefix));
    MCH_CHECK(Site::Build(root, prefix));
    return {};
}

}  // namespace mch::http
