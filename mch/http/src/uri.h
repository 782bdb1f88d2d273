// The request target (RFC 9112 section 3.2) and its path.
#pragma once

#include <string>
#include <string_view>

namespace mch::http {

struct Target {
    std::string_view path;       // decoded, normalised; into the target or into `storage`
    std::string_view query;      // raw, without "?"
    std::string_view authority;  // of the absolute form, else ""
    std::string storage;
};

// Takes apart and normalises `target`. The path is decoded once; "." and ".." are removed, "//"
// becomes "/". nullptr when good, else why it is refused (English): an encoded slash, a control
// character or NUL, a bad escape, a climb above the root, a form that does not fit the method.
const char* ParseTarget(std::string_view method, std::string_view target, Target& out);

}  // namespace mch::http
