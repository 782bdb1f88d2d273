// Client addresses and networks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sockaddr_storage;

namespace mch::http {

// An IPv4 (mapped into ::ffff:0:0/96) or IPv6 address; unix-socket peers have none.
struct Address {
    std::array<std::uint8_t, 16> bytes{};

    static std::optional<Address> Parse(std::string_view text);
    static std::optional<Address> From(const sockaddr_storage& peer);
    std::string ToText() const;
    bool IsLoopback() const;
    bool operator==(const Address&) const = default;
};

struct Network {
    Address address;
    int bits = 128;

    // "10.0.0.0/8", "::1", "192.0.2.1".
    static std::optional<Network> Parse(std::string_view text);
    bool Contains(const Address& other) const;
};

// The client's address behind trusted proxies. `header` is X-Forwarded-For or a header with one
// address. Recursive: the last address that is not itself trusted; otherwise the last one. nullopt
// when the peer is not trusted or the header holds no address.
std::optional<Address> RealAddress(const Address& peer, const std::vector<Network>& trusted,
                                   std::string_view header, bool recursive);

}  // namespace mch::http
