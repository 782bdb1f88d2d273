#include "uri.h"

#include "characters.h"
#include "parser.h"

namespace mch::http {
namespace {

bool IsPlain(std::string_view path) {
    char before = '\0';
    for (const char c : path) {
        if (c == '%' || (before == '/' && (c == '/' || c == '.'))) return false;
        before = c;
    }
    return true;
}

const char* Decode(std::string_view path, std::string& out) {
    out.clear();
    out.reserve(path.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] != '%') {
            out.push_back(path[i]);
            continue;
        }
        if (i + 2 >= path.size()) return "bad escape in the path";
        const int high = HexValue(path[i + 1]);
        const int low = HexValue(path[i + 2]);
        if (high < 0 || low < 0) return "bad escape in the path";
        const auto c = static_cast<char>(high * 16 + low);
        // An encoded slash would be a separator for one reader and a character for another.
        if (c == '/') return "encoded slash in the path";
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return "control character in the path";
        out.push_back(c);
        i += 2;
    }
    return nullptr;
}

// Removes dot segments and empty segments in place. A trailing slash stays.
const char* Normalise(std::string& path) {
    std::string out;
    out.reserve(path.size());
    std::size_t at = 0;
    while (at < path.size()) {
        const std::size_t begin = at + 1;  // after the slash
        std::size_t end = path.find('/', begin);
        if (end == path.npos) end = path.size();
        const std::string_view segment(path.data() + begin, end - begin);
        const bool last = end == path.size();
        if (segment == "..") {
            const std::size_t slash = out.rfind('/');
            if (slash == out.npos) return "path climbs above the root";
            out.resize(slash);
            if (last) out.push_back('/');
        } else if (segment == "." || segment.empty()) {
            if (last) out.push_back('/');
        } else {
            out.push_back('/');
            out.append(segment);
        }
        at = end;
    }
    path = std::move(out);
    return nullptr;
}

}  // namespace

const char* ParseTarget(std::string_view method, std::string_view target, Target& out) {
    out.authority = {};
    out.query = {};
    if (method == "CONNECT") return "CONNECT is not served here";
    if (target == "*") {
        if (method != "OPTIONS") return "asterisk form without OPTIONS";
        out.path = "*";
        return nullptr;
    }
    if (target.front() != '/') {
        std::size_t scheme = 0;
        if (target.size() > 7 && EqualsLower(target.substr(0, 7), "http://")) scheme = 7;
        if (target.size() > 8 && EqualsLower(target.substr(0, 8), "https://")) scheme = 8;
        if (scheme == 0) return "bad request target";
        target.remove_prefix(scheme);
        const std::size_t end = target.find_first_of("/?");
        out.authority = target.substr(0, end);
        if (!IsHostValue(out.authority)) return "bad authority in the request target";
        target = end == target.npos ? std::string_view{} : target.substr(end);
        if (target.empty() || target.front() == '?') {
            out.query = target.empty() ? target : target.substr(1);
            out.path = "/";
            return nullptr;
        }
    }
    const std::size_t question = target.find('?');
    if (question != target.npos) out.query = target.substr(question + 1);
    const std::string_view path = target.substr(0, question);
    if (IsPlain(path)) {
        out.path = path;
        return nullptr;
    }
    if (const char* wrong = Decode(path, out.storage)) return wrong;
    if (const char* wrong = Normalise(out.storage)) return wrong;
    out.path = out.storage;
    return nullptr;
}

}  // namespace mch::http
