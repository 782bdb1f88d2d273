#include "modules/identity/domain/password_hash.h"

#include <argon2.h>

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "mch/base/crypto.h"
#include "mch/base/text.h"

namespace anlan::identity {

namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kTagBytes = 32;

std::optional<std::uint32_t> Parameter(std::string_view text, char name) {
    if (text.size() < 3 || text[0] != name || text[1] != '=') return std::nullopt;
    const auto number = mch::text::ParseInt(text.substr(2));
    if (!number || *number < 1 || *number > 1'000'000'000) return std::nullopt;
    return static_cast<std::uint32_t>(*number);
}

}  // namespace

// Holds one of the places for a computation.
class HashSlot {
  public:
    explicit HashSlot(PasswordHasher& hasher) : hasher_(hasher) {
        hasher_.slots_.acquire();
        const int running = ++hasher_.running_;
        int most = hasher_.most_;
        while (most < running && !hasher_.most_.compare_exchange_weak(most, running)) {
        }
    }
    ~HashSlot() {
        --hasher_.running_;
        hasher_.slots_.release();
    }
    HashSlot(const HashSlot&) = delete;
    HashSlot& operator=(const HashSlot&) = delete;

  private:
    PasswordHasher& hasher_;
};

PasswordHasher::PasswordHasher(HashParameters parameters) : parameters_(parameters) {}

std::string PasswordHasher::Hash(std::string_view password) {
    const HashSlot slot(*this);
    const std::string salt = mch::crypto::RandomBytes(kSaltBytes);
    std::string encoded(argon2_encodedlen(parameters_.passes, parameters_.memory_kib,
                                          parameters_.lanes, kSaltBytes, kTagBytes, Argon2_id),
                        '\0');
    const int status = argon2id_hash_encoded(
        parameters_.passes, parameters_.memory_kib, parameters_.lanes, password.data(),
        password.size(), salt.data(), salt.size(), kTagBytes, encoded.data(), encoded.size());
    MCH_ASSERT(status == ARGON2_OK);  // out of memory or our own parameters
    encoded.resize(encoded.find('\0'));
    return encoded;
}

bool PasswordHasher::Verify(std::string_view phc, std::string_view password) {
    const HashSlot slot(*this);
    return argon2id_verify(std::string(phc).c_str(), password.data(), password.size()) == ARGON2_OK;
}

void PasswordHasher::VerifyNothing(std::string_view password) {
    std::call_once(made_nothing_, [this] { nothing_ = Hash(mch::crypto::RandomBytes(kTagBytes)); });
    (void)Verify(nothing_, password);
}

bool PasswordHasher::NeedsRehash(std::string_view phc) const {
    const auto used = ParsePhc(phc);
    return !used || used->memory_kib < parameters_.memory_kib ||
           used->passes < parameters_.passes || used->lanes < parameters_.lanes;
}

mch::Result<HashParameters> ParsePhc(std::string_view phc) {
    const mch::Error bad = mch::Invalid("identity.hash.format");
    const auto parts = mch::text::Split(phc, '$');
    if (parts.size() != 6 || !parts[0].empty() || parts[1] != "argon2id" || parts[2] != "v=19") {
        return bad;
    }
    const auto numbers = mch::text::Split(parts[3], ',');
    if (numbers.size() != 3 || parts[4].empty() || parts[5].empty()) return bad;
    const auto memory = Parameter(numbers[0], 'm');
    const auto passes = Parameter(numbers[1], 't');
    const auto lanes = Parameter(numbers[2], 'p');
    if (!memory || !passes || !lanes) return bad;
    return HashParameters{*memory, *passes, *lanes};
}

std::string RandomPassword() {
    constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";
    constexpr std::size_t kLength = 16;
    std::string password;
    while (password.size() < kLength) {
        const auto byte = static_cast<unsigned char>(mch::crypto::RandomBytes(1)[0]);
        // Values above the last whole multiple would make some letters likelier.
        if (byte < 256 - 256 % kLetters.size()) password += kLetters[byte % kLetters.size()];
    }
    // Groups are easier to type; the fixed end makes all classes certain and adds no guess.
    return password.substr(0, 4) + "-" + password.substr(4, 4) + "-" + password.substr(8, 4) + "-" +
           password.substr(12, 4) + "aZ7";
}

}  // namespace anlan::identity
