// The head of a request that goes out. Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "http/route.hpp"
#include "http/url.hpp"
#include "observe/trace_context.hpp"

namespace revenge::http {

using Fields = std::vector<std::pair<std::string, std::string>>;

// Refused: fields that are the host's, and bytes that would end a line. The error names the field, never its value.
base::Result<> checkFields(const Fields& fields);

struct HeadToWrite {
  Method method;
  const Url& url;
  const Fields& fields;
  enum class Body : std::uint8_t { kNone, kLength, kChunked } body = Body::kNone;
  std::uint64_t length = 0;
  std::optional<observe::TraceContext> trace = {};  // sent unless the fields have a traceparent
};
void writeRequestHead(std::string& out, const HeadToWrite& head);

// May be sent again without harm (RFC 9110, section 9.2.2).
bool isIdempotent(Method method);

}  // namespace revenge::http
