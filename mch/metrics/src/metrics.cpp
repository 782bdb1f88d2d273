#include "mch/metrics/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>

namespace mch::metrics {
namespace {

constexpr std::uint32_t kFree = 0;
constexpr std::uint32_t kNaming = 1;
constexpr std::uint32_t kUsed = 2;

template <typename Slot>
std::string_view NameOf(const Slot& slot) {
    return {slot.name.data(), strnlen(slot.name.data(), slot.name.size())};
}

// A slot whose owner died between "being named" and "in use" is skipped for ever: the table is far
// larger than any configuration, and the exposition adds up slots of one name.
template <typename Slots>
auto* Claim(Slots& slots, std::string_view name, std::size_t usable) {
    name = name.substr(0, slots[0].name.size() - 1);
    for (std::size_t i = 0; i < usable; ++i) {
        auto& slot = slots[i];
        std::uint32_t state = slot.state.load(std::memory_order_acquire);
        if (state == kUsed && NameOf(slot) == name) return &slot;
        if (state == kFree &&
            slot.state.compare_exchange_strong(state, kNaming, std::memory_order_acq_rel)) {
            std::copy(name.begin(), name.end(), slot.name.begin());
            slot.state.store(kUsed, std::memory_order_release);
            return &slot;
        }
        if (state == kUsed && NameOf(slot) == name) return &slot;
    }
    return static_cast<decltype(&slots[0])>(nullptr);
}

std::int64_t Read(const Counter& counter) { return counter.load(std::memory_order_relaxed); }

struct Sum {
    std::array<std::int64_t, 6> by_class{};
    std::array<std::int64_t, kBucketBounds.size() + 1> buckets{};
    std::int64_t sum_us = 0;
};

void Plain(std::string& out, std::string_view name, std::string_view type, std::string_view help,
           std::int64_t value) {
    fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help,
                   type, value);
}

}  // namespace

void Histogram::Observe(std::int64_t microseconds) {
    const auto* bound = std::lower_bound(kBucketBounds.begin(), kBucketBounds.end(), microseconds);
    const auto index = static_cast<std::size_t>(bound - kBucketBounds.begin());
    buckets[index].fetch_add(1, std::memory_order_relaxed);
    sum_us.fetch_add(microseconds, std::memory_order_relaxed);
}

void RequestSlot::Count(int status, std::int64_t microseconds) {
    const int index = status / 100;
    by_class[static_cast<std::size_t>(index >= 1 && index <= 5 ? index : 0)].fetch_add(
        1, std::memory_order_relaxed);
    latency.Observe(microseconds);
}

RequestSlot* Zone::Requests(std::string_view labels) {
    if (RequestSlot* slot = Claim(slots, labels, slots.size() - 1)) return slot;
    RequestSlot& last = slots.back();
    std::uint32_t state = kFree;
    if (last.state.compare_exchange_strong(state, kNaming, std::memory_order_acq_rel)) {
        constexpr std::string_view kOther = "other=\"true\"";
        std::copy(kOther.begin(), kOther.end(), last.name.begin());
        last.state.store(kUsed, std::memory_order_release);
    }
    return &last;
}

PoolSlot* Zone::Pool(std::string_view name) {
    PoolSlot* slot = Claim(pools, name, pools.size());
    return slot != nullptr ? slot : &pools.back();
}

