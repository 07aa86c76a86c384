#include "app/control_access.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace revenge::app {

namespace {

using base::Errc;
using base::fail;

constexpr std::size_t kShortest = 16;  // bytes of a token
constexpr std::size_t kLongest = 4096;

bool isLoopback(const std::string& address) {
  in_addr four{};
  in6_addr six{};
  constexpr std::uint32_t kNet = 127;
  if (::inet_pton(AF_INET, address.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24U == kNet;
  return ::inet_pton(AF_INET6, address.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

base::Result<ControlAccess> parseListen(const std::string& listen) {
  ControlAccess access;
  const std::size_t colon = listen.rfind(':');
  const std::string_view port =
      std::string_view(listen).substr(colon == std::string::npos ? listen.size() : colon + 1);
  const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), access.port);
  if (error != std::errc() || stop != port.data() + port.size())
    return fail(Errc::kInvalid,
                "control.listen: expected an address and a port such as 127.0.0.1:8097, got '{}'", listen);
  access.address = listen.substr(0, colon);
  if (access.address.starts_with('[') && access.address.ends_with(']'))
    access.address = access.address.substr(1, access.address.size() - 2);
  if (!isLoopback(access.address)) {
    return fail(Errc::kRefused,
                "control.listen: {} is not of the loopback, and a token would cross the network in the "
                "clear; listen on "
                "127.0.0.1 and reach it through ssh -L",
                access.address);
  }
  return access;
}

base::Result<admin::Token> readToken(const document::Member& entry) {
  const document::Value* const file = entry.value.find("file");
  const document::Value* const role = entry.value.find("role");
  admin::Token token;
  token.name = entry.key;
  token.role = role != nullptr && role->text() != nullptr && *role->text() == "steer" ? admin::Role::kSteer
                                                                                      : admin::Role::kLook;
  std::ifstream in(*file->text(), std::ios::binary);
  if (!in) return fail(Errc::kIo, "control.tokens.{}: {}: cannot be read", entry.key, *file->text());
  token.secret.assign(std::istreambuf_iterator<char>(in), {});
  while (token.secret.ends_with('\n') || token.secret.ends_with('\r')) token.secret.pop_back();
  const bool printable = std::ranges::all_of(token.secret, [](char c) { return c > ' ' && c < 0x7f; });
  if (token.secret.size() < kShortest || token.secret.size() > kLongest || !printable) {
    return fail(Errc::kInvalid,
                "control.tokens.{}: {}: expected {} to {} printable characters without spaces in one line; "
                "make one with "
                "'openssl rand -hex 32'",
                entry.key, *file->text(), kShortest, kLongest);
  }
  return token;
}

}  // namespace

base::Result<ControlAccess> controlAccess(const config::Snapshot& values) {
  const std::string listen = values.text("/control/listen");
  if (listen.empty()) return ControlAccess{};
  auto access = parseListen(listen);
  if (!access) return access;
  const document::Value* const tokens = values.values().at("/control/tokens");
  if (tokens == nullptr || tokens->object() == nullptr || tokens->object()->empty())
    return fail(Errc::kInvalid, "control.listen: nobody could be let in: control.tokens names no token");
  for (const document::Member& entry : *tokens->object()) {
    auto token = readToken(entry);
    if (!token) return std::unexpected(token.error());
    for (const admin::Token& other : access->tokens) {
      if (admin::equalSecrets(other.secret, token->secret))
        return fail(Errc::kInvalid, "control.tokens.{}: the same token as {}", token->name, other.name);
    }
    access->tokens.push_back(std::move(*token));
  }
  return access;
}

}  // namespace revenge::app
