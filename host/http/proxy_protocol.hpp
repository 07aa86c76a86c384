// The PROXY protocol's header in front of a connection, versions 1 and 2 (haproxy, doc/proxy-protocol.txt): whose
// connection it is. Only from a peer that is trusted: anybody can write one. Thread safety: a pure function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace revenge::http {

struct ProxyHeader {
  enum class State {
    kNeedsMore,  // what is there may be the beginning of one
    kDone,
    kMalformed,  // no header, or one that is wrong: the connection is closed, since nothing it says can be believed
  };
  enum class Origin {
    kLocal,        // the proxy itself asks (a health check): the peer is the client
    kUnspecified,  // for somebody whose address is not said: UNKNOWN, UNSPEC, a Unix socket
    kProxied,      // for the source below
  };
  State state = State::kNeedsMore;
  Origin origin = Origin::kUnspecified;
  std::size_t length = 0;  // bytes of the header; the connection's own begin behind it. Only when done.
  std::string source{};    // "203.0.113.7", "2001:db8::1"; IPv4 also where IPv6 carries it
  std::string destination{};
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
};

inline constexpr std::size_t kMaxProxyV1Bytes = 107;  // the protocol's own bound
inline constexpr std::size_t kMaxProxyV2Bytes =
    4096;  // ours, of the 65551 possible: room for a certificate's name in a TLV

// `bytes` are what has arrived. Never looks behind the header. TLVs are held to their bounds and skipped; a checksum
// (PP2_TYPE_CRC32C) is not verified: TCP has one.
ProxyHeader parseProxyHeader(std::span<const std::uint8_t> bytes);

}  // namespace revenge::http
