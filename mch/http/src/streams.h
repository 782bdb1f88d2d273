// Live streams (server-sent events) of one loop: who listens to which topic, resume, heartbeat.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "dispatcher.h"
#include "mch/http/message.h"
#include "mch/http/stream.h"

namespace mch::http {

// One event as it goes over the wire. Line ends inside its parts cannot start a field.
std::string FormatEvent(const LiveEvent& event);

// What a stream's owner does with its bytes.
class StreamSink {
  public:
    virtual ~StreamSink() = default;
    // False when the client is too slow or gone; the hub then forgets the sink.
    virtual bool WriteStream(std::string_view bytes) = 0;
};

class StreamHub {
  public:
    // Sends what the client missed since subscription.last_event_id, or `resync` when that is not
    // known any more, then everything on its topics. `job` stays for the checks of its session.
    void Open(StreamSink* sink, Subscription subscription, std::shared_ptr<const Job> job,
              std::int64_t now_ms);
    void Close(StreamSink* sink) { streams_.erase(sink); }
    void Deliver(LiveEvent event);
    void Heartbeat();
    std::size_t size() const { return streams_.size(); }
    std::vector<StreamSink*> All() const;

    struct Due {
        StreamSink* sink;
        std::shared_ptr<const Job> job;
    };
    // The streams whose last check is older than `age_ms`; they count as checked now.
    std::vector<Due> DueForCheck(std::int64_t now_ms, std::int64_t age_ms);

  private:
    static constexpr std::size_t kRecent = 512;
    struct Stream {
        Subscription subscription;
        std::shared_ptr<const Job> job;
        std::int64_t checked_ms = 0;
    };
    static bool Wants(const Stream& stream, const LiveEvent& event);

    std::unordered_map<StreamSink*, Stream> streams_;
    std::deque<LiveEvent> recent_;
};

}  // namespace mch::http
