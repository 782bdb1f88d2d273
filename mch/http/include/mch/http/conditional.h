// Optimistic locking over HTTP: the `version` of a row as ETag, If-Match or body member.
#pragma once

#include <cstdint>
#include <string>

#include "mch/base/result.h"
#include "mch/http/message.h"

namespace mch::http {

// The ETag of a row's version: "7" in quotes.
std::string VersionTag(std::int64_t version);
// The version that the client saw: body member `version`, else the header If-Match: "<version>".
// Errors: request.version_required when neither is there, request.version_malformed.
Result<std::int64_t> VersionSeen(const Request& request);
// 412 request.version_changed with the extra member current_version.
Error VersionChanged(std::int64_t current);
// RFC 9110 section 13.1.2: weak comparison of an If-None-Match value with one entity tag.
bool MatchesTag(std::string_view if_none_match, std::string_view tag);

}  // namespace mch::http
