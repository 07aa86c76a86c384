#include "limits/forwarded.hpp"

#include <optional>
#include <ranges>

#include "limits/forwarded_node.hpp"

namespace revenge::http_limits {
namespace {

Hop read(std::string_view element, ForwardedField field) {
  return field == ForwardedField::kForwarded ? readForwarded(element) : readForwardedFor(element);
}

}  // namespace

Client clientOf(Address peer, std::span<const std::string_view> lines, const ProxyTrust& trust) {
  Client client{peer, Client::Source::kPeer};
  if (trust.field == ForwardedField::kNone || lines.empty() || !trust.proxies.holds(peer)) return client;
  const Quoting quoting =
      trust.field == ForwardedField::kForwarded ? Quoting::kQuotedStrings : Quoting::kNone;
  unsigned hops = 0;
  for (std::string_view line : std::views::reverse(lines)) {
    while (!line.empty()) {
      if (hops++ == trust.max_hops) return {client.address, Client::Source::kTooLong};
      const std::string_view element = takeLastElement(line, quoting);
      if (element.empty()) continue;  // RFC 9110, section 5.6.1: empty elements are ignored
      const Hop hop = read(element, trust.field);
      if (hop.kind == Hop::Kind::kMalformed) return {client.address, Client::Source::kMalformed};
      if (hop.kind == Hop::Kind::kObscured) return {client.address, Client::Source::kObscured};
      client = {hop.address, Client::Source::kForwarded};
      if (!trust.proxies.holds(hop.address)) return client;
    }
  }
  return client;
}

}  // namespace revenge::http_limits
