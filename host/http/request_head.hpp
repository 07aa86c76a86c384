// The head of a request, parsed strictly: Beast's parser for the grammar, and on top of it every rule whose
// breach lets two parsers disagree about where a request ends. Thread safety: pure functions and plain values;
// the views of a RequestHead point into the bytes it was parsed from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <revenge/abi/base.h>

#include "http/route.hpp"

namespace revenge::http {

enum class Framing : std::uint8_t { kNone, kLength, kChunked };
enum class Persistence : std::uint8_t { kKeepAlive, kClose };

struct RequestHead {
  Method method = Method::kGet;
  bool http11 = true;
  Persistence persistence = Persistence::kClose;
  Framing framing = Framing::kNone;
  bool expects_continue = false;
  std::int64_t content_length = 0;  // -1: chunked
  std::string_view target;          // as sent
  std::string_view path;            // of it, still encoded; "*" for OPTIONS *
  std::string_view query;           // without '?'
  std::string_view host;
  std::vector<revenge_field> headers;  // names in lower case
  // Fields the server itself reads; empty when absent. A Range that is sent twice counts as none.
  std::string_view range;
  std::string_view if_range;
  std::string_view request_id;
  std::string_view traceparent;  // sent twice: as if not
  bool conditional = false;  // an If-Match, If-None-Match, If-Modified-Since or If-Unmodified-Since is there

  void clear();
};

enum class ParseState : std::uint8_t { kNeedMore, kDone, kRejected };

struct Parsed {
  ParseState state = ParseState::kNeedMore;
  std::size_t consumed = 0;      // kDone: bytes of the head, from the first given
  unsigned status = 0;           // kRejected: 400, 417, 431, 501 or 505; the connection must be closed
  std::string_view reason = {};  // kRejected: for the log
};

// Looks for the end of a head in bytes that arrive in pieces, without looking at any of them twice.
class RequestParser {
 public:
  explicit RequestParser(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  // `bytes`: everything received of this request so far, from its first byte. Writes into them: field names become
  // lower case. After kDone or kRejected call reset().
  Parsed parse(std::span<char> bytes, RequestHead& head);
  void reset() { scanned_ = 0; }

 private:
  std::size_t max_bytes_;
  std::size_t scanned_ = 0;
};

inline constexpr std::size_t kMaxHeaderFields = 128;

}  // namespace revenge::http
