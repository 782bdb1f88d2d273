// Static files and the fixed answers of `return`, `metrics` and `stub_status`.
#include <fmt/format.h>

#include <cerrno>

#include "characters.h"
#include "connection.h"
#include "mch/base/text.h"
#include "mch/log/log.h"
#include "problem.h"
#include "ranges.h"

namespace mch::http {
namespace {

// True when the method reads; otherwise it has been answered.
bool OnlyReads(Connection& connection) {
    const std::string_view method = connection.exchange().head.method;
    if (method == "GET" || method == "HEAD" || connection.exchange().error_status != 0) return true;
    if (method == "OPTIONS") {
        Answer answer;
        answer.status = 204;
        answer.headers = "Allow: GET, HEAD, OPTIONS\r\n";
        connection.Send(std::move(answer));
        return false;
    }
    connection.SendError(405, "Allow: GET, HEAD, OPTIONS\r\n");
    return false;
}

class StaticHandler final : public ContentHandler {
  public:
    void Handle(Connection& connection) override {
        if (!OnlyReads(connection)) return;
        const Location& location = connection.location();
        if (location.try_files.empty()) {
            Serve(connection, connection.exchange().path);
            return;
        }
        const std::size_t tries = location.try_files.size() - (location.try_status == 0 ? 1 : 0);
        for (std::size_t i = 0; i < tries; ++i) {
            const std::string path = location.try_files[i].Evaluate(connection.exchange());
            const FileLookup found = Find(connection, path);
            // "$uri/" asks for a folder, "$uri" for a file.
            const bool folder = !path.empty() && path.back() == '/';
            if (found.file == nullptr || found.file->folder != folder) continue;
            Serve(connection, path);
            return;
        }
        if (location.try_status != 0) {
            connection.SendError(location.try_status);
            return;
        }
        connection.Redirect(location.try_files.back().Evaluate(connection.exchange()));
    }

  private:
    static FileLookup Find(Connection& connection, std::string_view path,
                           std::string_view suffix = {}) {
        const Location& location = connection.location();
        Core& core = connection.core();
        const std::int64_t now = core.loop->NowMs();
        std::string root = location.root;
        std::string relative(path);
        if (!location.alias.empty()) {
            root = location.alias;
            const std::size_t cut =
                location.match == Location::Match::kRegex ? 0 : location.pattern.size();
            relative = path.substr(std::min(cut, path.size()));
            if (relative.empty() && root.back() != '/') {
                // An alias of one file: its folder is the root.
                const std::size_t slash = root.rfind('/');
                relative = root.substr(slash + 1);
                root.resize(std::max<std::size_t>(slash, 1));
            } else if (root.back() != '/' && relative.front() != '/') {
                return {nullptr, ENOENT};
            }
        }
        if (root.empty()) return {nullptr, ENOENT};
        if (!relative.empty() && relative.front() == '/') relative.erase(0, 1);
        relative += suffix;
        return core.files.Find(root, relative, location, now);
    }

    void Serve(Connection& connection, std::string_view path_view) {
        Exchange& x = connection.exchange();
        const std::string path(path_view);
        FileLookup found = Find(connection, path);
        if (found.file == nullptr) {
            const bool missing = found.error == ENOENT || found.error == ENOTDIR ||
                                 found.error == ENAMETOOLONG || found.error == ENXIO;
            if (!missing) {
                MCH_LOG(kError, "file cannot be opened",
                        {{"path", path}, {"error", std::strerror(found.error)}});
            }
            connection.SendError(missing ? 404 : 403);
            return;
        }
        if (found.file->folder) {
            ServeFolder(connection, path);
            return;
        }
        if (path.back() == '/') {
            connection.SendError(404);
            return;
        }
        Answer answer;
        const Location& location = connection.location();
        if (location.gzip_static) {
            answer.headers += "Vary: Accept-Encoding\r\n";
            if (AcceptsGzip(x.head.Find("accept-encoding"))) {
                FileLookup packed = Find(connection, path, ".gz");
                if (packed.file != nullptr && !packed.file->folder) {
                    found = std::move(packed);
                    answer.headers += "Content-Encoding: gzip\r\n";
                }
            }
        }
        SendFile(connection, path, std::move(found.file), std::move(answer));
    }

    static void ServeFolder(Connection& connection, const std::string& path) {
        Exchange& x = connection.exchange();
        if (path.back() != '/') {
            Answer answer;
            answer.status = 301;
            // As sent, so that nothing decoded gets into a header.
            std::string_view target = x.head.target;
            const std::string_view raw = target.substr(0, target.find('?'));
            if (raw.empty() || raw.front() != '/' || raw.substr(0, 2) == "//" || x.redirects > 0) {
                connection.SendError(404);
                return;
            }
            answer.headers = fmt::format("Location: {}/{}{}\r\n", raw,
                                         x.target.query.empty() ? "" : "?", x.target.query);
            connection.Send(std::move(answer));
            return;
        }
        for (const std::string& index : connection.location().index) {
            const FileLookup found = Find(connection, path + index);
            if (found.file == nullptr || found.file->folder) continue;
            connection.Redirect(path + index);
            return;
        }
        connection.SendError(403);
    }

