#include "app/control_access.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/control_listen.hpp"

namespace revenge::app {

namespace {

using base::Errc;
using base::fail;

constexpr std::size_t kShortest = 16;  // bytes of a token
constexpr std::size_t kLongest = 4096;

admin::Role roleOf(const document::Value* role) {
  return role != nullptr && role->text() != nullptr && *role->text() == "steer" ? admin::Role::kSteer
                                                                                : admin::Role::kLook;
}

base::Result<admin::Token> readToken(const document::Member& entry) {
  const document::Value* const file = entry.value.find("file");
  const document::Value* const role = entry.value.find("role");
  admin::Token token;
  token.name = entry.key;
  token.role = roleOf(role);
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

base::Result<std::vector<admin::Token>> readTokens(const config::Snapshot& values) {
  std::vector<admin::Token> tokens;
  const document::Value* const named = values.values().at("/control/tokens");
  if (named == nullptr || named->object() == nullptr) return tokens;
  for (const document::Member& entry : *named->object()) {
    auto token = readToken(entry);
    if (!token) return std::unexpected(std::move(token.error()));
    for (const admin::Token& other : tokens) {
      if (admin::equalSecrets(other.secret, token->secret))
        return fail(Errc::kInvalid, "control.tokens.{}: the same token as {}", token->name, other.name);
    }
    tokens.push_back(std::move(*token));
  }
  return tokens;
}

std::vector<admin::Certificate> certificatesOf(const config::Snapshot& values) {
  std::vector<admin::Certificate> certificates;
  const document::Value* const named = values.values().at("/control/certificates");
  if (named == nullptr || named->object() == nullptr) return certificates;
  for (const document::Member& entry : *named->object())
    certificates.push_back({entry.key, roleOf(&entry.value)});
  return certificates;
}

base::Result<std::optional<http::ServerTlsFiles>> tlsFiles(const config::Snapshot& values) {
  http::ServerTlsFiles files{values.text("/control/tls/certificate"), values.text("/control/tls/key"),
                             values.text("/control/tls/client_ca")};
  if (files.certificate.empty() && files.key.empty() && files.client_ca.empty()) return std::nullopt;
  for (const auto& [file, key] : {std::pair(files.certificate, "certificate"), std::pair(files.key, "key")}) {
    if (file.empty())
      return fail(Errc::kInvalid, "control.tls.{}: expected a file: TLS needs a certificate and its key",
                  key);
  }
  return files;
}

}  // namespace

base::Result<ControlAccess> controlAccess(const config::Snapshot& values) {
  const std::string& listen = values.text("/control/listen");
  if (listen.empty()) return ControlAccess{};
  const auto place = parseListen(listen);
  if (!place) return std::unexpected(place.error());
  base::Result<ControlAccess> access = ControlAccess{.address = place->address, .port = place->port};
  auto tls = tlsFiles(values);
  if (!tls) return std::unexpected(std::move(tls.error()));
  access->tls = std::move(*tls);
  if (!access->tls && !isLoopback(access->address)) {
    return fail(
        Errc::kRefused,
        "control.listen: {} is not of the loopback, and a token would cross the network in the clear; "
        "set control.tls.certificate and control.tls.key, or listen on 127.0.0.1 and reach it through "
        "ssh -L",
        access->address);
  }
  auto tokens = readTokens(values);
  if (!tokens) return std::unexpected(std::move(tokens.error()));
  std::vector<admin::Certificate> certificates = certificatesOf(values);
  const bool verified = access->tls && !access->tls->client_ca.empty();
  if (!certificates.empty() && !verified)
    return fail(Errc::kInvalid,
                "control.certificates: nobody shows one while control.tls.client_ca is empty");
  if (tokens->empty() && !verified) {
    return fail(Errc::kInvalid,
                "control.listen: nobody could be let in: control.tokens names no token, and "
                "control.tls.client_ca is empty");
  }
  access->operators = admin::Operators(std::move(*tokens), std::move(certificates));
  return access;
}

}  // namespace revenge::app
