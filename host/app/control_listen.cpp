#include "app/control_listen.hpp"

#include <charconv>

#include <arpa/inet.h>

namespace revenge::app {

namespace {

constexpr std::uint32_t kLoopbackNet = 127;

bool isIpv6(const std::string& address) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET6, address.c_str(), &ignored) == 1;
}

bool isIpv4(const std::string& address) {
  in_addr ignored{};
  return ::inet_pton(AF_INET, address.c_str(), &ignored) == 1;
}

}  // namespace

base::Result<ListenPlace> parseListen(std::string_view listen) {
  const std::size_t colon = listen.rfind(':');
  std::string_view address = listen.substr(0, colon);
  const bool is_bracketed = address.size() > 1 && address.starts_with('[') && address.ends_with(']');
  if (is_bracketed) address = address.substr(1, address.size() - 2);
  ListenPlace place{.address = std::string(address)};
  // No byte after a zero is looked at by those who read addresses.
  const bool is_address =
      !address.contains('\0') && (is_bracketed ? isIpv6(place.address) : isIpv4(place.address));
  const std::string_view port = colon == std::string_view::npos ? "" : listen.substr(colon + 1);
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), place.port);
  if (!is_address || error != std::errc() || stop != port.data() + port.size()) {
    return base::fail(
        base::Errc::kInvalid,
        "control.listen: expected an address and a port such as 127.0.0.1:8097 or [::1]:8097, got '{}'",
        listen);
  }
  return place;
}

bool isLoopback(const std::string& address) {
  in_addr four{};
  in6_addr six{};
  if (::inet_pton(AF_INET, address.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24U == kLoopbackNet;
  return ::inet_pton(AF_INET6, address.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

}  // namespace revenge::app
