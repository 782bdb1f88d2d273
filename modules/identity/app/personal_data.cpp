#include "modules/identity/app/personal_data.h"

#include <openssl/evp.h>

#include <memory>

#include "mch/base/crypto.h"
#include "mch/base/text.h"

namespace anlan::identity {

namespace {

// Sealed text: "1.KEYID.BASE64URL(nonce | tag | ciphertext)".
constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

const unsigned char* Bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string KeyIdOf(std::string_view key) {
    return mch::text::ToHex(mch::crypto::HmacSha256(key, "key id")).substr(0, 8);
}
// One key per use, so that the index reveals nothing about the cipher.
std::string CipherKey(std::string_view key) { return mch::crypto::HmacSha256(key, "cipher"); }

}  // namespace

mch::Result<std::string> KeyedPersonalData::Seal(std::string_view column, std::string_view plain) {
    if (plain.empty()) return std::string();
    MCH_TRY(const std::string key, key_());
    const std::string cipher_key = CipherKey(key);
    const std::string nonce = mch::crypto::RandomBytes(kNonce);
    std::string out(plain.size(), '\0');
    std::string tag(kTag, '\0');
    const CipherContext context(EVP_CIPHER_CTX_new());
    int length = 0;
    const bool sealed =
        context != nullptr &&
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(cipher_key),
                           Bytes(nonce)) == 1 &&
        EVP_EncryptUpdate(context.get(), nullptr, &length, Bytes(column),
                          static_cast<int>(column.size())) == 1 &&
        EVP_EncryptUpdate(context.get(), Bytes(out), &length, Bytes(plain),
                          static_cast<int>(plain.size())) == 1 &&
        EVP_EncryptFinal_ex(context.get(), Bytes(out) + length, &length) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTag, tag.data()) == 1;
    if (!sealed) return mch::Internal("personal_data.cipher");
    return "1." + KeyIdOf(key) + "." + mch::text::ToBase64Url(nonce + tag + out);
}

mch::Result<std::string> KeyedPersonalData::Open(std::string_view column, std::string_view sealed) {
    if (sealed.empty()) return std::string();
    const auto parts = mch::text::Split(sealed, '.');
    if (parts.size() != 3 || parts[0] != "1") return mch::Internal("personal_data.damaged");
    MCH_TRY(const std::string key, key_());
    if (parts[1] != KeyIdOf(key)) return mch::Internal("personal_data.other_key");
    const auto bytes = mch::text::FromBase64Url(parts[2]);
    if (!bytes || bytes->size() < kNonce + kTag) return mch::Internal("personal_data.damaged");
    const std::string cipher_key = CipherKey(key);
    const std::string_view nonce = std::string_view(*bytes).substr(0, kNonce);
    std::string tag = bytes->substr(kNonce, kTag);
    const std::string_view body = std::string_view(*bytes).substr(kNonce + kTag);
    std::string out(body.size(), '\0');
    const CipherContext context(EVP_CIPHER_CTX_new());
    int length = 0;
    const bool opened =
        context != nullptr &&
        EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(cipher_key),
                           Bytes(nonce)) == 1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &length, Bytes(column),
                          static_cast<int>(column.size())) == 1 &&
        EVP_DecryptUpdate(context.get(), Bytes(out), &length, Bytes(body),
                          static_cast<int>(body.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context.get(), Bytes(out) + length, &length) == 1;
    if (!opened) return mch::Internal("personal_data.damaged");
    return out;
}

mch::Result<std::string> KeyedPersonalData::Index(std::string_view column, std::string_view plain) {
    if (plain.empty()) return std::string();
    MCH_TRY(const std::string key, key_());
    const std::string index_key = mch::crypto::HmacSha256(key, "index");
    return mch::text::ToHex(
        mch::crypto::HmacSha256(index_key, std::string(column) + '\0' + std::string(plain)));
}

std::string MaskPhone(std::string_view phone) {
    constexpr std::size_t kShown = 7;
    if (phone.empty()) return {};
    if (phone.size() <= kShown) return "****";
    return std::string(phone.substr(0, 3)) + "****" + std::string(phone.substr(phone.size() - 4));
}

bool IsPhone(std::string_view phone) {
    if (phone.size() < 5 || phone.size() > 20) return false;
    bool separator = true;  // none at the beginning
    for (std::size_t i = 0; i < phone.size(); ++i) {
        const char c = phone[i];
        if (c >= '0' && c <= '9') {
            separator = false;
        } else if (c == '+' && i == 0) {
            continue;
        } else if ((c == ' ' || c == '-') && !separator) {
            separator = true;
        } else {
            return false;
        }
    }
    return !separator;
}

}  // namespace anlan::identity
