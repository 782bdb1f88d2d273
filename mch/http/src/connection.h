// One client connection: reads requests, hands them to content handlers, sends the answers in
// order. One request at a time; what a client pipelines waits in the buffer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "address.h"
#include "chunked.h"
#include "content.h"
#include "core.h"
#include "exchange.h"
#include "mch/event/loop.h"
#include "multipart.h"
#include "spool.h"

struct ssl_st;

namespace mch::http {

class Connection final : public event::Watcher, public StreamSink {
  public:
    struct Peer {
        std::optional<Address> address;  // none on a unix socket
        std::string text;
        int port = 0;  // of the listening socket
        const VirtualServers* servers = nullptr;
        ssl_st* tls = nullptr;
    };
    Connection(Core& core, int fd, std::int64_t id, Peer peer);
    ~Connection() override;

    void OnEvents(std::uint32_t events) override;
    // Goes on after something other than the socket: a finished handler, a pause to let others run.
    void Resume() { Pump(); }
    void Close();
    // The server is quitting: an idle connection waits for one more request, not for long.
    void PrepareToQuit();

    // For content handlers.
    Core& core() { return core_; }
    Exchange& exchange() { return exchange_; }
    std::int64_t id() const { return id_; }
    const Location& location() const { return *exchange_.location; }
    void Send(Answer answer);
    // The error page of the location, or a plain one.
    void SendError(int status, std::string headers = {});
    void SendResponse(Response response, std::shared_ptr<Job> job);
    // Serves `path` instead, by the location that it falls into. False (and 500) after too many.
    void Redirect(std::string path);
    // The answer comes later.
    void Wait() { state_ = State::kWaiting; }
    bool Answered() const { return answered_ || state_ == State::kWaiting; }
    // Moves the body that was kept into `job`.
    void GiveBody(Job& job);
    // For the handler of routes, between Prepare and Handle.
    std::shared_ptr<Job> job;
    std::optional<Error> refusal;

    // StreamSink
    bool WriteStream(std::string_view bytes) override;
    void EndStream();

  private:
    enum class State {
        kHandshake,
        kHead,
        kBody,
        kWaiting,
        kSending,
        kStream,
        kClosing,
        kLinger,
        kClosed
    };
    enum class Phase { kWriting, kReading, kWaiting };
    enum class Io { kDone, kBlocked, kFailed };
    struct Body {
        BodyPlan plan;
        bool chunked = false;
        std::int64_t left = 0;
        std::int64_t received = 0;
        std::int64_t started_ms = 0;
        ChunkedDecoder decoder;
        std::string data;
        std::optional<SpoolFile> file;
        std::optional<MultipartParser> multipart;
    };

    void Pump();
    bool Step();
    void Settle();
    void CountAs(Phase phase);
    // Input.
    bool ReadMore();
    std::ptrdiff_t ReadSome(char* buffer, std::size_t size);
    void StoreHead();
    bool Handshake();
    bool ParseHead();
    void StartRequest();
    void IdentifyClient();
    void Route();
    void RefuseHead(int status, const char* reason);
    bool ReadBody();
    Result<bool> TakeBody();
    Result<void> KeepBody(std::string_view data);
    void FinishBody();
    bool Linger();
    // Output.
    bool HasOutput() const {
        return out_at_ < out_.size() || body_at_ < body_.size() || file_left_ > 0;
    }
    bool WantsFlush() const;
    void AppendHead(const Answer& answer, std::int64_t length, bool stream);
    void AppendExtraHeaders(int status);
    Io Flush();
    Io FlushTls();
    Io SendFile();
    bool FillFromFile();
    void CountSent(std::int64_t bytes);
    void OnFlushed();
    void FinishExchange();
    void StartStream(Response& response, std::shared_ptr<Job> stream_job);
    void BeginAnswer();
    std::int64_t RateLimited(std::int64_t timeout_ms, std::int64_t started_ms,
                             std::int64_t bytes) const;
    void ArmTimer(std::int64_t delay_ms) { core_.loop->Arm(timer_, delay_ms); }
    void OnTimer();
    const Settings& settings() const;

    Core& core_;
    const int fd_;
    const std::int64_t id_;
    const Peer peer_;
    event::Timer timer_;
    State state_;
    bool readable_ = false;
    bool writable_ = true;
    bool peer_closed_ = false;
    bool keep_alive_ = true;
    bool head_stored_ = false;
    bool must_linger_ = false;
    bool head_started_ = false;  // part of a head is here
    bool body_complete_ = true;  // the request has been read to its end
    bool answered_ = false;
    Phase phase_ = Phase::kWriting;
    std::int64_t requests_ = 0;

    std::string in_;          // unread bytes that outlive one batch
    std::string_view input_;  // unread bytes, in in_ or in core_.input
    std::string head_store_;  // the head of a request that takes longer than its batch
    HeadParser parser_;
    Exchange exchange_;
    std::unique_ptr<Body> body_reader_;

    std::string out_;  // heads and small bodies
    std::size_t out_at_ = 0;
    std::string body_;  // a large body
    std::size_t body_at_ = 0;
    std::shared_ptr<const OpenFile> file_;
    std::int64_t file_offset_ = 0;
    std::int64_t file_left_ = 0;
    std::int64_t send_started_ms_ = 0;
    std::int64_t send_bytes_ = 0;
    std::int64_t linger_until_ms_ = 0;
};

}  // namespace mch::http
