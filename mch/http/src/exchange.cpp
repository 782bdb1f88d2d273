#include "exchange.h"

#include <algorithm>
#include <random>

#include "characters.h"
#include "mch/base/crypto.h"

namespace mch::http {
namespace {

std::string RandomHex(int words) {
    thread_local std::mt19937_64 generator = [] {
        const std::string seed = crypto::RandomBytes(32);
        std::seed_seq sequence(seed.begin(), seed.end());
        return std::mt19937_64(sequence);
    }();
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    out.reserve(static_cast<std::size_t>(words) * 16);
    for (int word = 0; word < words; ++word) {
        std::uint64_t bits = generator() | 1;  // never all zero, which the format forbids
        for (int i = 0; i < 16; ++i, bits >>= 4) out.push_back(kDigits[bits & 15]);
    }
    return out;
}

}  // namespace

std::string NewTraceId() { return RandomHex(2); }
std::string NewSpanId() { return RandomHex(1); }

std::string TraceIdOf(std::string_view traceparent) {
    // version "-" trace-id "-" parent-id "-" flags; later versions may append more.
    if (traceparent.size() < 55 || traceparent[2] != '-' || traceparent[35] != '-' ||
        traceparent[52] != '-' || traceparent.substr(0, 2) == "ff") {
        return {};
    }
    if (traceparent.size() > 55 && (traceparent.substr(0, 2) == "00" || traceparent[55] != '-')) {
        return {};
    }
    const auto is_lower_hex = [](std::string_view text) {
        return std::all_of(text.begin(), text.end(),
                           [](char c) { return Is(c, kHexChar) && LowerChar(c) == c; });
    };
    const std::string_view trace = traceparent.substr(3, 32);
    const std::string_view parent = traceparent.substr(36, 16);
    if (!is_lower_hex(traceparent.substr(0, 2)) || !is_lower_hex(trace) || !is_lower_hex(parent) ||
        !is_lower_hex(traceparent.substr(53, 2))) {
        return {};
    }
    if (trace.find_first_not_of('0') == trace.npos ||
        parent.find_first_not_of('0') == parent.npos) {
        return {};
    }
    return std::string(trace);
}

const std::string& Exchange::TraceId() const {
    if (trace_id.empty()) trace_id = TraceIdOf(head.Find("traceparent"));
    if (trace_id.empty()) trace_id = NewTraceId();
    return trace_id;
}

void Exchange::Clear() {
    // head, target and path are overwritten by the next request.
    client_text = peer_text;
    if (!captures.empty()) captures.clear();
    server = nullptr;
    location = nullptr;
    route = nullptr;
    redirects = 0;
    error_status = 0;
    status = 0;
    body_bytes_sent = 0;
    bytes_sent = 0;
    account.clear();
    trace_id.clear();
}

}  // namespace mch::http
