// The PROXY protocol's header, whatever bytes arrive: decided by the bytes of the header alone, and the same however they
// are cut.
#include <span>
#include <vector>

#include "http/proxy_protocol.hpp"
#include "require.hpp"

using namespace revenge::http;
using revenge::fuzz::require;
using State = ProxyHeader::State;

namespace {

bool same(const ProxyHeader& a, const ProxyHeader& b) {
  return a.state == b.state && a.origin == b.origin && a.length == b.length && a.source == b.source &&
         a.destination == b.destination && a.source_port == b.source_port &&
         a.destination_port == b.destination_port;
}

// In a heap block of exactly its size, so that a look behind it is seen.
ProxyHeader parseAlone(std::span<const std::uint8_t> bytes) {
  const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  return parseProxyHeader(copy);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  const ProxyHeader whole = parseAlone(bytes);
  if (whole.state == State::kDone) {
    require(whole.length <= size && whole.length <= kMaxProxyV2Bytes,
            "the header is within the bytes and the bound");
    require(same(parseAlone(bytes.first(whole.length)), whole), "what follows the header changes nothing");
  }
  if (whole.state == State::kNeedsMore)
    require(size < kMaxProxyV2Bytes, "nobody waits for more than the bound");
  const std::size_t most = size < 256 ? size : 256;
  for (std::size_t end = 0; end < most; ++end) {
    const ProxyHeader part = parseAlone(bytes.first(end));
    if (part.state == State::kDone) require(same(part, whole), "done once is done");
    if (part.state == State::kMalformed)
      require(whole.state == State::kMalformed, "malformed once is malformed");
  }
  return 0;
}
