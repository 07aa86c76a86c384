// X-Forwarded-For and Forwarded, whatever a stranger has written: the client is the peer, or who a trusted proxy names, and
// what stands before a proxy's own element changes nothing.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "limits/forwarded.hpp"
#include "limits/forwarded_node.hpp"
#include "require.hpp"

using namespace revenge::http_limits;
using revenge::fuzz::require;

namespace {

const Address kProxy = Address::fromIpv4(0x0a000001);
const Address kStranger = Address::fromIpv4(0xcb007107);

ProxyTrust trusting(ForwardedField field) {
  static const std::array<Network, 1> kProxies{Network::parse("10.0.0.0/8").value()};
  return {.proxies = NetworkSet(kProxies), .field = field, .max_hops = 8};
}

bool hasOneText(Address address) { return Address::parse(textOf(address).view()) == address; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> lines;
  for (std::string_view rest = input; !rest.empty() && lines.size() < 8;) {
    const std::size_t end = rest.find('\n');
    lines.push_back(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  for (const ForwardedField field : {ForwardedField::kXForwardedFor, ForwardedField::kForwarded}) {
    const ProxyTrust trust = trusting(field);
    const Client client = clientOf(kProxy, lines, trust);
    require(hasOneText(client.address), "the address is one");
    require(client.isOwn() || trust.proxies.holds(client.address), "else it is the last trusted hop");
    require(clientOf(kStranger, lines, trust).address == kStranger, "a stranger is not believed");

    // What a trusted proxy appends, on the same line or one of its own, is found behind anything.
    const bool named = field == ForwardedField::kForwarded;
    const std::string_view own = named ? "for=\"203.0.113.9:80\";host=\"a,\\\"b\"" : "203.0.113.9:80";
    const std::string first = lines.empty() ? std::string() : std::string(lines.back());
    const std::string appended = first + ", " + std::string(own);
    std::vector<std::string_view> extended = lines;
    if (!extended.empty()) extended.pop_back();
    extended.push_back(appended);
    require(clientOf(kProxy, extended, trust).address == Address::fromIpv4(0xcb007109),
            "appended to the line");
    lines.push_back(own);
    require(clientOf(kProxy, lines, trust).address == Address::fromIpv4(0xcb007109), "on a line of its own");
    lines.pop_back();
  }
  for (std::string_view rest = input; !rest.empty();) {
    const std::size_t before = rest.size();
    (void)takeLastElement(rest, Quoting::kQuotedStrings);
    require(rest.size() < before, "each element takes something away");
  }
  if (const auto address = Address::parse(input)) require(hasOneText(*address), "what is read has one text");
  if (const auto network = Network::parse(input))
    require(network->first <= network->last, "a network has a first and a last address");
  return 0;
}
