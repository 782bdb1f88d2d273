#include "streams.h"

#include <algorithm>

namespace mch::http {
namespace {

void AppendField(std::string& out, std::string_view name, std::string_view value) {
    do {
        const std::size_t end =
            std::min(value.find_first_of(std::string_view("\r\n\0", 3)), value.size());
        out.append(name).append(": ").append(value.substr(0, end)).push_back('\n');
        value.remove_prefix(std::min(end + 1, value.size()));
    } while (!value.empty());
}

std::string_view OneLine(std::string_view value) {
    return value.substr(0, value.find_first_of(std::string_view("\r\n\0", 3)));
}

}  // namespace

std::string FormatEvent(const LiveEvent& event) {
    std::string out;
    if (!event.id.empty()) AppendField(out, "id", OneLine(event.id));
    if (!event.type.empty()) AppendField(out, "event", OneLine(event.type));
    AppendField(out, "data", event.data);
    out.push_back('\n');
    return out;
}

bool StreamHub::Wants(const Stream& stream, const LiveEvent& event) {
    const auto& topics = stream.subscription.topics;
    return std::find(topics.begin(), topics.end(), event.topic) != topics.end();
}

void StreamHub::Open(StreamSink* sink, Subscription subscription, std::shared_ptr<const Job> job,
                     std::int64_t now_ms) {
    Stream& stream = streams_[sink];
    stream = {std::move(subscription), std::move(job), now_ms};
    std::string missed;
    if (const std::string& last = stream.subscription.last_event_id; !last.empty()) {
        const auto seen = std::find_if(recent_.begin(), recent_.end(),
                                       [&](const LiveEvent& event) { return event.id == last; });
        if (seen == recent_.end()) {
            missed = "event: resync\ndata: {}\n\n";
        } else {
            std::for_each(seen + 1, recent_.end(), [&](const LiveEvent& event) {
                if (Wants(stream, event)) missed += FormatEvent(event);
            });
        }
    }
    if (!missed.empty() && !sink->WriteStream(missed)) streams_.erase(sink);
}

void StreamHub::Deliver(LiveEvent event) {
    const std::string bytes = FormatEvent(event);
    for (auto it = streams_.begin(); it != streams_.end();) {
        const bool gone = Wants(it->second, event) && !it->first->WriteStream(bytes);
        it = gone ? streams_.erase(it) : std::next(it);
    }
    if (event.id.empty()) return;
    recent_.push_back(std::move(event));
    if (recent_.size() > kRecent) recent_.pop_front();
}

void StreamHub::Heartbeat() {
    for (auto it = streams_.begin(); it != streams_.end();) {
        it = it->first->WriteStream(":\n\n") ? std::next(it) : streams_.erase(it);
    }
}

std::vector<StreamSink*> StreamHub::All() const {
    std::vector<StreamSink*> out;
    for (const auto& [sink, stream] : streams_) out.push_back(sink);
    return out;
}

std::vector<StreamHub::Due> StreamHub::DueForCheck(std::int64_t now_ms, std::int64_t age_ms) {
    std::vector<Due> out;
    for (auto& [sink, stream] : streams_) {
        if (now_ms - stream.checked_ms < age_ms) continue;
        stream.checked_ms = now_ms;
        out.push_back({sink, stream.job});
    }
    return out;
}

}  // namespace mch::http
