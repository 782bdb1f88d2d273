// One request and its answer while they are on a connection: what variables, locations, content
// handlers and the access log look at. Lives on the loop's thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "address.h"
#include "mch/base/clock.h"
#include "parser.h"
#include "uri.h"

namespace mch::http {

struct ServerBlock;
struct Location;
struct Route;

struct Exchange {
    // The request.
    Head head;
    Target target;
    std::string_view path;         // decoded; changes with an internal redirect
    std::string redirected_path;   // storage of `path` after an internal redirect
    std::string host;              // lower case, without port
    std::string_view peer_text;    // the connection's address
    std::string_view client_text;  // behind trusted proxies
    std::string real_address;      // storage of client_text when it differs from peer_text
    bool https = false;            // after a trusted proxy's word
    int server_port = 0;
    std::int64_t request_length = 0;
    std::int64_t connection_id = 0;
    std::int64_t connection_requests = 0;
    std::vector<std::string> captures;  // of the location's pattern; [0] is the whole match

    // Where it is served.
    const ServerBlock* server = nullptr;
    const Location* location = nullptr;
    const Route* route = nullptr;
    int redirects = 0;     // internal, bounded
    int error_status = 0;  // status that an error_page answers with

    // The answer.
    int status = 0;
    std::int64_t body_bytes_sent = 0;
    std::int64_t bytes_sent = 0;
    std::int64_t started_us = 0;  // monotonic
    std::int64_t finished_us = 0;
    TimeMs finished_at = 0;        // wall clock
    std::string account;           // of the signed-in user
    mutable std::string trace_id;  // made when first asked for

    const std::string& TraceId() const;
    void Clear();
};

// 32 hex digits; unique, not secret.
std::string NewTraceId();
// 16 hex digits.
std::string NewSpanId();
// The trace id of a W3C traceparent value, or "" when it is malformed.
std::string TraceIdOf(std::string_view traceparent);

}  // namespace mch::http
