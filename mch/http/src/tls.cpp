#include "tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>

#include "mch/base/text.h"

namespace mch::http {
namespace {

using Choose = std::function<TlsContext*(const std::string&)>;

// Forward secret and authenticated, from Mozilla's intermediate profile.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

int SelectProtocol(SSL*, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* in, unsigned int in_size, void*) {
    static constexpr std::array<unsigned char, 9> kHttp11 = {8,   'h', 't', 't', 'p',
                                                             '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, kHttp11.data(), kHttp11.size(), in, in_size) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

int ChooseIndex() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

Error TlsError(const std::string& what) { return Invalid("http.tls", what + ": " + TlsErrors()); }

}  // namespace

std::string TlsErrors() {
    std::string out;
    while (const unsigned long code = ERR_get_error()) {
        std::array<char, 256> text{};
        ERR_error_string_n(code, text.data(), text.size());
        if (!out.empty()) out += "; ";
        out += text.data();
    }
    return out.empty() ? "no reason given" : out;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<TlsContext>> TlsContext::Create(const TlsSettings& settings) {
    SSL_CTX* raw = SSL_CTX_new(TLS_server_method());
    if (raw == nullptr) return TlsError("SSL_CTX_new");
    std::shared_ptr<TlsContext> out(new TlsContext(raw));
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    bool v12 = false;
    bool v13 = false;
    for (const std::string_view name : text::Split(settings.protocols, ' ')) {
        v12 |= name == "TLSv1.2";
        v13 |= name == "TLSv1.3";
        if (name != "TLSv1.2" && name != "TLSv1.3") {
            return Invalid("http.tls", "only TLSv1.2 and TLSv1.3 are served");
        }
    }
    if (!v12) SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
    if (!v13) SSL_CTX_set_max_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (!settings.session_tickets) SSL_CTX_set_options(raw, SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    static constexpr std::array<unsigned char, 3> kSessionContext = {'m', 'c', 'h'};
    SSL_CTX_set_session_id_context(raw, kSessionContext.data(), kSessionContext.size());
    SSL_CTX_set_timeout(raw, static_cast<long>(settings.session_timeout_ms / 1000));
    const char* ciphers = settings.ciphers.empty() ? kCiphers : settings.ciphers.c_str();
    if (SSL_CTX_set_cipher_list(raw, ciphers) != 1) return TlsError("ssl_ciphers");
    if (SSL_CTX_use_certificate_chain_file(raw, settings.certificate.c_str()) != 1) {
        return TlsError(settings.certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(raw, settings.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return TlsError(settings.key);
    }
    if (SSL_CTX_check_private_key(raw) != 1) return TlsError(settings.key);
    SSL_CTX_set_alpn_select_cb(raw, SelectProtocol, nullptr);
    SSL_CTX_set_tlsext_servername_callback(
        raw, +[](SSL* ssl, int*, void*) -> int {
            const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
            const auto* choose = static_cast<const Choose*>(SSL_get_ex_data(ssl, ChooseIndex()));
            if (name == nullptr || choose == nullptr) return SSL_TLSEXT_ERR_NOACK;
            TlsContext* chosen = (*choose)(text::ToLower(name));
            if (chosen != nullptr) SSL_set_SSL_CTX(ssl, chosen->context_);
            return SSL_TLSEXT_ERR_OK;
        });
    return out;
}

ssl_st* TlsContext::NewSession(int fd, const Choose* choose) {
    SSL* ssl = SSL_new(context_);
    if (ssl == nullptr) return nullptr;
    SSL_set_ex_data(ssl, ChooseIndex(), const_cast<Choose*>(choose));
    if (SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        return nullptr;
    }
    SSL_set_accept_state(ssl);
    return ssl;
}

}  // namespace mch::http
