#include "http/url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <arpa/inet.h>

#include "http/text.hpp"

namespace revenge::http {
namespace {

using base::Errc;

constexpr std::size_t kMaxUrl = 8192;
constexpr std::size_t kMaxHost = 253;

constexpr std::uint16_t defaultPort(Scheme scheme) { return scheme == Scheme::kHttps ? 443 : 80; }
constexpr std::string_view name(Scheme scheme) { return scheme == Scheme::kHttps ? "https" : "http"; }

bool isHostByte(char c) {
  return isDigit(c) || (toLower(c) >= 'a' && toLower(c) <= 'z') || c == '-' || c == '.' || c == '_';
}

std::string shown(std::string_view url) {
  return std::string(url.substr(0, std::min<std::size_t>(url.find('?'), 200)));
}

std::optional<Scheme> takeScheme(std::string_view& rest) {
  for (const Scheme scheme : {Scheme::kHttp, Scheme::kHttps}) {
    const std::string prefix = std::string(name(scheme)) + "://";
    if (!equalsIgnoringCase(rest.substr(0, prefix.size()), prefix)) continue;
    rest.remove_prefix(prefix.size());
    return scheme;
  }
  return std::nullopt;
}

bool takeHost(std::string_view& rest, std::string& host) {
  if (rest.starts_with('[')) {
    const std::size_t end = rest.find(']');
    if (end == std::string_view::npos) return false;
    host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    in6_addr ignored{};
    return ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
  }
  const std::size_t end = std::min(rest.find(':'), rest.size());
  host = rest.substr(0, end);
  rest.remove_prefix(end);
  std::ranges::transform(host, host.begin(), toLower);
  return !host.empty() && host.size() <= kMaxHost && std::ranges::all_of(host, isHostByte);
}

bool takePort(std::string_view rest, Url& url) {
  url.port = defaultPort(url.scheme);
  if (rest.empty() || rest == ":") return true;
  rest.remove_prefix(1);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), port);
  if (error != std::errc() || end != rest.data() + rest.size() || port == 0 || port > 65535) return false;
  url.port = static_cast<std::uint16_t>(port);
  return true;
}

// RFC 3986, section 5.2.4, for a path that begins with '/'.
std::string withoutDots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    if (segment == "/.." || segment == "/.") {
      if (segment == "/..") out.resize(std::min(out.rfind('/'), out.size()));
      if (path.empty()) out += '/';
      continue;
    }
    out += segment;
  }
  return out;
}

}  // namespace

std::string Url::authority() const {
  std::string text = host.contains(':') ? "[" + host + "]" : host;
  if (port != defaultPort(scheme)) text += ":" + std::to_string(port);
  return text;
}

std::string Url::origin() const {
  return fmt::format("{}://{}{}{}:{}", name(scheme), host.contains(':') ? "[" : "", host,
                     host.contains(':') ? "]" : "", port);
}

std::string Url::text() const { return fmt::format("{}://{}{}", name(scheme), authority(), target); }

bool Url::sameOrigin(const Url& other) const {
  return scheme == other.scheme && host == other.host && port == other.port;
}

base::Result<Url> parseUrl(std::string_view text) {
  if (text.size() > kMaxUrl)
    return base::fail(Errc::kInvalid, "a URL of {} bytes; at most {}", text.size(), kMaxUrl);
  if (const auto bad = std::ranges::find_if(text, [](char c) { return c <= ' ' || c > '~'; });
      bad != text.end()) {
    return base::fail(Errc::kInvalid, "URL: byte {:#04x} at {} has to be escaped",
                      static_cast<unsigned char>(*bad), bad - text.begin());
  }
  std::string_view rest = text.substr(0, text.find('#'));
  Url url;
  const auto scheme = takeScheme(rest);
  if (!scheme) return base::fail(Errc::kInvalid, "URL '{}': expected http:// or https://", shown(text));
  url.scheme = *scheme;
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, slash);
  if (authority.contains('@'))
    return base::fail(Errc::kInvalid, "a URL with a user in it; send an Authorization header instead");
  if (!takeHost(authority, url.host))
    return base::fail(Errc::kInvalid, "URL '{}': no host, or not a valid one", shown(text));
  if (!authority.empty() && authority.front() != ':')
    return base::fail(Errc::kInvalid, "URL '{}': expected a port behind the host", shown(text));
  if (!takePort(authority, url))
    return base::fail(Errc::kInvalid, "URL '{}': expected a port from 1 to 65535", shown(text));
  url.target = rest.substr(slash);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

base::Result<Url> resolveUrl(const Url& from, std::string_view location) {
  if (std::string_view rest = location; takeScheme(rest)) return parseUrl(location);
  if (location.starts_with("//"))
    return parseUrl(std::string(name(from.scheme)) + ":" + std::string(location));
  location = location.substr(0, location.find('#'));
  // Another scheme: "mailto:", "ftp:".
  if (const std::size_t colon = location.find(':'); colon < location.find_first_of("/?"))
    return base::fail(Errc::kInvalid, "'{}' is no URL of http or https", shown(location));
  const std::string_view path = std::string_view(from.target).substr(0, from.target.find('?'));
  std::string target;
  if (location.empty()) {
    target = from.target;
  } else if (location.starts_with('?')) {
    target = std::string(path) + std::string(location);
  } else {
    const std::size_t question = std::min(location.find('?'), location.size());
    std::string merged(location.starts_with('/') ? std::string_view() : path.substr(0, path.rfind('/') + 1));
    merged += location.substr(0, question);
    target = withoutDots(merged) + std::string(location.substr(question));
  }
  Url made = from;
  made.target = std::move(target);
  return parseUrl(made.text());
}

}  // namespace revenge::http
