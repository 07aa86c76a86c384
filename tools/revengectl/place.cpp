#include "revengectl/place.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

namespace revenge::ctl {

namespace {

using base::Errc;

constexpr std::string_view kClear = "http://";
constexpr std::string_view kTls = "https://";

// Of what stands in a URL's host, that which may: no path, user, query or blank.
bool isHost(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    constexpr char kDelete = 0x7f;
    return c > ' ' && c < kDelete && !std::string_view("/@?#[]\\").contains(c);
  });
}

bool isPort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && stop == text.data() + text.size() && port != 0;
}

}  // namespace

std::string defaultSocket(const std::optional<std::string>& named) {
  if (named && !named->empty()) return *named;
  const std::string here = "./run/revenge.sock";
  return ::access(here.c_str(), F_OK) == 0 ? here : "/run/revenge/revenge.sock";
}

base::Result<Place> parseRemote(const std::string& url) {
  Place place;
  place.shown = url;
  std::string_view rest = url;
  if (rest.starts_with(kTls)) {
    rest.remove_prefix(kTls.size());
    place.tls.emplace();
  } else if (rest.starts_with(kClear)) {
    rest.remove_prefix(kClear.size());
  } else {
    rest = {};
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t colon = rest.rfind(':');
  std::string_view host = rest.substr(0, colon);
  const bool is_bracketed = host.size() > 1 && host.starts_with('[') && host.ends_with(']');
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  if (colon == std::string_view::npos || !isHost(host) || host.contains(':') != is_bracketed ||
      !isPort(rest.substr(colon + 1))) {
    return base::fail(Errc::kInvalid, "--host: expected https://NAME:PORT or http://ADDRESS:PORT, got '{}'",
                      url);
  }
  place.host = host;
  place.port = rest.substr(colon + 1);
  return place;
}

base::Result<Place> remotePlace(const std::string& url, const Remote& remote) {
  auto place = parseRemote(url);
  if (!place) return place;
  if (place->tls) {
    place->tls = {.ca_file = remote.ca_file.value_or(""),
                  .certificate_file = remote.certificate_file.value_or(""),
                  .key_file = remote.key_file.value_or("")};
  }
  if (!remote.token_file || remote.token_file->empty()) return place;
  std::ifstream in(*remote.token_file, std::ios::binary);
  if (!in) return base::fail(Errc::kInvalid, "--token-file: {}: cannot be read", *remote.token_file);
  std::getline(in, place->token);
  if (place->token.ends_with('\r')) place->token.pop_back();
  return place;
}

}  // namespace revenge::ctl
