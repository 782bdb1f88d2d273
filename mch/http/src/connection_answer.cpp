// Answers: heads, error pages, responses of handlers, live streams.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "characters.h"
#include "connection.h"
#include "mch/log/log.h"
#include "problem.h"
#include "ranges.h"

namespace mch::http {
namespace {

// Smaller bodies are copied behind their head and leave in one call.
constexpr std::size_t kSmall = 32 * 1024;

bool MayHaveBody(int status) { return status != 204 && status != 304; }

bool IsPlainHeader(std::string_view name, std::string_view value) {
    return !name.empty() && AllOf(name, kTokenChar) && AllOf(value, kFieldChar);
}

// The server itself decides about these.
bool IsOurs(std::string_view name) {
    return EqualsLower(name, "content-length") || EqualsLower(name, "transfer-encoding") ||
           EqualsLower(name, "connection") || EqualsLower(name, "date") ||
           EqualsLower(name, "server");
}

void AppendInt(std::string& out, std::int64_t value) {
    const fmt::format_int text(value);
    out.append(text.data(), text.size());
}

// nginx sends add_header with these only, unless it says "always".
bool IsUsualStatus(int status) {
    return status == 200 || status == 201 || status == 204 || status == 206 ||
           (status >= 301 && status <= 304) || status == 307 || status == 308;
}

std::string_view StatusLine(int status) {
    switch (status) {
        case 200:
            return "HTTP/1.1 200 OK\r\n";
        case 304:
            return "HTTP/1.1 304 Not Modified\r\n";
        default:
            return {};
    }
}

}  // namespace

// Takes the shared buffer while this connection has none of its own.
void Connection::BeginAnswer() {
    if (out_.empty() && out_.capacity() < core_.output.capacity()) out_.swap(core_.output);
}

void Connection::AppendExtraHeaders(int status) {
    const Settings& s = settings();
    if (s.expires.kind != Expires::Kind::kOff && IsUsualStatus(status)) {
        const TimeMs now = core_.clock.Now();
        switch (s.expires.kind) {
            case Expires::Kind::kSeconds:
                out_ += "Expires: " + FormatHttpDate(now + s.expires.seconds * 1000);
                out_ += s.expires.seconds < 0
                            ? "\r\nCache-Control: no-cache\r\n"
                            : fmt::format("\r\nCache-Control: max-age={}\r\n", s.expires.seconds);
                break;
            case Expires::Kind::kEpoch:
                out_ += "Expires: Thu, 01 Jan 1970 00:00:01 GMT\r\nCache-Control: no-cache\r\n";
                break;
            case Expires::Kind::kMax:
                out_ +=
                    "Expires: Thu, 31 Dec 2037 23:55:55 GMT\r\nCache-Control: "
                    "max-age=315360000\r\n";
                break;
            case Expires::Kind::kOff:
                break;
        }
    }
    for (const AddedHeader& header : s.added_headers) {
        if (!header.always && !IsUsualStatus(status)) continue;
        const std::size_t begin = out_.size();
        out_.append(header.name).append(": ");
        const std::size_t value = out_.size();
        header.value.AppendTo(out_, exchange_);
        // A variable may hold bytes of the request; an empty value means no header.
        if (out_.size() == value || !AllOf(std::string_view(out_).substr(value), kFieldChar)) {
            out_.resize(begin);
        } else {
            out_ += "\r\n";
        }
    }
}

void Connection::AppendHead(const Answer& answer, std::int64_t length, bool stream) {
    if (const std::string_view line = StatusLine(answer.status); !line.empty()) {
        out_ += line;
    } else {
        out_ += "HTTP/1.1 ";
        AppendInt(out_, answer.status);
        out_.append(" ").append(ReasonPhrase(answer.status)).append("\r\n");
    }
    if (settings().server_tokens) out_ += "Server: mch\r\n";
    out_ += core_.DateLine();
    if (!answer.content_type.empty()) {
        out_.append("Content-Type: ").append(answer.content_type).append("\r\n");
    }
    if (!stream && MayHaveBody(answer.status)) {
        out_ += "Content-Length: ";
        AppendInt(out_, length);
        out_ += "\r\n";
    }
    if (!keep_alive_) {
        out_ += "Connection: close\r\n";
    } else if (exchange_.head.version_minor == 0) {
        out_ += "Connection: keep-alive\r\n";
    }
    out_ += answer.headers;
    AppendExtraHeaders(answer.status);
    out_ += "\r\n";
}

void Connection::Send(Answer answer) {
    MCH_ASSERT(!answered_);
    answered_ = true;
    BeginAnswer();
    const Settings& s = settings();
    if (exchange_.error_status != 0) answer.status = exchange_.error_status;
    exchange_.status = answer.status;
    keep_alive_ = exchange_.head.keep_alive && body_complete_ && !core_.quitting &&
                  requests_ < s.keepalive_requests && s.keepalive_timeout_ms > 0;
    if (!body_complete_) must_linger_ = true;
    const bool has_file = answer.file != nullptr;
    const std::int64_t length =
        has_file ? answer.length : static_cast<std::int64_t>(answer.body.size());
    const std::size_t before = out_.size();
    AppendHead(answer, length, false);
    exchange_.bytes_sent = static_cast<std::int64_t>(out_.size() - before);
    send_started_ms_ = core_.loop->NowMs();
    send_bytes_ = 0;

    if (exchange_.head.method == "HEAD" || !MayHaveBody(answer.status) || length == 0) {
        // only a head
    } else if (has_file) {
        file_ = std::move(answer.file);
        file_offset_ = answer.offset;
        file_left_ = answer.length;
        if (file_left_ <= static_cast<std::int64_t>(kSmall) && !FillFromFile()) {
            MCH_LOG(kError, "file became shorter while it was sent", {{"path", exchange_.path}});
            keep_alive_ = false;
        }
    } else if (answer.body.size() <= kSmall) {
        out_ += answer.body;
        exchange_.body_bytes_sent = length;
        exchange_.bytes_sent += length;
    } else {
        body_ = std::move(answer.body);
        body_at_ = 0;
    }
    body_reader_.reset();
    if (file_left_ > 0 || !body_.empty()) {
        state_ = State::kSending;
        return;
    }
    file_.reset();
    FinishExchange();
    state_ = keep_alive_ ? State::kHead : State::kClosing;
}

void Connection::SendError(int status, std::string headers) {
    if (exchange_.error_status == 0) {
        for (const ErrorPage& page : settings().error_pages) {
            if (page.status != status) continue;
            if (page.target.front() != '/') {
                Answer answer;
                answer.status = 302;
                answer.headers = "Location: " + page.target + "\r\n";
                Send(std::move(answer));
                return;
            }
            exchange_.error_status = page.answer_with < 0 ? status : page.answer_with;
            if (page.answer_with == 0) exchange_.error_status = 200;
            Redirect(page.target);
            return;
        }
    }
    Answer answer;
    answer.status = status;
    answer.content_type = "text/html";
    answer.headers = std::move(headers);
    if (MayHaveBody(status)) {
        answer.body = fmt::format(
            "<html>\r\n<head><title>{0} {1}</title></head>\r\n<body>\r\n<center><h1>{0} {1}</h1>"
            "</center>\r\n</body>\r\n</html>\r\n",
            status, ReasonPhrase(status));
    }
    Send(std::move(answer));
}

void Connection::SendResponse(Response response, std::shared_ptr<Job> finished) {
    if (response.stream && response.status == 200) {
        StartStream(response, std::move(finished));
        return;
    }
    Answer answer;
    answer.status = response.status;
    std::string_view etag;
    for (const auto& [name, value] : response.headers) {
        if (IsOurs(name)) continue;
        if (!IsPlainHeader(name, value)) {
            MCH_LOG(kError, "handler gave an illegal header", {{"path", exchange_.path}});
            continue;
        }
        if (EqualsLower(name, "etag")) etag = value;
        answer.headers.append(name).append(": ").append(value).append("\r\n");
    }
    if (response.file_path.empty()) {
        answer.body = std::move(response.body);
        Send(std::move(answer));
        return;
    }
    auto file = std::make_shared<OpenFile>(
        open(response.file_path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    const int saved = errno;
    if (response.delete_file) unlink(response.file_path.c_str());
    if (file->fd < 0 || !file->Inspect() || file->folder) {
        MCH_LOG(kError, "file of an answer cannot be opened",
                {{"path", response.file_path}, {"error", std::strerror(saved)}});
        SendError(500);
        return;
    }
    answer.length = file->size;
    if (answer.status == 200) {
        answer.headers += "Accept-Ranges: bytes\r\n";
        const ByteRange range = ChooseRange(exchange_.head, file->size, etag, 0);
        if (range.kind == ByteRange::Kind::kUnsatisfiable) {
            answer.status = 416;
            answer.headers = fmt::format("Content-Range: bytes */{}\r\n", file->size);
            Send(std::move(answer));
            return;
        }
        if (range.kind == ByteRange::Kind::kPart) {
            answer.status = 206;
            answer.headers += fmt::format("Content-Range: bytes {}-{}/{}\r\n", range.offset,
                                          range.offset + range.length - 1, file->size);
        }
        answer.offset = range.offset;
        answer.length = range.length;
    }
    answer.file = std::move(file);
    Send(std::move(answer));
}

void Connection::StartStream(Response& response, std::shared_ptr<Job> stream_job) {
    answered_ = true;
    BeginAnswer();
    Answer answer;
    answer.content_type = "text/event-stream";
    for (const auto& [name, value] : response.headers) {
        if (IsOurs(name) || EqualsLower(name, "content-type") || !IsPlainHeader(name, value))
            continue;
        answer.headers.append(name).append(": ").append(value).append("\r\n");
    }
    // A proxy in front must not gather events.
    answer.headers += "X-Accel-Buffering: no\r\n";
    keep_alive_ = false;
    exchange_.status = 200;
    AppendHead(answer, 0, true);
    body_reader_.reset();
    if (exchange_.head.method == "HEAD" || core_.quitting) {
        FinishExchange();
        state_ = State::kClosing;
        return;
    }
    out_ += "retry: 2000\n\n";
    state_ = State::kStream;
    core_.loop->Cancel(timer_);
    core_.zone.streams.fetch_add(1, std::memory_order_relaxed);
    // The checks of an open page are no activity: they must not keep its session from idling out.
    stream_job->request.headers.emplace_back("x-anlan-background", "1");
    core_.streams.Open(this, std::move(*response.stream), std::move(stream_job),
                       core_.loop->NowMs());
}

bool Connection::WriteStream(std::string_view bytes) {
    if (state_ != State::kStream) return false;
    if (out_.size() - out_at_ + bytes.size() > core_.site->stream_queue) {
        core_.zone.streams_dropped.fetch_add(1, std::memory_order_relaxed);
        core_.loop->Post([core = &core_, id = id_] {
            if (Connection* connection = core->Find(id)) connection->Close();
        });
        return false;
    }
    if (out_at_ > 0) {
        out_.erase(0, out_at_);
        out_at_ = 0;
    }
    const bool idle = out_.empty();
    out_ += bytes;
    exchange_.body_bytes_sent += static_cast<std::int64_t>(bytes.size());
    // Sent after this batch: all events of a burst leave in one call.
    if (idle) {
        core_.loop->Post([core = &core_, id = id_] {
            if (Connection* connection = core->Find(id)) connection->Resume();
        });
    }
    return true;
}

void Connection::EndStream() {
    if (state_ != State::kStream) return;
    core_.streams.Close(this);
    core_.zone.streams.fetch_sub(1, std::memory_order_relaxed);
    FinishExchange();
    state_ = State::kClosing;
    ArmTimer(settings().lingering_timeout_ms);
    Pump();
}

}  // namespace mch::http
