// Counters and histograms that all workers add to. A Zone is plain memory of atomics: all bytes
// zero is its valid empty state, so the master maps it shared before the fork and every worker uses
// it in place. Nothing is ever freed and nothing is locked; a worker that dies leaves whole
// numbers.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mch::metrics {

using Counter = std::atomic<std::int64_t>;

// Upper bounds of the latency buckets in microseconds; the last bucket is +Inf.
inline constexpr std::array<std::int64_t, 13> kBucketBounds = {
    250,    500,     1'000,   2'500,   5'000,     10'000,   25'000,
    50'000, 100'000, 250'000, 500'000, 1'000'000, 5'000'000};

struct Histogram {
    std::array<Counter, kBucketBounds.size() + 1> buckets;
    Counter sum_us;

    void Observe(std::int64_t microseconds);
};

// Requests of one server, location or route.
struct RequestSlot {
    static constexpr std::size_t kNameBytes = 96;
    std::atomic<std::uint32_t> state;   // 0 free, 1 being named, 2 in use
    std::array<char, kNameBytes> name;  // labels such as `server="x",location="/api/"`
    std::array<Counter, 6> by_class;    // index = status / 100 (0 = closed without an answer)
    Histogram latency;

    void Count(int status, std::int64_t microseconds);
};

struct PoolSlot {
    std::atomic<std::uint32_t> state;
    std::array<char, 32> name;
    Counter queued;   // waiting now, over all workers
    Counter running;  // in a thread now
    Counter refused;  // full queue
    Counter finished;
};

struct Zone {
    Counter connections_accepted;
    Counter connections_active;
    Counter connections_reading;  // a request is arriving
    Counter connections_waiting;  // kept alive, idle
    Counter requests;
    Counter bad_requests;  // refused by the parser
    Counter bytes_sent;
    Counter streams;          // open SSE streams
    Counter streams_dropped;  // closed because the client was too slow
    Counter log_lines_lost;
    std::array<PoolSlot, 8> pools;
    std::array<RequestSlot, 512> slots;

    // The slot of that label text, taken on first use. When all are taken the last one, named
    // `other="true"`, is shared. Never null. Text beyond kNameBytes - 1 is cut.
    RequestSlot* Requests(std::string_view labels);
    PoolSlot* Pool(std::string_view name);
};

// Prometheus text exposition, version 0.0.4. Slots of the same name are added up.
std::string ToPrometheus(const Zone& zone);
// nginx's stub_status page.
std::string ToStubStatus(const Zone& zone);

}  // namespace mch::metrics
