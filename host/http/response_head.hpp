// The head of a response, read strictly: what two parsers could understand differently is refused. Thread safety: plain
// values; the views point into `bytes`, so a ResponseHead stays where it was made.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <revenge/abi/base.h>

#include "http/request_head.hpp"

namespace revenge::http {

// How the body of a response ends.
enum class BodyEnd : std::uint8_t { kNone, kLength, kChunked, kClose };

struct ResponseHead {
  ResponseHead() = default;
  ResponseHead(const ResponseHead&) = delete;
  ResponseHead& operator=(const ResponseHead&) = delete;

  std::string bytes;  // up to and with the empty line
  unsigned status = 0;
  std::vector<revenge_field> fields;  // names in lower case, in order
  std::int64_t content_length = -1;   // as the server said, also where no body follows
  BodyEnd body = BodyEnd::kClose;
  Persistence persistence = Persistence::kClose;

  std::string_view field(std::string_view name) const;  // the first; empty: none
};

// Reads head.bytes into the rest. Empty: well; else what is wrong with it, for a message. `to` is the method asked.
std::string_view readResponseHead(ResponseHead& head, Method to);

}  // namespace revenge::http