    static void SendFile(Connection& connection, std::string_view path,
                         std::shared_ptr<const OpenFile> file, Answer answer) {
        const Exchange& x = connection.exchange();
        const Location& location = connection.location();
        const std::string_view etag = location.etag ? std::string_view(file->etag) : "";
        answer.headers.append("Last-Modified: ").append(file->last_modified).append("\r\n");
        if (!etag.empty()) answer.headers.append("ETag: ").append(etag).append("\r\n");
        std::string typed;
        if (x.error_status == 0) {
            if (IsNotModified(x.head, etag, file->modified)) {
                answer.status = 304;
                connection.Send(std::move(answer));
                return;
            }
            answer.headers += "Accept-Ranges: bytes\r\n";
            const ByteRange range = ChooseRange(x.head, file->size, etag, file->modified);
            if (range.kind == ByteRange::Kind::kUnsatisfiable) {
                connection.SendError(416, fmt::format("Content-Range: bytes */{}\r\n", file->size));
                return;
            }
            answer.offset = range.offset;
            answer.length = range.length;
            if (range.kind == ByteRange::Kind::kPart) {
                answer.status = 206;
                answer.headers += fmt::format("Content-Range: bytes {}-{}/{}\r\n", range.offset,
                                              range.offset + range.length - 1, file->size);
            }
        } else {
            answer.length = file->size;
        }
        answer.content_type = TypeOf(location, path, typed);
        answer.file = std::move(file);
        connection.Send(std::move(answer));
    }

    static std::string_view TypeOf(const Location& location, std::string_view path,
                                   std::string& storage) {
        const std::size_t dot = path.rfind('.');
        const std::size_t slash = path.rfind('/');
        std::string_view type = location.default_type;
        if (dot != path.npos && (slash == path.npos || dot > slash)) {
            std::string extension(path.substr(dot + 1));
            for (char& c : extension) c = LowerChar(c);
            const auto it = location.types->find(extension);
            if (it != location.types->end()) type = it->second;
        }
        if (location.charset.empty() || type.substr(0, 5) != "text/") return type;
        storage.assign(type).append("; charset=").append(location.charset);
        return storage;
    }
};

class ReturnHandler final : public ContentHandler {
  public:
    void Handle(Connection& connection) override {
        const Exchange& x = connection.exchange();
        const Return& answer_with =
            x.server->answer.status != 0 ? x.server->answer : connection.location().answer;
        Answer answer;
        answer.status = answer_with.status;
        const bool redirect = answer.status == 301 || answer.status == 302 ||
                              answer.status == 303 || answer.status == 307 || answer.status == 308;
        std::string text = answer_with.text.Evaluate(x);
        if (redirect && !text.empty()) {
            if (!AllOf(text, kFieldChar)) {
                connection.SendError(400);
                return;
            }
            answer.headers = "Location: " + text + "\r\n";
            connection.Send(std::move(answer));
            return;
        }
        if (text.empty() && answer.status >= 400) {
            connection.SendError(answer.status);
            return;
        }
        answer.content_type = connection.location().default_type;
        answer.body = std::move(text);
        connection.Send(std::move(answer));
    }
};

class MetricsHandler final : public ContentHandler {
  public:
    void Handle(Connection& connection) override {
        if (!OnlyReads(connection)) return;
        Answer answer;
        answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
        answer.headers = "Cache-Control: no-store\r\n";
        answer.body = metrics::ToPrometheus(connection.core().zone);
        connection.Send(std::move(answer));
    }
};

class StubStatusHandler final : public ContentHandler {
  public:
    void Handle(Connection& connection) override {
        if (!OnlyReads(connection)) return;
        Answer answer;
        answer.content_type = "text/plain";
        answer.headers = "Cache-Control: no-store\r\n";
        answer.body = metrics::ToStubStatus(connection.core().zone);
        connection.Send(std::move(answer));
    }
};

}  // namespace

BodyPlan ContentHandler::Prepare(Connection& connection) {
    return {BodyPlan::Use::kDiscard, connection.location().max_body, {}};
}

void ContentHandler::RefuseBody(Connection& connection, const Error& error) {
    connection.SendError(StatusOf(error));
}

std::unique_ptr<ContentHandler> MakeStaticHandler() { return std::make_unique<StaticHandler>(); }
std::unique_ptr<ContentHandler> MakeReturnHandler() { return std::make_unique<ReturnHandler>(); }
std::unique_ptr<ContentHandler> MakeMetricsHandler() { return std::make_unique<MetricsHandler>(); }
std::unique_ptr<ContentHandler> MakeStubStatusHandler() {
    return std::make_unique<StubStatusHandler>();
}

}  // namespace mch::http
