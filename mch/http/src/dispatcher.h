// What happens to a request of a module's route between its last byte and its answer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mch/base/catalogue.h"
#include "mch/base/clock.h"
#include "mch/http/message.h"
#include "mch/http/principal.h"
#include "mch/http/router.h"
#include "spool.h"

namespace mch::http {

// One request on its way through a pool. Owns the spool files of its body.
struct Job {
    Request request;
    const Route* route = nullptr;
    std::string trace_id;
    std::string raw_host;  // the Host field as sent, for the Origin check
    std::optional<Deadline> deadline;
    std::vector<SpoolFile> files;
    Principal principal;  // after Run
};

class Dispatcher {
  public:
    // `authenticator` may be null: then nobody is signed in.
    Dispatcher(Authenticator* authenticator, const Catalogue& catalogue, const Clock& clock)
        : authenticator_(authenticator), catalogue_(catalogue), clock_(clock) {}

    // Deadline, authentication, CSRF, permission, body, handler. Blocking, thread safe, never
    // throws.
    Response Run(Job& job) const;
    // The problem document of an error with the headers of every API answer.
    Response Refuse(const Error& error, const Job& job) const;
    // Whether the request of an open stream would still be let in, by the same user.
    bool StillAllowed(const Job& job) const;

  private:
    Result<Response> Handle(Job& job, Context& context) const;
    Result<void> Authorise(Job& job, Context& context) const;
    Result<void> ReadBody(Job& job) const;
    std::string_view Language(const Job& job) const;

    Authenticator* const authenticator_;
    const Catalogue& catalogue_;
    const Clock& clock_;
};

}  // namespace mch::http