std::string ToPrometheus(const Zone& zone) {
    std::string out;
    out.reserve(16 * 1024);
    Plain(out, "mch_connections_accepted_total", "counter", "Connections accepted.",
          Read(zone.connections_accepted));
    Plain(out, "mch_connections_active", "gauge", "Open connections.",
          Read(zone.connections_active));
    Plain(out, "mch_connections_waiting", "gauge", "Idle kept-alive connections.",
          Read(zone.connections_waiting));
    Plain(out, "mch_bad_requests_total", "counter", "Requests refused by the parser.",
          Read(zone.bad_requests));
    Plain(out, "mch_bytes_sent_total", "counter", "Bytes sent to clients.", Read(zone.bytes_sent));
    Plain(out, "mch_streams", "gauge", "Open live streams.", Read(zone.streams));
    Plain(out, "mch_streams_dropped_total", "counter",
          "Live streams closed because the client did not keep up.", Read(zone.streams_dropped));
    Plain(out, "mch_log_lines_lost_total", "counter", "Access log lines that could not be written.",
          Read(zone.log_lines_lost));

    auto append = std::back_inserter(out);
    struct PoolMetric {
        std::string_view name, type, help;
        Counter PoolSlot::* member;
    };
    constexpr std::array<PoolMetric, 4> kPools = {{
        {"mch_pool_queued", "gauge", "Requests waiting for a thread.", &PoolSlot::queued},
        {"mch_pool_running", "gauge", "Requests in a thread.", &PoolSlot::running},
        {"mch_pool_refused_total", "counter", "Requests refused by a full queue.",
         &PoolSlot::refused},
        {"mch_pool_finished_total", "counter", "Requests finished by a pool.", &PoolSlot::finished},
    }};
    for (const PoolMetric& metric : kPools) {
        fmt::format_to(append, "# HELP {0} {1}\n# TYPE {0} {2}\n", metric.name, metric.help,
                       metric.type);
        for (const PoolSlot& slot : zone.pools) {
            if (slot.state.load(std::memory_order_acquire) != kUsed) continue;
            fmt::format_to(append, "{}{{pool=\"{}\"}} {}\n", metric.name, NameOf(slot),
                           Read(slot.*metric.member));
        }
    }

    std::map<std::string_view, Sum> sums;
    for (const RequestSlot& slot : zone.slots) {
        if (slot.state.load(std::memory_order_acquire) != kUsed) continue;
        Sum& sum = sums[NameOf(slot)];
        for (std::size_t i = 0; i < sum.by_class.size(); ++i) {
            sum.by_class[i] += Read(slot.by_class[i]);
        }
        for (std::size_t i = 0; i < sum.buckets.size(); ++i) {
            sum.buckets[i] += Read(slot.latency.buckets[i]);
        }
        sum.sum_us += Read(slot.latency.sum_us);
    }
    out +=
        "# HELP mch_requests_total Requests by class of their status.\n"
        "# TYPE mch_requests_total counter\n";
    constexpr std::array<std::string_view, 6> kClasses = {"none", "1xx", "2xx",
                                                          "3xx",  "4xx", "5xx"};
    for (const auto& [labels, sum] : sums) {
        for (std::size_t i = 0; i < kClasses.size(); ++i) {
            if (sum.by_class[i] == 0) continue;
            fmt::format_to(append, "mch_requests_total{{{},status=\"{}\"}} {}\n", labels,
                           kClasses[i], sum.by_class[i]);
        }
    }
    out +=
        "# HELP mch_request_duration_seconds Time from the first byte of a request to the end of "
        "its answer.\n# TYPE mch_request_duration_seconds histogram\n";
    for (const auto& [labels, sum] : sums) {
        std::int64_t total = 0;
        for (std::size_t i = 0; i < kBucketBounds.size(); ++i) {
            total += sum.buckets[i];
            fmt::format_to(append, "mch_request_duration_seconds_bucket{{{},le=\"{}\"}} {}\n",
                           labels, static_cast<double>(kBucketBounds[i]) / 1e6, total);
        }
        total += sum.buckets.back();
        fmt::format_to(append,
                       "mch_request_duration_seconds_bucket{{{0},le=\"+Inf\"}} {1}\n"
                       "mch_request_duration_seconds_sum{{{0}}} {2}\n"
                       "mch_request_duration_seconds_count{{{0}}} {1}\n",
                       labels, total, static_cast<double>(sum.sum_us) / 1e6);
    }
    return out;
}

std::string ToStubStatus(const Zone& zone) {
    const std::int64_t active = Read(zone.connections_active);
    const std::int64_t waiting = Read(zone.connections_waiting);
    const std::int64_t reading = Read(zone.connections_reading);
    const std::int64_t accepted = Read(zone.connections_accepted);
    return fmt::format(
        "Active connections: {} \nserver accepts handled requests\n {} {} {} \n"
        "Reading: {} Writing: {} Waiting: {} \n",
        active, accepted, accepted, Read(zone.requests), reading,
        std::max<std::int64_t>(active - waiting - reading, 0), waiting);
}

}  // namespace mch::metrics
