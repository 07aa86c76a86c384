#include "admin/operators.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <pwd.h>
#include <unistd.h>

#include "admin/request.hpp"
#include "admin/views.hpp"
#include "http/text.hpp"

namespace revenge::admin {

namespace {

std::string nameOf(std::uint32_t uid) {
  std::array<char, 4096> space{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, space.data(), space.size(), &found) != 0 || found == nullptr) return {};
  return entry.pw_name;
}

// Whoever may signal the host may steer it: root, and the user it runs as.
Operator local(const http::PeerCredentials& peer) {
  Operator asks;
  asks.local = peer;
  asks.user = nameOf(peer.uid);
  asks.who =
      asks.user.empty() ? fmt::format("uid {}", peer.uid) : fmt::format("uid {} ({})", peer.uid, asks.user);
  asks.role = peer.uid == 0 || peer.uid == ::geteuid() ? Role::kSteer : Role::kLook;
  return asks;
}

std::string_view headerOf(const http::Exchange& exchange, std::string_view name) {
  const revenge_http_request& request = exchange.request();
  for (std::size_t i = 0; i < request.header_count; ++i) {
    const revenge_field& field = request.headers[i];
    if (http::equalsIgnoringCase({field.name.data, field.name.size}, name))
      return {field.value.data, field.value.size};
  }
  return {};
}

std::string addressOf(const http::Exchange& exchange) {
  const revenge_view address = exchange.request().remote_address;
  return {address.data, address.size};
}

}  // namespace

bool equalSecrets(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  volatile unsigned char different = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    different = static_cast<unsigned char>(different | (one[i] ^ other[i]));
  return different == 0;
}

std::string nameOf(const Operator& who) { return who.user.empty() ? who.who : who.user; }

std::optional<Operator> Operators::of(const http::Exchange& exchange) const {
  if (const auto peer = exchange.peer()) return local(*peer);
  if (auto known = byToken(exchange)) return known;
  return byCertificate(exchange);
}

std::optional<Operator> Operators::byCertificate(const http::Exchange& exchange) const {
  const std::string certificate = exchange.certificate();
  if (certificate.empty()) return std::nullopt;
  const auto known = std::ranges::find(certificates_, certificate, &Certificate::subject);
  if (known == certificates_.end() && !certificates_.empty()) return std::nullopt;
  Operator asks;
  asks.certificate = certificate;
  asks.who = fmt::format("certificate {}", certificate);
  asks.role = certificates_.empty() ? Role::kSteer : known->role;
  asks.address = addressOf(exchange);
  return asks;
}

// Every token is compared, so that the time tells none of them.
std::optional<Operator> Operators::byToken(const http::Exchange& exchange) const {
  constexpr std::string_view kScheme = "bearer ";
  std::string_view given = headerOf(exchange, "authorization");
  if (given.size() <= kScheme.size() || !http::equalsIgnoringCase(given.substr(0, kScheme.size()), kScheme))
    return std::nullopt;
  given.remove_prefix(kScheme.size());
  const Token* found = nullptr;
  for (const Token& token : tokens_) {
    if (equalSecrets(token.secret, given)) found = &token;
  }
  if (found == nullptr) return std::nullopt;
  Operator asks;
  asks.token = found->name;
  asks.who = fmt::format("token {}", found->name);
  asks.role = found->role;
  asks.address = addressOf(exchange);
  return asks;
}

revenge_status askForCredentials(http::Exchange& exchange) {
  static constexpr revenge_field kBearer[] = {{{"www-authenticate", 16}, {"Bearer", 6}}};
  http::Response response;
  response.status = 401;
  response.headers = kBearer;
  response.content_type = "application/json";
  response.body = http::Bytes(
      describe({base::Errc::kDenied,
                "this address asks for a token (--token-file) or a certificate that the host knows"}));
  return exchange.respond(std::move(response)) ? REVENGE_OK : REVENGE_FAILED;
}

revenge_status refuseSteering(http::Exchange& exchange) {
  return refuse(exchange,
                {base::Errc::kDenied,
                 exchange.peer() ? "only root and the user the host runs as may change anything"
                                 : "whoever shows this token or certificate may look, and change nothing"});
}

}  // namespace revenge::admin
