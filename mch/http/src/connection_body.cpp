// The bodies of requests: decoded, bounded, kept in memory or in files.
#include <algorithm>

#include "connection.h"

namespace mch::http {

// The rest of the time that a slow client gets: `timeout_ms` from now, but at least min_rate bytes
// a second once twice the timeout is over.
std::int64_t Connection::RateLimited(std::int64_t timeout_ms, std::int64_t started_ms,
                                     std::int64_t bytes) const {
    const std::int64_t until = started_ms + 2 * timeout_ms + bytes * 1000 / settings().min_rate;
    return std::min(timeout_ms, until - core_.loop->NowMs());
}

bool Connection::ReadBody() {
    Body& body = *body_reader_;
    if (input_.empty()) {
        if (ReadMore()) return true;
        if (state_ == State::kBody) {
            ArmTimer(RateLimited(settings().body_timeout_ms, body.started_ms, body.received));
        }
        return false;
    }
    Result<bool> done = TakeBody();
    if (done && !*done) return true;
    if (done) {
        FinishBody();
        return true;
    }
    const Error error = done.error();
    core_.Handler(location().content).RefuseBody(*this, error);
    return true;
}

// Takes body bytes from input_. True when the body is complete.
Result<bool> Connection::TakeBody() {
    Body& body = *body_reader_;
    std::string_view data;
    bool complete = false;
    if (body.chunked) {
        const std::size_t before = input_.size();
        switch (body.decoder.Feed(input_, data)) {
            case ChunkedDecoder::Status::kError:
                core_.zone.bad_requests.fetch_add(1, std::memory_order_relaxed);
                return Invalid("request.malformed", body.decoder.reason());
            case ChunkedDecoder::Status::kDone:
                complete = true;
                break;
            case ChunkedDecoder::Status::kMore:
                break;
        }
        exchange_.request_length += static_cast<std::int64_t>(before - input_.size());
    } else {
        data = input_.substr(0, static_cast<std::size_t>(std::min<std::int64_t>(
                                    body.left, static_cast<std::int64_t>(input_.size()))));
        input_.remove_prefix(data.size());
        body.left -= static_cast<std::int64_t>(data.size());
        exchange_.request_length += static_cast<std::int64_t>(data.size());
        complete = body.left == 0;
    }
    body.received += static_cast<std::int64_t>(data.size());
    if (body.plan.max > 0 && body.received > body.plan.max) {
        return Error(ErrorKind::kTooLarge, "request.body_too_large")
            .With("max", std::to_string(body.plan.max));
    }
    if (!data.empty()) MCH_CHECK(KeepBody(data));
    return complete;
}

Result<void> Connection::KeepBody(std::string_view data) {
    Body& body = *body_reader_;
    switch (body.plan.use) {
        case BodyPlan::Use::kDiscard:
            return {};
        case BodyPlan::Use::kMultipart:
            return body.multipart->Feed(data);
        case BodyPlan::Use::kKeep:
            break;
    }
    if (!body.file && body.data.size() + data.size() > settings().body_buffer) {
        MCH_TRY(body.file, SpoolFile::Create(settings().body_folder));
        MCH_CHECK(body.file->Write(body.data));
        std::string().swap(body.data);
    }
    if (body.file) return body.file->Write(data);
    body.data.append(data);
    return {};
}

void Connection::FinishBody() {
    ContentHandler& handler = core_.Handler(location().content);
    body_complete_ = true;
    if (body_reader_->multipart) {
        if (auto finished = body_reader_->multipart->Finish(); !finished) {
            handler.RefuseBody(*this, finished.error());
            return;
        }
    }
    if (body_reader_->file) body_reader_->file->CloseHandle();
    handler.Handle(*this);
}

void Connection::GiveBody(Job& target) {
    if (body_reader_ == nullptr) return;
    Body& body = *body_reader_;
    target.request.body = std::move(body.data);
    if (body.file) {
        target.request.body_path = body.file->path();
        target.files.push_back(std::move(*body.file));
    }
    if (body.multipart) {
        target.request.parts = std::move(body.multipart->parts());
        for (SpoolFile& file : body.multipart->files()) target.files.push_back(std::move(file));
    }
    body_reader_.reset();
}

}  // namespace mch::http
