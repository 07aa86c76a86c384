#include "http/status.hpp"

#include <array>
#include <string>

#include <fmt/format.h>

namespace revenge::http {
namespace {

std::string_view known(std::uint32_t status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return {};
  }
}

constexpr std::uint32_t kFirst = 100;
constexpr std::uint32_t kLast = 599;

}  // namespace

std::string_view reason(std::uint32_t status) {
  constexpr std::array<std::string_view, 6> kClasses{"",         "Informational", "Success",
                                                     "Redirect", "Client Error",  "Server Error"};
  const std::string_view own = known(status);
  return own.empty() ? kClasses[status / 100] : own;
}

std::string_view statusLine(std::uint32_t status) {
  static const auto lines = [] {
    std::array<std::string, kLast - kFirst + 1> all;
    for (std::uint32_t code = kFirst; code <= kLast; ++code) {
      all[code - kFirst] = fmt::format("HTTP/1.1 {} {}\r\n", code, reason(code));
    }
    return all;
  }();
  return lines[status - kFirst];
}

}  // namespace revenge::http
