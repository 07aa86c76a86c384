// What a handler answers with. Views (headers, content type, etag, session) are copied by the call that takes
// the response; body and file move with it, also when it is refused. Thread safety: plain values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <revenge/abi/http.h>

#include "http/bytes.hpp"

namespace revenge::http {

inline constexpr std::uint64_t kToTheEnd = UINT64_MAX;

struct FileRegion {
  UniqueFd fd = {};  // a regular file, opened for reading
  std::uint64_t offset = 0;
  std::uint64_t length = kToTheEnd;
};

// For a GET answered 200 the server itself serves Range, conditional requests and HEAD from this. Header
// fields that are the host's (framing, Connection, Date, Content-Range, Accept-Ranges) are refused.
struct Response {
  std::uint32_t status = 200;
  std::span<const revenge_field> headers = {};
  std::string_view content_type = {};  // empty: none
  std::string_view etag = {};  // with quotes; empty for a file: made from device, inode, size, change time
  Bytes body = {};             // when there is no file
  FileRegion file = {};
  std::int64_t modified_ns = 0;   // wall time; 0: the file's own, or none
  std::string_view session = {};  // names the response in the finished event; empty: no event
};

// How a response with a session ended. Views live until the call returns.
struct Finished {
  std::string_view plugin;
  std::string_view session;
  std::uint32_t status = 0;
  std::uint64_t bytes_sent = 0;  // of the body
  bool complete = false;         // false: the client left or the file shrank
};

// How a request ended, for a plugin that asked to be told.
struct RequestEnd {
  std::string_view plugin;  // lives as long as the process
  std::uint64_t tag = 0;
  std::uint32_t status = 0;      // 0: none was sent
  std::int64_t received_ns = 0;  // of its head
  std::int64_t answered_ns = 0;  // when the head of the answer was there; 0: never
  std::uint64_t bytes_sent = 0;  // of the body
  bool complete = false;         // false: the client left or the file shrank
};

struct StreamEvent {
  std::string_view name = {};
  std::string_view id = {};
  std::string_view data = {};  // may hold line breaks
  std::uint32_t retry_ms = 0;  // 0: not sent
};

}  // namespace revenge::http
