#include "address.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "characters.h"
#include "mch/base/text.h"

namespace mch::http {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool IsMapped(const Address& address) {
    return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
}

Address FromV4(const in_addr& v4) {
    Address address;
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes.begin());
    std::memcpy(address.bytes.data() + 12, &v4, 4);
    return address;
}

bool IsTrusted(const Address& address, const std::vector<Network>& trusted) {
    return std::any_of(trusted.begin(), trusted.end(),
                       [&](const Network& network) { return network.Contains(address); });
}

// "1.2.3.4", "1.2.3.4:567", "::1", "[::1]:567".
std::optional<Address> ParseForwarded(std::string_view text) {
    text = TrimBlanks(text);
    if (!text.empty() && text.front() == '[') {
        return Address::Parse(text.substr(1, std::min(text.find(']'), text.size()) - 1));
    }
    if (std::count(text.begin(), text.end(), ':') == 1) text = text.substr(0, text.find(':'));
    return Address::Parse(text);
}

}  // namespace

std::optional<Address> Address::Parse(std::string_view text) {
    const std::string copy(text);
    in_addr v4{};
    if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) return FromV4(v4);
    Address address;
    if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
    return std::nullopt;
}

std::optional<Address> Address::From(const sockaddr_storage& peer) {
    if (peer.ss_family == AF_INET) {
        return FromV4(reinterpret_cast<const sockaddr_in&>(peer).sin_addr);
    }
    if (peer.ss_family == AF_INET6) {
        Address address;
        std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr,
                    16);
        return address;
    }
    return std::nullopt;
}

std::string Address::ToText() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (IsMapped(*this)) {
        inet_ntop(AF_INET, bytes.data() + 12, text.data(), text.size());
    } else {
        inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
    }
    return text.data();
}

bool Address::IsLoopback() const {
    if (IsMapped(*this)) return bytes[12] == 127;
    Address one;
    one.bytes[15] = 1;
    return *this == one;
}

std::optional<Network> Network::Parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = Address::Parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    const int offset = IsMapped(*address) ? 96 : 0;
    Network network{*address, 128};
    if (slash != text.npos) {
        const auto bits = text::ParseInt(text.substr(slash + 1));
        if (!bits || *bits < 0 || *bits > 128 - offset) return std::nullopt;
        network.bits = static_cast<int>(*bits) + offset;
    }
    return network;
}

bool Network::Contains(const Address& other) const {
    const auto whole = static_cast<std::size_t>(bits / 8);
    if (!std::equal(address.bytes.begin(), address.bytes.begin() + whole, other.bytes.begin())) {
        return false;
    }
    const int rest = bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
    return (address.bytes[whole] & mask) == (other.bytes[whole] & mask);
}

std::optional<Address> RealAddress(const Address& peer, const std::vector<Network>& trusted,
                                   std::string_view header, bool recursive) {
    if (header.empty() || !IsTrusted(peer, trusted)) return std::nullopt;
    std::optional<Address> found;
    while (!header.empty()) {
        const std::size_t comma = header.rfind(',');
        const auto address =
            ParseForwarded(comma == header.npos ? header : header.substr(comma + 1));
        if (!address) break;
        found = address;
        if (!recursive || !IsTrusted(*address, trusted)) break;
        header = comma == header.npos ? std::string_view{} : header.substr(0, comma);
    }
    return found;
}

}  // namespace mch::http
