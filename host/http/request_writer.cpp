#include "http/request_writer.hpp"

#include <algorithm>
#include <array>

#include <revenge/abi/version.h>

#include "http/text.hpp"

namespace revenge::http {
namespace {

constexpr std::size_t kMaxFields = 128;
constexpr std::size_t kMaxFieldBytes = 16 * 1024;

// Framing and the connection are the host's.
constexpr std::array<std::string_view, 10> kOwn{
    "host", "content-length", "transfer-encoding", "connection", "expect", "upgrade", "keep-alive",
    "te",   "trailer",        "proxy-connection"};

bool has(const Fields& fields, std::string_view name) {
  return std::ranges::any_of(fields,
                             [name](const auto& field) { return equalsIgnoringCase(field.first, name); });
}

std::string_view name(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kDelete:
      return "DELETE";
    case Method::kPatch:
      return "PATCH";
    case Method::kHead:
      return "HEAD";
    case Method::kOptions:
      return "OPTIONS";
  }
  return "GET";
}

void writeLength(std::string& out, const HeadToWrite& head) {
  using Body = HeadToWrite::Body;
  const bool expected =
      head.method == Method::kPost || head.method == Method::kPut || head.method == Method::kPatch;
  if (head.body == Body::kChunked) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (head.body == Body::kLength || expected) {
    out += "Content-Length: ";
    out += std::to_string(head.body == Body::kLength ? head.length : 0);
    out += "\r\n";
  }
}

}  // namespace

base::Result<> checkFields(const Fields& fields) {
  using base::Errc;
  if (fields.size() > kMaxFields)
    return base::fail(Errc::kInvalid, "{} header fields; at most {}", fields.size(), kMaxFields);
  std::size_t bytes = 0;
  for (const auto& [key, value] : fields) {
    bytes += key.size() + value.size();
    if (key.empty() || !std::ranges::all_of(key, isTokenByte))
      return base::fail(Errc::kInvalid, "a header field whose name is no token");
    if (!std::ranges::all_of(value, isFieldValueByte))
      return base::fail(Errc::kInvalid, "header '{}': control characters in its value", key);
    if (std::ranges::any_of(kOwn, [&](std::string_view own) { return equalsIgnoringCase(own, key); }))
      return base::fail(Errc::kInvalid, "header '{}' is written by the host", key);
  }
  if (bytes > kMaxFieldBytes)
    return base::fail(Errc::kInvalid, "header fields of {} bytes; at most {}", bytes, kMaxFieldBytes);
  return {};
}

void writeRequestHead(std::string& out, const HeadToWrite& head) {
  out += name(head.method);
  out += ' ';
  out += head.url.target;
  out += " HTTP/1.1\r\nHost: ";
  out += head.url.authority();
  out += "\r\n";
  if (!has(head.fields, "user-agent")) out += "User-Agent: revenge/" REVENGE_VERSION_STRING "\r\n";
  for (const auto& [key, value] : head.fields) {
    out += key;
    out += ": ";
    out += value;
    out += "\r\n";
  }
  if (head.trace && !has(head.fields, "traceparent")) {
    const auto text = observe::formatTraceparent(*head.trace);
    out += "traceparent: ";
    out.append(text.data(), text.size());
    out += "\r\n";
  }
  writeLength(out, head);
  out += "\r\n";
}

bool isIdempotent(Method method) { return method != Method::kPost && method != Method::kPatch; }

}  // namespace revenge::http
