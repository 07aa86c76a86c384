// A URL of http or https, taken apart for going out to it. Thread safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace revenge::http {

enum class Scheme : std::uint8_t { kHttp, kHttps };

struct Url {
  Scheme scheme = Scheme::kHttp;
  std::string host;  // lower case, an IPv6 address without its brackets
  std::uint16_t port = 80;
  std::string target = "/";  // path and query, as they are sent; the fragment stays here

  std::string authority() const;  // for Host: the port only where it is not the scheme's
  std::string origin() const;     // "https://api.example.org:443", for messages
  std::string text() const;
  bool sameOrigin(const Url& other) const;
};

// Refused: other schemes, a user before the host, bytes that have to be escaped. The error names what is wrong and never
// shows the query, which may hold a secret.
base::Result<Url> parseUrl(std::string_view text);

// Where a Location leads that was answered for `from` (RFC 3986, section 5.2).
base::Result<Url> resolveUrl(const Url& from, std::string_view location);

}  // namespace revenge::http
