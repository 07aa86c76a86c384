// Response: an HTTP answer whose end is known; text(), json(), html(), file(), empty(), redirect() make one.
//
// A value, owned by whoever holds it; movable, since it may own a file. Range, conditional requests and HEAD
// are served from it by the host: answer as to a plain GET.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <revenge/abi/http.h>
#include <revenge/boundary.hpp>
#include <revenge/file.hpp>

namespace revenge {

struct Response {
  static constexpr std::uint64_t kToTheEnd = std::numeric_limits<std::uint64_t>::max();

  int status = 200;
  std::string contentType{};  // empty: none is sent
  std::string body{};
  File content{};  // sent instead of `body` when open: from `offset`, `length` bytes
  std::uint64_t offset = 0;
  std::uint64_t length = kToTheEnd;
  std::string etag{};  // with quotes; empty for a file: the host makes one
  std::optional<std::chrono::sys_time<std::chrono::nanoseconds>> modified{};
  std::string session{};  // names the response in Http::onFinished; empty: not told
  std::vector<std::pair<std::string, std::string>> headers{};

  // For building in one expression: `return text("gone").withStatus(410).withHeader("x-why", "moved");`
  Response withStatus(int code) && {
    status = code;
    return std::move(*this);
  }
  Response withHeader(std::string name, std::string value) && {
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
  Response withEtag(std::string quoted) && {
    etag = std::move(quoted);
    return std::move(*this);
  }
  Response withSession(std::string name) && {
    session = std::move(name);
    return std::move(*this);
  }
  Response withRegion(std::uint64_t from, std::uint64_t bytes) && {
    offset = from;
    length = bytes;
    return std::move(*this);
  }
};

inline Response content(std::string type, std::string body) {
  Response response;
  response.contentType = std::move(type);
  response.body = std::move(body);
  return response;
}
inline Response text(std::string body) { return content("text/plain; charset=utf-8", std::move(body)); }
inline Response html(std::string body) { return content("text/html; charset=utf-8", std::move(body)); }
// `body` is JSON already.
inline Response json(std::string body) { return content("application/json", std::move(body)); }

inline Response empty(int status = 204) {
  Response response;
  response.status = status;
  return response;
}
inline Response redirect(std::string location, int status = 302) {
  return empty(status).withHeader("location", std::move(location));
}

// An open regular file, which the host sends by itself after the handler returned.
inline Response file(File opened, std::string contentType) {
  Response response;
  response.contentType = std::move(contentType);
  response.content = std::move(opened);
  return response;
}
// Opens the path, which must be trusted. A missing file becomes 404.
inline Result<Response> file(const std::string& path, std::string contentType) {
  Result<File> opened = File::open(path);
  if (!opened) return fail(opened.error().code, "no such file");
  return file(std::move(*opened), std::move(contentType));
}

// The answer that a handler's failure becomes; the text of an internal failure stays in the log.
inline Response failed(const Error& error) {
  switch (error.code) {
    case Errc::kNotFound:
      return text(error.message).withStatus(404);
    case Errc::kInvalid:
      return text(error.message).withStatus(400);
    case Errc::kRefused:
      return text(error.message).withStatus(403);
    case Errc::kLimit:
      return text(error.message).withStatus(429);
    case Errc::kUnavailable:
      return text(error.message).withStatus(503);
    case Errc::kTimedOut:
      return text(error.message).withStatus(504);
    default:
      return text("internal error").withStatus(500);
  }
}

namespace detail {

// The C form of a response. `fields` holds its header array; body and file move into it.
inline revenge_http_response wire(Response& response, std::vector<revenge_field>& fields) {
  // Below this a copy by the host is cheaper than an allocation and a release call.
  constexpr std::size_t kCopiedBytes = 8192;
  auto raw = boundary::sized<revenge_http_response>();
  fields.reserve(response.headers.size());
  for (const auto& [name, value] : response.headers)
    fields.push_back({boundary::view(name), boundary::view(value)});
  raw.status = static_cast<std::uint32_t>(response.status);
  raw.headers = fields.data();
  raw.header_count = fields.size();
  raw.content_type = boundary::view(response.contentType);
  raw.etag = boundary::view(response.etag);
  raw.session = boundary::view(response.session);
  if (response.modified) raw.modified_ns = response.modified->time_since_epoch().count();
  raw.offset = response.offset;
  raw.length = response.length;
  raw.kind = response.content ? REVENGE_HTTP_FILE : REVENGE_HTTP_WHOLE;
  if (!response.content && response.body.size() > kCopiedBytes)
    raw.body = boundary::give(std::move(response.body));
  else if (!response.content)
    raw.body = {response.body.data(), response.body.size(), nullptr, nullptr};
  raw.file = response.content.release();
  return raw;
}

}  // namespace detail
}  // namespace revenge
