#include "http/resolve.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

namespace revenge::http {
namespace {

constexpr std::size_t kMaxAddresses = 16;

std::unexpected<base::Error> failure(int code) {
  using base::Errc;
  if (code == EAI_NONAME || code == EAI_NODATA)
    return base::fail(Errc::kUnavailable, "no such host name; check the URL, and /etc/resolv.conf");
  if (code == EAI_SYSTEM) return base::fail(Errc::kUnavailable, "name look-up: {}", base::errnoText(errno));
  return base::fail(Errc::kUnavailable, "name look-up: {}; is the name server reachable?",
                    ::gai_strerror(code));
}

// RFC 8305, section 4: a broken family costs one attempt and not all of its addresses.
void alternate(std::vector<Address>& addresses) {
  const auto first = addresses.front().bytes.ss_family;
  const auto other = std::ranges::stable_partition(
      addresses, [first](const Address& each) { return each.bytes.ss_family == first; });
  std::vector<Address> mixed;
  auto mine = addresses.begin();
  auto theirs = other.begin();
  while (mine != other.begin() || theirs != addresses.end()) {
    if (mine != other.begin()) mixed.push_back(*mine++);
    if (theirs != addresses.end()) mixed.push_back(*theirs++);
  }
  addresses = std::move(mixed);
}

}  // namespace

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const void* const at =
      bytes.ss_family == AF_INET6
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(bytes).sin6_addr)
          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(bytes).sin_addr);
  const char* const text = ::inet_ntop(bytes.ss_family, at, buffer.data(), buffer.size());
  return text == nullptr ? std::string() : std::string(text);
}

base::Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  in6_addr numeric{};
  if (::inet_pton(AF_INET6, host.c_str(), &numeric) == 1 || ::inet_pton(AF_INET, host.c_str(), &numeric) == 1)
    hints.ai_flags = AI_NUMERICSERV | AI_NUMERICHOST;
  addrinfo* raw = nullptr;
  if (const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &raw); code != 0)
    return failure(code);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> found(raw, ::freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* each = found.get(); each != nullptr && addresses.size() < kMaxAddresses;
       each = each->ai_next) {
    if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
    Address& address = addresses.emplace_back();
    std::memcpy(&address.bytes, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
  }
  if (addresses.empty()) return failure(EAI_NONAME);
  alternate(addresses);
  return addresses;
}

}  // namespace revenge::http
