// The state machine and the input side of a connection; the output side is connection_output.cpp.
#include "connection.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "characters.h"
#include "mch/log/log.h"
#include "problem.h"
#include "tls.h"

namespace mch::http {

Connection::Connection(Core& core, int fd, std::int64_t id, Peer peer)
    : core_(core),
      fd_(fd),
      id_(id),
      peer_(std::move(peer)),
      timer_([this] { OnTimer(); }),
      state_(peer_.tls != nullptr ? State::kHandshake : State::kHead) {
    exchange_.peer_text = peer_.text;
    exchange_.client_text = peer_.text;
    exchange_.connection_id = id;
    exchange_.server_port = peer_.port;
    ArmTimer(peer_.servers->Default()->header_timeout_ms);
}

Connection::~Connection() {
    if (peer_.tls != nullptr) SSL_free(peer_.tls);
    close(fd_);
}

const Settings& Connection::settings() const {
    if (exchange_.location != nullptr) return *exchange_.location;
    if (exchange_.server != nullptr) return *exchange_.server;
    return *peer_.servers->Default();
}

void Connection::Close() {
    if (state_ == State::kClosed) return;
    const bool in_progress = state_ == State::kBody || state_ == State::kWaiting ||
                             state_ == State::kSending || state_ == State::kStream;
    if (state_ == State::kStream) {
        core_.streams.Close(this);
        core_.zone.streams.fetch_sub(1, std::memory_order_relaxed);
    }
    state_ = State::kClosed;
    if (in_progress) FinishExchange();
    CountAs(Phase::kWriting);
    core_.loop->Cancel(timer_);
    core_.loop->Remove(fd_);
    core_.Release(this);
}

void Connection::PrepareToQuit() {
    constexpr std::int64_t kIdleMs = 10'000;
    if (state_ == State::kStream) {
        EndStream();
    } else if (state_ == State::kHead && requests_ > 0 && input_.empty() && in_.empty()) {
        ArmTimer(std::min(settings().keepalive_timeout_ms, kIdleMs));
    }
}

void Connection::OnEvents(std::uint32_t events) {
    if (state_ == State::kClosed) return;
    if (events & (EPOLLERR | EPOLLHUP)) {
        Close();
        return;
    }
    if (events & (EPOLLIN | EPOLLRDHUP)) readable_ = true;
    if (events & EPOLLRDHUP) peer_closed_ = true;
    if (events & EPOLLOUT) writable_ = true;
    Pump();
}

void Connection::OnTimer() {
    switch (state_) {
        case State::kHead:
            // A head that has begun gets an answer; an idle connection is just closed.
            if (in_.empty()) {
                Close();
            } else {
                input_ = in_;
                RefuseHead(408, "client_header_timeout");
                Pump();
            }
            return;
        case State::kBody:
            MCH_LOG(kInfo, "client timed out while sending a body", {{"client", peer_.text}});
            exchange_.status = 408;
            Close();
            return;
        case State::kWaiting:
            return;  // the handler has its own deadline
        default:
            Close();
            return;
    }
}

void Connection::Pump() {
    if (state_ == State::kClosed) return;
    if (input_.empty()) input_ = in_;
    std::int64_t steps = 0;
    while (state_ != State::kClosed && Step()) {
        // Nobody may keep the loop for long: the rest of a busy client waits for its next turn.
        if (++steps < 256) continue;
        core_.loop->Post([core = &core_, id = id_] {
            if (Connection* connection = core->Find(id)) connection->Resume();
        });
        break;
    }
    if (state_ != State::kClosed) Settle();
}

// True when something has moved and another step may do more.
bool Connection::Step() {
    if (HasOutput() && WantsFlush()) {
        switch (peer_.tls != nullptr ? FlushTls() : Flush()) {
            case Io::kDone:
                OnFlushed();
                return state_ != State::kClosed;
            case Io::kBlocked:
                // A stream may be quiet for hours, so no rate is asked of it.
                ArmTimer(state_ == State::kStream ? settings().send_timeout_ms
                                                  : RateLimited(settings().send_timeout_ms,
                                                                send_started_ms_, send_bytes_));
                return false;
            case Io::kFailed:
                Close();
                return false;
        }
    }
    switch (state_) {
        case State::kHandshake:
            return Handshake();
        case State::kHead:
            return ParseHead();
        case State::kBody:
            return ReadBody();
        case State::kClosing:
        case State::kSending:
            OnFlushed();
            return state_ != State::kClosed;
        case State::kStream:
            // A client of a stream has nothing to say: only its end matters.
            input_ = {};
            return readable_ && ReadMore();
        case State::kLinger:
            return Linger();
        case State::kWaiting:
        case State::kClosed:
            return false;
    }
    return false;
}

// Before the shared buffer goes to the next connection: keep what is still needed.
void Connection::Settle() {
    const bool in_progress = state_ != State::kHead && state_ != State::kHandshake;
    if (in_progress) StoreHead();
    if (input_.empty()) {
        in_.clear();
        if (in_.capacity() > 512) std::string().swap(in_);
    } else if (input_.data() < in_.data() || input_.data() >= in_.data() + in_.size()) {
        in_.assign(input_);
    } else if (input_.data() != in_.data()) {
        in_.erase(0, static_cast<std::size_t>(input_.data() - in_.data()));
    }
    input_ = {};
    if (out_.empty() && core_.output.capacity() < out_.capacity()) out_.swap(core_.output);
    CountAs(state_ != State::kHead         ? Phase::kWriting
            : in_.empty() && requests_ > 0 ? Phase::kWaiting
                                           : Phase::kReading);
}

// Keeps the gauges of idle and of reading connections; all others count as writing.
void Connection::CountAs(Phase phase) {
    if (phase == phase_) return;
    const auto add = [this](Phase which, std::int64_t step) {
        if (which == Phase::kWriting) return;
        auto& gauge = which == Phase::kWaiting ? core_.zone.connections_waiting
                                               : core_.zone.connections_reading;
        gauge.fetch_add(step, std::memory_order_relaxed);
    };
    add(phase_, -1);
    add(phase, 1);
    phase_ = phase;
}

// Copies the head out of the buffers and moves the views into the copy.
void Connection::StoreHead() {
    if (head_stored_ || exchange_.head.line.empty()) return;
    head_stored_ = true;
    Head& head = exchange_.head;
    const char* const begin = head.line.data();
    const char* end = begin + head.line.size();
    for (const Head::Field& field : head.fields) {
        end = std::max(
            {end, field.name.data() + field.name.size(), field.value.data() + field.value.size()});
    }
    head_store_.assign(begin, end);
    const auto move = [&](std::string_view& view) {
        if (view.data() >= begin && view.data() <= end) {
            view = {head_store_.data() + (view.data() - begin), view.size()};
        }
    };
    move(exchange_.path);
    move(exchange_.target.path);
    move(exchange_.target.query);
    move(exchange_.target.authority);
    move(head.line);
    move(head.method);
    move(head.target);
    move(head.host);
    for (Head::Field& field : head.fields) {
        move(field.name);
        move(field.value);
    }
}

// Bytes read, 0 at the end, -1 when nothing is there now, -2 on an error.
std::ptrdiff_t Connection::ReadSome(char* buffer, std::size_t size) {
    if (peer_.tls != nullptr && state_ != State::kLinger) {
        ERR_clear_error();
        const int n = SSL_read(peer_.tls, buffer, static_cast<int>(size));
        if (n > 0) return n;
        switch (SSL_get_error(peer_.tls, n)) {
            case SSL_ERROR_WANT_READ:
            case SSL_ERROR_WANT_WRITE:
                return -1;
            case SSL_ERROR_ZERO_RETURN:
                return 0;
            default:
                return -2;
        }
    }
    for (;;) {
        const ssize_t n = recv(fd_, buffer, size, 0);
        if (n >= 0) {
            // A short read has emptied the socket; only the peer's end could be left.
            if (static_cast<std::size_t>(n) < size && !peer_closed_) readable_ = false;
            return n;
        }
        if (errno == EINTR) continue;
        return errno == EAGAIN || errno == EWOULDBLOCK ? -1 : -2;
    }
}

// Adds to input_. False when nothing came: blocked, or closed now.
bool Connection::ReadMore() {
    if (!readable_) return false;
    if (state_ == State::kBody || state_ == State::kStream) StoreHead();
    const std::ptrdiff_t n = ReadSome(core_.input.data(), core_.input.size());
    if (n == -1) {
        readable_ = false;
        return false;
    }
    if (n <= 0) {
        // A client that has sent a whole request and closed its side still gets the answer.
        if (HasOutput() && n == 0 && state_ == State::kHead) {
            keep_alive_ = false;
            state_ = State::kClosing;
            readable_ = false;
            return true;
        }
        Close();
        return false;
    }
    const std::string_view fresh(core_.input.data(), static_cast<std::size_t>(n));
    if (input_.empty()) {
        in_.clear();
        input_ = fresh;
        return true;
    }
    const auto offset = static_cast<std::size_t>(input_.data() - in_.data());
    if (offset != 0) in_.erase(0, offset);
    in_.append(fresh);
    input_ = in_;
    return true;
}

bool Connection::Handshake() {
    ERR_clear_error();
    const int n = SSL_do_handshake(peer_.tls);
    if (n == 1) {
        state_ = State::kHead;
        return true;
    }
    const int error = SSL_get_error(peer_.tls, n);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return false;
    MCH_LOG(kInfo, "TLS handshake failed", {{"client", peer_.text}, {"error", TlsErrors()}});
    Close();
    return false;
}

bool Connection::ParseHead() {
    if (!input_.empty()) {
        const Settings& limits = *peer_.servers->Default();
        const HeadResult result =
            parser_.Parse(input_, {limits.header_line, limits.header_total}, exchange_.head);
        if (result.status == HeadResult::Status::kDone) {
            exchange_.started_us = NowUs();
            exchange_.request_length = static_cast<std::int64_t>(result.consumed);
            input_.remove_prefix(result.consumed);
            parser_.Reset();
            StartRequest();
            return true;
        }
        if (result.status == HeadResult::Status::kError) {
            RefuseHead(result.error_status, result.reason);
            return true;
        }
        // Part of a head: its bytes go into in_, where more is added.
        if (input_.data() < in_.data() || input_.data() >= in_.data() + in_.size()) {
            in_.assign(input_);
            input_ = in_;
        }
        if (!head_started_) {
            head_started_ = true;
            // The first request's time runs from the accept.
            if (requests_ > 0) ArmTimer(settings().header_timeout_ms);
        }
        if (HasOutput()) return true;
    }
    return ReadMore();
}

void Connection::RefuseHead(int status, const char* reason) {
    core_.zone.bad_requests.fetch_add(1, std::memory_order_relaxed);
    MCH_LOG(kInfo, "bad request", {{"client", peer_.text}, {"reason", reason}});
    exchange_.Clear();
    // What the parser understood so far may be wrong: nothing of it is used.
    exchange_.head.Clear();
    exchange_.head.keep_alive = false;
    head_started_ = false;
    answered_ = false;
    exchange_.target.query = {};
    exchange_.path = {};
    exchange_.host.clear();
    exchange_.started_us = NowUs();
    exchange_.server = peer_.servers->Default();
    exchange_.location = exchange_.server->fallback.get();
    input_ = {};
    must_linger_ = true;
    ++requests_;
    Answer answer;
    answer.status = status;
    answer.content_type = "text/plain";
    answer.body = std::string(ReasonPhrase(status)) + "\n";
    Send(std::move(answer));
}

void Connection::IdentifyClient() {
    const ServerBlock& server = *exchange_.server;
    exchange_.https = peer_.tls != nullptr;
    exchange_.client_text = peer_.text;
    if (server.trusted_proxies.empty() || !peer_.address) return;
    const auto real =
        RealAddress(*peer_.address, server.trusted_proxies,
                    exchange_.head.Find(server.real_ip_header), server.real_ip_recursive);
    if (real) {
        exchange_.real_address = real->ToText();
        exchange_.client_text = exchange_.real_address;
    }
    for (const Network& network : server.trusted_proxies) {
        if (!network.Contains(*peer_.address)) continue;
        if (EqualsLower(exchange_.head.Find("x-forwarded-proto"), "https")) exchange_.https = true;
        break;
    }
}

void Connection::StartRequest() {
    exchange_.Clear();
    head_stored_ = false;
    head_started_ = false;
    answered_ = false;
    body_complete_ = exchange_.head.body == BodyKind::kNone;
    job.reset();
    refusal.reset();
    exchange_.connection_requests = ++requests_;
    const Head& head = exchange_.head;
    if (const char* wrong = ParseTarget(head.method, head.target, exchange_.target)) {
        RefuseHead(400, wrong);
        return;
    }
    exchange_.path = exchange_.target.path;
    std::string_view host =
        exchange_.target.authority.empty() ? head.host : exchange_.target.authority;
    const std::size_t colon = host.find(':', host.empty() || host[0] != '[' ? 0 : host.find(']'));
    host = host.substr(0, colon);
    exchange_.host.assign(host);
    for (char& c : exchange_.host) c = LowerChar(c);
    exchange_.server = peer_.servers->Find(exchange_.host);
    IdentifyClient();
    Route();
    if (Answered()) return;

    ContentHandler& handler = core_.Handler(location().content);
    BodyPlan plan = handler.Prepare(*this);
    if (Answered()) return;
    if (head.body == BodyKind::kNone) {
        handler.Handle(*this);
        return;
    }
    if (head.body == BodyKind::kLength && plan.max > 0 && head.content_length > plan.max) {
        handler.RefuseBody(*this, Error(ErrorKind::kTooLarge, "request.body_too_large")
                                      .With("max", std::to_string(plan.max)));
        return;
    }
    body_reader_ = std::make_unique<Body>();
    body_reader_->chunked = head.body == BodyKind::kChunked;
    body_reader_->left = head.content_length;
    body_reader_->started_ms = core_.loop->NowMs();
    if (plan.use == BodyPlan::Use::kMultipart) {
        body_reader_->multipart.emplace(plan.boundary, settings().body_folder);
    }
    body_reader_->plan = std::move(plan);
    state_ = State::kBody;
    if (head.expect_continue && input_.empty()) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
}

// Finds the location of exchange_.path. May answer: no location, refused address, `return`.
void Connection::Route() {
    exchange_.location = nullptr;
    exchange_.location = exchange_.server->FindLocation(exchange_.path, &exchange_.captures);
    if (exchange_.location == nullptr) {
        exchange_.location = exchange_.server->fallback.get();
        SendError(500);
        return;
    }
    for (const AccessRule& rule : location().access) {
        if (rule.network && (!peer_.address ||
                             !rule.network->Contains(
                                 Address::Parse(exchange_.client_text).value_or(*peer_.address)))) {
            continue;
        }
        if (rule.allow) break;
        SendError(403);
        return;
    }
    const Return& answer = exchange_.server->answer;
    if (answer.status != 0 && exchange_.error_status == 0) {
        // The server's own `return` stands before every location.
        core_.Handler(Content::kReturn).Handle(*this);
    }
}

void Connection::Redirect(std::string path) {
    if (++exchange_.redirects > 10) {
        MCH_LOG(kError, "internal redirects do not end", {{"path", path}});
        exchange_.error_status = 500;
        SendError(500);
        return;
    }
    exchange_.redirected_path = std::move(path);
    const std::size_t question = exchange_.redirected_path.find('?');
    exchange_.path = std::string_view(exchange_.redirected_path).substr(0, question);
    Route();
    if (Answered()) return;
    ContentHandler& handler = core_.Handler(location().content);
    handler.Prepare(*this);
    if (!Answered()) handler.Handle(*this);
}

// Reads on after the last answer, so that unread bytes do not make the kernel reset the connection
// and with it the answer.
bool Connection::Linger() {
    for (int i = 0; i < 16; ++i) {
        const std::ptrdiff_t n = ReadSome(core_.input.data(), core_.input.size());
        if (n == -1) {
            readable_ = false;
            const std::int64_t left = linger_until_ms_ - core_.loop->NowMs();
            ArmTimer(std::min(settings().lingering_timeout_ms, left));
            return false;
        }
        if (n <= 0 || core_.loop->NowMs() >= linger_until_ms_) {
            Close();
            return false;
        }
    }
    return true;
}

}  // namespace mch::http
