// --host of revengectl: what is taken names a host over TCP, a port that can be one, and TLS where the URL says so; written
// again, it is the same place.
#include <charconv>
#include <cstdint>
#include <string>

#include "require.hpp"
#include "revengectl/place.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using revenge::fuzz::require;
  const std::string url(reinterpret_cast<const char*>(data), size);
  const auto place = revenge::ctl::parseRemote(url);
  if (!place) {
    require(place.error().message.starts_with("--host: expected "), "a refusal names the option");
    return 0;
  }
  require(!place->host.empty() && place->socket.empty(), "it never means the socket of this machine");
  for (const char byte : place->host)
    require(byte > ' ' && byte <= '~' && byte != '/' && byte != '@', "the host holds neither path nor user");
  std::uint16_t port = 0;
  const char* const end = place->port.data() + place->port.size();
  const auto [stop, error] = std::from_chars(place->port.data(), end, port);
  require(error == std::errc() && stop == end && port != 0, "the port is one");
  require(place->tls.has_value() == url.starts_with("https://"), "TLS is as the URL says, never less");
  require(place->shown == url && place->token.empty(), "messages show the URL as it was given");
  const bool is_ipv6 = place->host.contains(':');
  const auto again =
      revenge::ctl::parseRemote((place->tls ? "https://" : "http://") +
                                (is_ipv6 ? "[" + place->host + "]" : place->host) + ":" + place->port);
  require(again && again->host == place->host && again->port == place->port, "we read what we write");
  return 0;
}
