#include "mch/http/router.h"

#include <algorithm>
#include <array>
#include <map>

#include "mch/base/text.h"

namespace mch::http {

// One segment of the paths. A literal wins over a parameter; when the literal's branch has no
// route, the parameter's is tried.
struct Router::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> parameter;
    struct Entry {
        std::size_t route;
        std::vector<std::string> names;  // of the parameters, in order
    };
    std::vector<Entry> entries;  // one for each method
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;

void Router::Add(Route route) {
    constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    MCH_ASSERT(std::find(kMethods.begin(), kMethods.end(), route.method) != kMethods.end());
    MCH_ASSERT(!route.pattern.empty() && route.pattern.front() == '/');
    MCH_ASSERT(!route.permission.empty());
    MCH_ASSERT(route.handler != nullptr);
    MCH_ASSERT(route.method == "GET" || !route.audit_action.empty());
    MCH_ASSERT(route.pool != Pool::kInline || route.permission == kPublic);

    Node* node = root_.get();
    Node::Entry entry{routes_.size(), {}};
    for (const std::string_view segment :
         text::Split(std::string_view(route.pattern).substr(1), '/')) {
        if (segment.size() > 2 && segment.front() == '{' && segment.back() == '}') {
            entry.names.emplace_back(segment.substr(1, segment.size() - 2));
            if (node->parameter == nullptr) node->parameter = std::make_unique<Node>();
            node = node->parameter.get();
        } else {
            auto& next = node->literals[std::string(segment)];
            if (next == nullptr) next = std::make_unique<Node>();
            node = next.get();
        }
    }
    for (const Node::Entry& other : node->entries) {
        MCH_ASSERT(routes_[other.route].method != route.method);
    }
    node->entries.push_back(std::move(entry));
    routes_.push_back(std::move(route));
}

const Router::Node* Router::Walk(const Node& node, const std::vector<std::string_view>& segments,
                                 std::size_t at, std::vector<std::string_view>& values) {
    if (at == segments.size()) return node.entries.empty() ? nullptr : &node;
    if (const auto literal = node.literals.find(segments[at]); literal != node.literals.end()) {
        if (const Node* found = Walk(*literal->second, segments, at + 1, values)) return found;
    }
    if (node.parameter == nullptr || segments[at].empty()) return nullptr;
    values.push_back(segments[at]);
    if (const Node* found = Walk(*node.parameter, segments, at + 1, values)) return found;
    values.pop_back();
    return nullptr;
}

Router::Match Router::Find(std::string_view method, std::string_view path) const {
    Match match;
    if (path.empty() || path.front() != '/' || path.size() > 2048 || !text::IsUtf8(path))
        return match;
    const std::vector<std::string_view> segments = text::Split(path.substr(1), '/');
    if (segments.size() > 32) return match;
    std::vector<std::string_view> values;
    const Node* node = Walk(*root_, segments, 0, values);
    if (node == nullptr) return match;
    if (method == "HEAD") method = "GET";
    for (const Node::Entry& entry : node->entries) {
        const Route& route = routes_[entry.route];
        if (route.method != method) {
            match.allowed_methods.push_back(route.method);
            continue;
        }
        match.route = &route;
        for (std::size_t i = 0; i < values.size(); ++i) {
            match.parameters.emplace_back(entry.names[i], values[i]);
        }
    }
    if (match.route != nullptr) match.allowed_methods.clear();
    return match;
}

}  // namespace mch::http
