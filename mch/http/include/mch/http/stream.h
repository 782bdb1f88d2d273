// Live events: a publisher in any process of the installation, subscribers on the loops of workers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace mch::http {

struct LiveEvent {
    std::string topic;  // for example "hazard" or "user:123"
    std::string type;   // SSE event name
    std::string data;   // JSON text
    std::string id;     // resume id
};

// Thread safe and non-blocking. Events are hints ("something changed, fetch it"): they carry ids
// and versions, never content that needs a permission check.
class LiveBus {
  public:
    virtual ~LiveBus() = default;
    virtual void Publish(LiveEvent event) = 0;
};

}  // namespace mch::http
