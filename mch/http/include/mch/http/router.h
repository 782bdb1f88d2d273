// Routes of modules: declared once, checked for permission and schema by the dispatcher, printed
// into OpenAPI.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/clock.h"
#include "mch/base/result.h"
#include "mch/base/schema.h"
#include "mch/http/message.h"
#include "mch/http/principal.h"

namespace mch::http {

// What a handler gets besides the request. Lives as long as the request.
class Context {
  public:
    Context(const Clock& clock, Deadline deadline) : clock_(&clock), deadline_(deadline) {}
    const Clock& clock() const { return *clock_; }
    const Deadline& deadline() const { return deadline_; }

    Principal principal;
    std::string client_address;  // of the request, for audit
    std::string trace_id;        // 32 hex digits, W3C trace context
    std::string language;        // "zh-CN" or "en", from Accept-Language or the user's choice
    const struct Route* route = nullptr;

  private:
    const Clock* clock_;
    Deadline deadline_;
};

using Handler = std::function<Result<Response>(const Request&, Context&)>;

// Which bounded pool runs the handler. kInline runs on the event loop: it must not block and is for
// health and metrics only.
enum class Pool { kShort, kBulk, kHash, kInline };

struct QueryParameter {
    std::string name;
    Schema schema;
    std::string description;
};

struct Route {
    std::string method;   // GET POST PUT PATCH DELETE
    std::string pattern;  // "/api/v1/hazards/{id}"
    std::string summary;  // English, for OpenAPI
    // "module:object:action", or kPublic, or kSignedIn (any signed-in user). Empty is refused.
    std::string permission;
    Handler handler;
    Schema request = {};   // JSON body; Empty() = none
    Schema response = {};  // JSON answer
    std::vector<QueryParameter> query = {};
    Pool pool = Pool::kShort;
    bool multipart = false;  // the body is multipart/form-data instead of JSON
    std::int64_t max_body = 256 * 1024;
    // Every write route names the audit action it records ("hazard.report"); a test walks the
    // table.
    std::string audit_action = {};
    // Answers while the user must change the password first.
    bool allow_before_password_change = false;
    // GET answers may be cached by the browser (default: no-store).
    std::string cache_control = "no-store";
};

inline constexpr std::string_view kPublic = "public";
inline constexpr std::string_view kSignedIn = "signed-in";

class Router {
  public:
    // Refuses (assert) a duplicate, a route without permission, a write route without audit action,
    // an inline route that is not public (inline handlers must not block, and signing in does).
    void Add(Route route);
    struct Match {
        const Route* route = nullptr;              // nullptr: no such path
        std::vector<std::string> allowed_methods;  // set when the path exists with other methods
        std::vector<std::pair<std::string, std::string>> parameters;
    };
    Match Find(std::string_view method, std::string_view path) const;
    const std::vector<Route>& routes() const { return routes_; }

    // OpenAPI 3.1 document of all routes under `prefix`.
    std::string ToOpenApi(std::string_view title, std::string_view version) const;

    Router();
    ~Router();
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

  private:
    struct Node;
    static const Node* Walk(const Node& node, const std::vector<std::string_view>& segments,
                            std::size_t at, std::vector<std::string_view>& values);
    std::vector<Route> routes_;
    std::unique_ptr<Node> root_;
};

}  // namespace mch::http
