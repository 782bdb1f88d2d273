// Output: what is queued leaves as the socket takes it.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "connection.h"

namespace mch::http {
namespace {

constexpr std::size_t kPiece = 32 * 1024;
constexpr std::size_t kGathered = 64 * 1024;
constexpr std::int64_t kFilePiece = 1024 * 1024;

}  // namespace

bool Connection::WantsFlush() const {
    return state_ != State::kHead || input_.empty() || head_started_ ||
           out_.size() - out_at_ >= kGathered;
}

void Connection::CountSent(std::int64_t bytes) {
    send_bytes_ += bytes;
    core_.zone.bytes_sent.fetch_add(bytes, std::memory_order_relaxed);
}

Connection::Io Connection::Flush() {
    std::int64_t budget = 4 * kFilePiece;
    while (HasOutput()) {
        if (!writable_) return Io::kBlocked;
        if (out_at_ == out_.size() && body_at_ == body_.size()) {
            const std::int64_t before = file_left_;
            const Io io = SendFile();
            if (io != Io::kDone) return io;
            budget -= before - file_left_;
            if (budget <= 0 && file_left_ > 0) {
                // Let others run; the loop comes back to this client.
                core_.loop->Post([core = &core_, id = id_] {
                    if (Connection* connection = core->Find(id)) connection->Resume();
                });
                return Io::kBlocked;
            }
            continue;
        }
        std::array<iovec, 2> pieces = {{{out_.data() + out_at_, out_.size() - out_at_},
                                        {body_.data() + body_at_, body_.size() - body_at_}}};
        msghdr message{};
        message.msg_iov = pieces.data();
        message.msg_iovlen = pieces[1].iov_len > 0 ? 2 : 1;
        const ssize_t n = sendmsg(fd_, &message, MSG_NOSIGNAL | (file_left_ > 0 ? MSG_MORE : 0));
        if (n < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN && errno != EWOULDBLOCK) return Io::kFailed;
            writable_ = false;
            return Io::kBlocked;
        }
        CountSent(n);
        const std::size_t head = std::min(static_cast<std::size_t>(n), pieces[0].iov_len);
        out_at_ += head;
        const std::size_t rest = static_cast<std::size_t>(n) - head;
        body_at_ += rest;
        exchange_.body_bytes_sent += static_cast<std::int64_t>(rest);
        exchange_.bytes_sent += static_cast<std::int64_t>(rest);
    }
    return Io::kDone;
}

Connection::Io Connection::SendFile() {
    if (!settings().sendfile) return FillFromFile() ? Io::kDone : Io::kFailed;
    off_t offset = file_offset_;
    const auto count = static_cast<std::size_t>(std::min(file_left_, kFilePiece));
    const ssize_t n = sendfile(fd_, file_->fd, &offset, count);
    if (n < 0) {
        if (errno == EINTR) return Io::kDone;
        if (errno == EINVAL || errno == ENOSYS) return FillFromFile() ? Io::kDone : Io::kFailed;
        if (errno != EAGAIN && errno != EWOULDBLOCK) return Io::kFailed;
        writable_ = false;
        return Io::kBlocked;
    }
    if (n == 0) return Io::kFailed;  // the file became shorter than its promised length
    CountSent(n);
    file_offset_ += n;
    file_left_ -= n;
    exchange_.body_bytes_sent += n;
    exchange_.bytes_sent += n;
    return Io::kDone;
}

// Copies the next piece of the file behind the output. False when the file is too short.
bool Connection::FillFromFile() {
    const auto count =
        static_cast<std::size_t>(std::min(file_left_, static_cast<std::int64_t>(kPiece)));
    const std::size_t before = out_.size();
    out_.resize(before + count);
    const ssize_t n = pread(file_->fd, out_.data() + before, count, file_offset_);
    if (n <= 0) {
        out_.resize(before);
        file_left_ = 0;
        return false;
    }
    out_.resize(before + static_cast<std::size_t>(n));
    file_offset_ += n;
    file_left_ -= n;
    exchange_.body_bytes_sent += n;
    exchange_.bytes_sent += n;
    return true;
}

Connection::Io Connection::FlushTls() {
    int turns = 64;
    while (HasOutput()) {
        if (--turns == 0) {
            core_.loop->Post([core = &core_, id = id_] {
                if (Connection* connection = core->Find(id)) connection->Resume();
            });
            return Io::kBlocked;
        }
        const bool from_body = out_at_ == out_.size() && body_at_ < body_.size();
        if (out_at_ == out_.size() && !from_body) {
            out_.clear();
            out_at_ = 0;
            if (!FillFromFile()) return Io::kFailed;
        }
        const char* data = from_body ? body_.data() + body_at_ : out_.data() + out_at_;
        const std::size_t size = from_body ? body_.size() - body_at_ : out_.size() - out_at_;
        ERR_clear_error();
        const int n = SSL_write(peer_.tls, data, static_cast<int>(std::min(size, kGathered)));
        if (n <= 0) {
            const int error = SSL_get_error(peer_.tls, n);
            if (error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ) return Io::kBlocked;
            return Io::kFailed;
        }
        CountSent(n);
        if (!from_body) {
            out_at_ += static_cast<std::size_t>(n);
            continue;
        }
        body_at_ += static_cast<std::size_t>(n);
        exchange_.body_bytes_sent += n;
        exchange_.bytes_sent += n;
    }
    return Io::kDone;
}

// Everything has left: on to the next request, or to the end.
void Connection::OnFlushed() {
    out_.clear();
    out_at_ = 0;
    switch (state_) {
        case State::kHead:
            if (!head_started_) ArmTimer(settings().keepalive_timeout_ms);
            return;
        case State::kSending:
            std::string().swap(body_);
            body_at_ = 0;
            file_.reset();
            FinishExchange();
            state_ = keep_alive_ ? State::kHead : State::kClosing;
            if (keep_alive_) ArmTimer(settings().keepalive_timeout_ms);
            return;
        case State::kClosing:
            if (peer_.tls != nullptr) {
                ERR_clear_error();
                SSL_shutdown(peer_.tls);
            }
            if (!must_linger_ && !core_.quitting && input_.empty()) {
                Close();
                return;
            }
            shutdown(fd_, SHUT_WR);
            input_ = {};
            state_ = State::kLinger;
            readable_ = true;
            linger_until_ms_ = core_.loop->NowMs() + settings().lingering_time_ms;
            return;
        case State::kStream:
            core_.loop->Cancel(timer_);
            return;
        default:
            return;
    }
}

void Connection::FinishExchange() {
    exchange_.finished_us = NowUs();
    core_.zone.requests.fetch_add(1, std::memory_order_relaxed);
    const std::int64_t duration = exchange_.finished_us - exchange_.started_us;
    if (exchange_.location != nullptr && exchange_.location->slot != nullptr) {
        exchange_.location->slot->Count(exchange_.status, duration);
    }
    if (exchange_.route != nullptr) {
        if (const auto slot = core_.route_slots.find(exchange_.route);
            slot != core_.route_slots.end()) {
            slot->second->Count(exchange_.status, duration);
        }
    }
    if (settings().logs.empty()) return;
    exchange_.finished_at = core_.clock.Now();
    core_.logs.Write(exchange_, core_.loop->NowMs());
}

}  // namespace mch::http
