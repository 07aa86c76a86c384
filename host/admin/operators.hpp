// Who asks the control plane, and what they may do: the kernel says it of a Unix socket, a certificate or a token of a
// TCP connection. Thread safety: immutable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/exchange.hpp"

namespace revenge::admin {

enum class Role : std::uint8_t { kLook, kSteer };

struct Operator {
  std::string who;  // "uid 0 (root)", "token ci", "certificate CN=alice"
  Role role = Role::kLook;
  std::optional<http::PeerCredentials> local = {};  // of a Unix socket
  std::string user = {};                            // its name, where the system knows one
  std::string token = {};                           // its name, never itself
  std::string certificate = {};
  std::string address = {};  // of a TCP connection
};

struct Token {
  std::string name;
  std::string secret;
  Role role = Role::kLook;
};

struct Certificate {
  std::string subject;  // "CN=alice,O=Films"
  Role role = Role::kLook;
};

class Operators {
 public:
  // No certificates: whoever shows one that verifies may steer. Requires: no secret is empty.
  explicit Operators(std::vector<Token> tokens = {}, std::vector<Certificate> certificates = {})
      : tokens_(std::move(tokens)), certificates_(std::move(certificates)) {}

  // Nothing: the request comes over TCP and shows neither a certificate nor a token that is known. A token says more
  // than the certificate of the same connection: whoever sends one means it.
  std::optional<Operator> of(const http::Exchange& exchange) const;

 private:
  std::optional<Operator> byToken(const http::Exchange& exchange) const;
  std::optional<Operator> byCertificate(const http::Exchange& exchange) const;

  std::vector<Token> tokens_;
  std::vector<Certificate> certificates_;
};

// As people name them: the user of the other end's process or its number, or the token or certificate.
std::string nameOf(const Operator& who);

// Takes as long whatever the two differ in; only their lengths show.
bool equalSecrets(std::string_view one, std::string_view other);

revenge_status askForCredentials(http::Exchange& exchange);  // 401
revenge_status refuseSteering(http::Exchange& exchange);     // 403

}  // namespace revenge::admin
