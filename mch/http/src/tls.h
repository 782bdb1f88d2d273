// TLS 1.2 and 1.3 by OpenSSL: the certificate of one server block.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "mch/base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace mch::http {

struct TlsSettings {
    std::string certificate;  // PEM files, absolute
    std::string key;
    std::string protocols = "TLSv1.2 TLSv1.3";
    std::string ciphers;  // TLS 1.2; "" = ours
    std::int64_t session_timeout_ms = 300'000;
    bool session_tickets = true;
};

class TlsContext {
  public:
    // Error: http.tls with OpenSSL's reason.
    static Result<std::shared_ptr<TlsContext>> Create(const TlsSettings& settings);
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    // A server-side session on `fd`. `choose` gives the context of a server name (SNI), or nullptr
    // to stay; it must live as long as the session.
    ssl_st* NewSession(int fd, const std::function<TlsContext*(const std::string&)>* choose);

  private:
    explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
    ssl_ctx_st* context_;
};

// The newest errors of OpenSSL's queue as one text; empties the queue.
std::string TlsErrors();

}  // namespace mch::http
