// Argon2id hashes of passwords (security-controls 1): PHC text, a cap on memory, rehash when the
// parameters rise.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <semaphore>
#include <string>
#include <string_view>

#include "mch/base/result.h"

namespace anlan::identity {

struct HashParameters {
    std::uint32_t memory_kib = 19456;
    std::uint32_t passes = 2;
    std::uint32_t lanes = 1;
    bool operator==(const HashParameters&) const = default;
};

// Thread safe. At most two computations run at once, so logins of many people together stay within
// 2 x memory_kib; the others wait (the hash pool is bounded).
class PasswordHasher {
  public:
    explicit PasswordHasher(HashParameters parameters = {});
    // "$argon2id$v=19$m=19456,t=2,p=1$salt$hash" with a fresh 16-byte salt.
    std::string Hash(std::string_view password);
    bool Verify(std::string_view phc, std::string_view password);
    // Takes the time of Verify and is never true: for accounts that do not exist.
    void VerifyNothing(std::string_view password);
    // True when the hash was made with lower parameters than today's.
    bool NeedsRehash(std::string_view phc) const;

    // The most computations that ever ran at once, for status and tests.
    int most_at_once() const { return most_; }

  private:
    friend class HashSlot;
    HashParameters parameters_;
    std::atomic<int> running_{0};
    std::atomic<int> most_{0};
    std::counting_semaphore<16> slots_{2};
    std::once_flag made_nothing_;
    std::string nothing_;  // hash of a random text, made at the first need
};

// invalid unless it is an argon2id text of this form.
mch::Result<HashParameters> ParsePhc(std::string_view phc);

// Random password for one use: 16 characters without look-alikes (92 bits) in groups, with an end
// that makes all four classes certain.
std::string RandomPassword();

}  // namespace anlan::identity
