// TLS over real sockets, with a certificate made here.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "server_fixture.h"

namespace mch::http {
namespace {

template <auto F>
struct Free {
    template <typename T>
    void operator()(T* object) const {
        F(object);
    }
};

class TlsTest : public ServerFixture {
  protected:
    void MakeCertificate(const std::string& name) const {
        const std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
        const std::unique_ptr<X509, Free<X509_free>> certificate(X509_new());
        X509_set_version(certificate.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
        X509_NAME* subject = X509_get_subject_name(certificate.get());
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
        X509_set_issuer_name(certificate.get(), subject);
        X509_set_pubkey(certificate.get(), key.get());
        ASSERT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
        FILE* out = fopen((folder_ + name + ".crt").c_str(), "w");
        PEM_write_X509(out, certificate.get());
        fclose(out);
        out = fopen((folder_ + name + ".key").c_str(), "w");
        PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        fclose(out);
    }

    // "version|certificate's name|answer" of one request.
    std::string Ask(const std::string& server_name, const std::string& path,
                    int max_version = 0) const {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port_));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        const std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>> context(
            SSL_CTX_new(TLS_client_method()));
        if (max_version != 0) SSL_CTX_set_max_proto_version(context.get(), max_version);
        const std::unique_ptr<SSL, Free<SSL_free>> ssl(SSL_new(context.get()));
        SSL_set_fd(ssl.get(), fd);
        SSL_set_tlsext_host_name(ssl.get(), server_name.c_str());
        std::string out = "refused";
        if (SSL_connect(ssl.get()) == 1) {
            const std::unique_ptr<X509, Free<X509_free>> peer(SSL_get1_peer_certificate(ssl.get()));
            std::array<char, 64> name{};
            X509_NAME_get_text_by_NID(X509_get_subject_name(peer.get()), NID_commonName,
                                      name.data(), static_cast<int>(name.size()));
            const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + server_name +
                                        "\r\nConnection: close\r\n\r\n";
            EXPECT_GT(SSL_write(ssl.get(), request.data(), static_cast<int>(request.size())), 0);
            out = std::string(SSL_get_version(ssl.get())) + "|" + name.data() + "|";
            std::array<char, 16384> piece;
            int n = 0;
            while ((n = SSL_read(ssl.get(), piece.data(), static_cast<int>(piece.size()))) > 0) {
                out.append(piece.data(), static_cast<std::size_t>(n));
            }
            SSL_shutdown(ssl.get());
        }
        close(fd);
        return out;
    }
};

TEST_F(TlsTest, ServesTheCertificateOfTheNameThatIsAsked) {
    MakeCertificate("one");
    MakeCertificate("two");
    std::string large(3'000'000, 'l');
    WriteFile("www/large", large);
    StartServer(
        "listen 127.0.0.1:0 ssl; server_name one; ssl_certificate one.crt; ssl_certificate_key "
        "one.key;"
        "root www; location /api/ { module_routes on; } location = /s { return 200 "
        "$scheme-$server_name; } }"
        "server { listen 127.0.0.1:0 ssl; server_name two; ssl_certificate two.crt;"
        "ssl_certificate_key two.key; return 200 $scheme-$server_name;");
    const std::string one = Ask("one", "/s");
    EXPECT_EQ(one.substr(0, 12), "TLSv1.3|one|");
    EXPECT_EQ(BodyOfAnswer(one), "https-one");
    const std::string two = Ask("two", "/", TLS1_2_VERSION);
    EXPECT_EQ(two.substr(0, 12), "TLSv1.2|two|");
    EXPECT_EQ(BodyOfAnswer(two), "https-two");
    EXPECT_EQ(BodyOfAnswer(Ask("one", "/large")), large);
    EXPECT_EQ(BodyOfAnswer(Ask("one", "/api/v1/big")).size(), 3'000'000u);
    EXPECT_NE(Ask("one", "/api/v1/echo/1").find("\"scheme\":\"https\""), std::string::npos);
    EXPECT_EQ(Ask("one", "/s", TLS1_1_VERSION), "refused");
    // Plain text on the port of TLS gets no answer, and hurts nobody.
    EXPECT_EQ(Get("/s").find("200 OK"), std::string::npos);
    EXPECT_EQ(BodyOfAnswer(Ask("one", "/s")), "https-one");
}

TEST_F(TlsTest, RefusesAKeyThatDoesNotFit) {
    MakeCertificate("one");
    MakeCertificate("two");
    conf::Registry registry;
    DeclareDirectives(registry);
    auto root = conf::Parse(registry,
                            "http { server { listen 1 ssl; ssl_certificate one.crt;\n"
                            "ssl_certificate_key two.key; } }",
                            "t.conf");
    ASSERT_TRUE(root);
    const auto checked = CheckConfiguration(*root, folder_);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code(), "conf.invalid");
    EXPECT_NE(checked.error().detail().find("two.key"), std::string::npos);
}

}  // namespace
}  // namespace mch::http
