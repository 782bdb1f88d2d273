// A request as a handler sees it and the response that it returns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mch/base/json.h"
#include "mch/base/result.h"

namespace mch::http {

// One file or field of a multipart/form-data body. Files are spooled to disk while they arrive.
struct Part {
    std::string name;
    std::string file_name;     // as the client sent it: metadata, never a path
    std::string content_type;  // as the client sent it: a claim
    std::string value;         // a field's text; empty for files
    std::string path;          // the spool file; removed when the request ends
    std::int64_t size = 0;
};

struct Request {
    std::string method;  // upper case, as sent
    std::string target;  // as sent
    std::string path;    // decoded and normalised: no "..", no "//"
    std::string query;   // raw, without "?"
    int version_minor = 1;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in order
    std::string host;            // from Host, lower case, without port
    std::string scheme;          // "http" or "https", after a trusted proxy's word
    std::string client_address;  // after a trusted proxy's word
    std::string body;            // up to client_body_buffer_size
    std::string body_path;       // spool file when the body was larger
    std::vector<Part> parts;     // multipart/form-data
    std::vector<std::pair<std::string, std::string>> path_parameters;  // {id} -> text
    json::Value json;  // the validated body when the route declares a schema

    // First header of that lower-case name, or "".
    std::string_view Header(std::string_view lower_name) const;
    bool HasHeader(std::string_view lower_name) const;
    std::string_view Cookie(std::string_view name) const;
    // Decoded query parameter; nullopt when absent or badly encoded.
    std::optional<std::string> Query(std::string_view name) const;
    std::string_view PathText(std::string_view name) const;
    // A row id of the path; request.not_found when it is not one.
    Result<std::int64_t> PathId(std::string_view name) const;
};

// A live stream: the loop sends what is published on these topics (mch/http/stream.h).
struct Subscription {
    std::vector<std::string> topics;
    // Called on the loop before each event: false drops it (the reader's rights may have changed).
    // Must not block.
    std::int64_t user_id = 0;
    std::string last_event_id;
};

struct Response {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::string file_path;     // send this file instead of body (sendfile; ranges are handled)
    bool delete_file = false;  // a spool of ours: unlink once it is open
    std::optional<Subscription> stream;  // SSE: stay open

    Response&& Header(std::string name, std::string value) && {
        headers.emplace_back(std::move(name), std::move(value));
        return std::move(*this);
    }
    static Response Json(int status, std::string json_text);
    static Response NoContent();
    static Response Text(int status, std::string text);
};

}  // namespace mch::http
