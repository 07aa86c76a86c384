// A URL, and a Location that is answered for it: what is read can be written and read again.
#include <string>

#include "http/url.hpp"
#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using revenge::fuzz::require;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t space = text.find(' ');
  const auto url = revenge::http::parseUrl(text.substr(0, space));
  if (!url) return 0;
  require(!url->host.empty() && url->target.starts_with('/'), "it has a host and a target");
  for (const char byte : url->target) require(byte > ' ' && byte <= '~', "nothing in it ends a request line");
  const auto again = revenge::http::parseUrl(url->text());
  require(again && again->text() == url->text() && again->sameOrigin(*url), "we read what we write");
  if (space == std::string_view::npos) return 0;
  const auto next = revenge::http::resolveUrl(*url, text.substr(space + 1));
  if (next) require(revenge::http::parseUrl(next->text()).has_value(), "where it leads is a URL too");
  return 0;
}
