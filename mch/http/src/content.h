// The seam for what answers a request: static files, `return`, routes of modules, metrics, and
// later the proxy and the language handlers. One object of each kind serves all connections of a
// loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "file_cache.h"
#include "mch/base/error.h"

namespace mch::http {

class Connection;
struct Core;

// What a content handler sends. `headers` are complete lines.
struct Answer {
    int status = 200;
    std::string_view content_type;  // "" = none
    std::string headers;            // "Name: value\r\n"...
    std::string body;
    std::shared_ptr<const OpenFile> file;  // instead of body
    std::int64_t offset = 0;
    std::int64_t length = 0;
};

struct BodyPlan {
    enum class Use { kDiscard, kKeep, kMultipart };
    Use use = Use::kDiscard;
    std::int64_t max = 0;  // 0 = no limit
    std::string boundary;  // of multipart
};

class ContentHandler {
  public:
    virtual ~ContentHandler() = default;
    // The head has arrived: what to do with the body. May answer at once (Connection::Send).
    virtual BodyPlan Prepare(Connection& connection);
    // The whole request has arrived. Answers with Connection::Send or SendError, now or later.
    virtual void Handle(Connection& connection) = 0;
    // The body is malformed, too large, or cannot be stored.
    virtual void RefuseBody(Connection& connection, const Error& error);
};

std::unique_ptr<ContentHandler> MakeStaticHandler();
std::unique_ptr<ContentHandler> MakeReturnHandler();
std::unique_ptr<ContentHandler> MakeRoutesHandler();
std::unique_ptr<ContentHandler> MakeMetricsHandler();
std::unique_ptr<ContentHandler> MakeStubStatusHandler();

}  // namespace mch::http
