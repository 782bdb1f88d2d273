// The live bus of an installation: datagrams between its processes, through one socket file per
// worker in var/run/live/. Publishing never blocks: a worker whose queue is full misses the event,
// which is a hint only.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "mch/base/result.h"
#include "mch/http/stream.h"

namespace mch::process {

class LiveSocket final : public http::LiveBus {
  public:
    // `folder` exists. The bus may publish from the start; Listen() makes it receive too.
    explicit LiveSocket(std::string folder);
    ~LiveSocket() override;
    LiveSocket(const LiveSocket&) = delete;
    LiveSocket& operator=(const LiveSocket&) = delete;

    // Creates this process's receiving end. Errors: process.live.
    Result<void> Listen();
    int fd() const { return receive_fd_; }
    // Hands every waiting event to `deliver`.
    void Drain(const std::function<void(http::LiveEvent)>& deliver);

    // To all listening processes, this one included. Thread safe.
    void Publish(http::LiveEvent event) override;

  private:
    const std::string folder_;
    std::string own_path_;
    int send_fd_ = -1;
    int receive_fd_ = -1;
};

// Encoding of one event; exposed for the test.
std::string EncodeEvent(const http::LiveEvent& event);
bool DecodeEvent(std::string_view bytes, http::LiveEvent* event);

}  // namespace mch::process
