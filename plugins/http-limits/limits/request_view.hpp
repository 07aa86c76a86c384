// What a decision sees of a request, and what the header fields say that the policy asks for. Thread safety: plain values
// and a pure function; views live as long as the request.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "limits/policy.hpp"

namespace revenge::http_limits {

struct Field {
  std::string_view name;
  std::string_view value;
};

struct RequestView {
  Method method = Method::kGet;
  std::string_view path;                  // decoded, dot segments resolved
  std::string_view remote_address;        // of the peer, as text
  std::string_view user_key;              // of the call
  std::span<const Field> headers;         // names in lower case, in order
  std::span<const Field> query;           // decoded
  std::int64_t content_length = -1;       // negative: not known yet
  Duration age{};                         // how long ago the head was there
  std::optional<Duration> queue_delay{};  // see Codel::judge; none: it waits for no worker
  bool api_key_proved = false;            // somebody else has verified the API key
};

// One pass over the fields.
struct HeaderFacts {
  static constexpr std::size_t kMostLines = 16;  // of the forwarding field, the last ones

  std::int64_t bytes = 0;  // as they stand in HTTP/1.1, with ": " and the line's end
  std::string_view api_key;
  std::string_view deadline;

  std::span<const std::string_view> forwarded() const { return std::span(lines).subspan(first_line); }

  std::array<std::string_view, kMostLines> lines{};
  std::size_t first_line = kMostLines;
};

HeaderFacts factsOf(std::span<const Field> headers, const Policy& policy);

}  // namespace revenge::http_limits
