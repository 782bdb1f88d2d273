#include "mch/metrics/metrics.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>

namespace mch::metrics {
namespace {

// Zeroed memory, as the master maps it.
struct ZoneMemory {
    ZoneMemory() : memory(std::calloc(1, sizeof(Zone))) {}
    ~ZoneMemory() { std::free(memory); }
    Zone& zone() { return *static_cast<Zone*>(memory); }
    void* memory;
};

TEST(Metrics, ZeroedMemoryIsAnEmptyZone) {
    ZoneMemory memory;
    const std::string text = ToPrometheus(memory.zone());
    EXPECT_NE(text.find("mch_connections_active 0\n"), std::string::npos);
    EXPECT_EQ(text.find("mch_requests_total{"), std::string::npos);
}

TEST(Metrics, SameLabelsShareASlotAndAreExposed) {
    ZoneMemory memory;
    RequestSlot* slot = memory.zone().Requests("server=\"a\"");
    EXPECT_EQ(slot, memory.zone().Requests("server=\"a\""));
    EXPECT_NE(slot, memory.zone().Requests("server=\"b\""));
    slot->Count(200, 300);
    slot->Count(204, 250);
    slot->Count(503, 9'000'000);
    const std::string text = ToPrometheus(memory.zone());
    for (const char* line : {
             "mch_requests_total{server=\"a\",status=\"2xx\"} 2\n",
             "mch_requests_total{server=\"a\",status=\"5xx\"} 1\n",
             "mch_request_duration_seconds_bucket{server=\"a\",le=\"0.00025\"} 1\n",
             "mch_request_duration_seconds_bucket{server=\"a\",le=\"0.0005\"} 2\n",
             "mch_request_duration_seconds_bucket{server=\"a\",le=\"5\"} 2\n",
             "mch_request_duration_seconds_bucket{server=\"a\",le=\"+Inf\"} 3\n",
             "mch_request_duration_seconds_count{server=\"a\"} 3\n",
         }) {
        EXPECT_NE(text.find(line), std::string::npos) << line << text;
    }
}

TEST(Metrics, AFullTableSharesItsLastSlot) {
    ZoneMemory memory;
    Zone& zone = memory.zone();
    for (std::size_t i = 0; i < zone.slots.size() - 1; ++i) {
        zone.Requests("n=\"" + std::to_string(i) + "\"");
    }
    RequestSlot* first = zone.Requests("n=\"one too many\"");
    EXPECT_EQ(first, &zone.slots.back());
    EXPECT_EQ(first, zone.Requests("n=\"another\""));
    first->Count(404, 1);
    EXPECT_NE(ToPrometheus(zone).find("mch_requests_total{other=\"true\",status=\"4xx\"} 1"),
              std::string::npos);
}

TEST(Metrics, ASlotLeftHalfNamedIsSkipped) {
    ZoneMemory memory;
    Zone& zone = memory.zone();
    zone.slots[0].state = 1;  // its owner died while naming it
    EXPECT_EQ(zone.Requests("server=\"a\""), &zone.slots[1]);
}

TEST(Metrics, PoolsAreExposed) {
    ZoneMemory memory;
    memory.zone().Pool("short")->queued = 3;
    EXPECT_NE(ToPrometheus(memory.zone()).find("mch_pool_queued{pool=\"short\"} 3\n"),
              std::string::npos);
}

TEST(Metrics, StubStatusReadsAsNginx) {
    ZoneMemory memory;
    memory.zone().connections_active = 5;
    memory.zone().connections_accepted = 7;
    memory.zone().connections_waiting = 2;
    memory.zone().connections_reading = 1;
    memory.zone().requests = 11;
    EXPECT_EQ(ToStubStatus(memory.zone()),
              "Active connections: 5 \nserver accepts handled requests\n 7 7 11 \n"
              "Reading: 1 Writing: 2 Waiting: 2 \n");
}

}  // namespace
}  // namespace mch::metrics
