// control.listen: what is taken is a numeric address that can be bound to as it stands, and written again it is the same;
// what passes for the loopback is out of reach of other machines.
#include <string>

#include <arpa/inet.h>

#include "app/control_listen.hpp"
#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using revenge::fuzz::require;
  using namespace revenge::app;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto place = parseListen(text);
  if (!place) {
    require(place.error().message.starts_with("control.listen: expected "), "a refusal names the key");
    return 0;
  }
  require(!place->address.empty(), "an address that is taken never means that there is no listener");
  require(place->address.size() == std::string(place->address.c_str()).size(), "the system sees all of it");
  in_addr four{};
  in6_addr six{};
  const bool is_ipv4 = ::inet_pton(AF_INET, place->address.c_str(), &four) == 1;
  require(is_ipv4 || ::inet_pton(AF_INET6, place->address.c_str(), &six) == 1, "it needs no name service");
  if (isLoopback(place->address)) {
    require(is_ipv4 ? (ntohl(four.s_addr) & 0xff000000U) == 0x7f000000U : IN6_IS_ADDR_LOOPBACK(&six) != 0,
            "the loopback is the loopback");
  }
  const auto again = parseListen((is_ipv4 ? place->address : "[" + place->address + "]") + ":" +
                                 std::to_string(place->port));
  require(again && again->address == place->address && again->port == place->port, "we read what we write");
  return 0;
}
