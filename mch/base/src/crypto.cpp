#include "mch/base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "mch/base/result.h"

namespace mch::crypto {
namespace {

const unsigned char* Bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

EVP_MD_CTX* Context(void* context) { return static_cast<EVP_MD_CTX*>(context); }

}  // namespace

std::string Sha256(std::string_view data) {
    Sha256Stream stream;
    stream.Update(data);
    return stream.Finish();
}

std::string HmacSha256(std::string_view key, std::string_view data) {
    std::string out(32, '\0');
    unsigned length = 0;
    MCH_ASSERT(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Bytes(data),
                    data.size(), reinterpret_cast<unsigned char*>(out.data()), &length) != nullptr);
    return out;
}

std::string RandomBytes(std::size_t count) {
    std::string out(count, '\0');
    MCH_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) ==
               1);
    return out;
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Sha256Stream::Sha256Stream() : context_(EVP_MD_CTX_new()) {
    MCH_ASSERT(context_ != nullptr &&
               EVP_DigestInit_ex(Context(context_), EVP_sha256(), nullptr) == 1);
}

Sha256Stream::~Sha256Stream() { EVP_MD_CTX_free(Context(context_)); }

void Sha256Stream::Update(std::string_view data) {
    MCH_ASSERT(EVP_DigestUpdate(Context(context_), data.data(), data.size()) == 1);
}

std::string Sha256Stream::Finish() {
    std::string out(32, '\0');
    MCH_ASSERT(EVP_DigestFinal_ex(Context(context_), reinterpret_cast<unsigned char*>(out.data()),
                                  nullptr) == 1);
    return out;
}

}  // namespace mch::crypto
