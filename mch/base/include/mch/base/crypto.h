// Hashes, MACs, random bytes. Thin over OpenSSL, so that no other part includes its headers for it.
#pragma once

#include <string>
#include <string_view>

namespace mch::crypto {

// 32 raw bytes.
std::string Sha256(std::string_view data);
std::string HmacSha256(std::string_view key, std::string_view data);
// Cryptographically secure; aborts when the system has no randomness.
std::string RandomBytes(std::size_t count);
// Time does not depend on where the texts differ.
bool ConstantTimeEquals(std::string_view a, std::string_view b);

// Incremental SHA-256 for streams.
class Sha256Stream {
  public:
    Sha256Stream();
    ~Sha256Stream();
    Sha256Stream(const Sha256Stream&) = delete;
    Sha256Stream& operator=(const Sha256Stream&) = delete;
    void Update(std::string_view data);
    std::string Finish();

  private:
    void* context_;
};

}  // namespace mch::crypto
