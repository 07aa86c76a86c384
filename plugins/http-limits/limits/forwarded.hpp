// Who a request comes from when proxies stand between: X-Forwarded-For or Forwarded (RFC 7239), believed as far as trusted
// proxies wrote it. Thread safety: a pure function.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "limits/address.hpp"
#include "limits/networks.hpp"

namespace revenge::http_limits {

enum class ForwardedField : std::uint8_t { kNone, kXForwardedFor, kForwarded };

// Rationale: one field, named by the operator. A proxy that writes the one hands the other through as the client sent it,
// so whoever believes both believes the client.
struct ProxyTrust {
  NetworkSet proxies;
  ForwardedField field = ForwardedField::kNone;
  unsigned max_hops = 16;  // elements that are read, from the last on
};

struct Client {
  enum class Source : std::uint8_t {
    kPeer,       // nobody stands between, or nobody who is trusted
    kForwarded,  // told by trusted proxies
    // The last hop that is known for sure, since what stands before it...
    kObscured,   // ...a proxy keeps to itself
    kMalformed,  // ...cannot be read
    kTooLong,    // ...is more than max_hops
  };
  Address address;
  Source source = Source::kPeer;

  // Whether the address is the client's own. Of the others it may be a proxy's, which many share, and which a client gets
  // by sending nonsense: good enough to limit it by, not to exempt it for.
  bool isOwn() const { return source == Source::kPeer || source == Source::kForwarded; }
};

// `lines` are the values of the field, in the order received. Read from the right: each trusted proxy has appended whom it
// was asked by, so the first that is not trusted is the client; when all are, the leftmost.
Client clientOf(Address peer, std::span<const std::string_view> lines, const ProxyTrust& trust);

}  // namespace revenge::http_limits
