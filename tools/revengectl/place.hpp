// Where a host is, and what shows it who asks. Thread safety: plain values and pure functions, but for the file of the
// token and for what lies at the default socket.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/client_tls.hpp"

namespace revenge::ctl {

// A Unix socket, or a TCP address with what it asks for.
struct Place {
  std::string socket = {};
  std::string host = {};  // not empty: over TCP
  std::string port = {};
  std::string token = {};
  std::optional<http::TlsSettings> tls = {};
  std::string shown = {};  // in messages
};

// The control socket where none is named; `named` is $REVENGE_SOCKET.
std::string defaultSocket(const std::optional<std::string>& named);

// As the command line, or the environment, names a host over TCP.
struct Remote {
  std::optional<std::string> host = {};  // "https://media:8097"
  std::optional<std::string> token_file = {};
  std::optional<std::string> ca_file = {};
  std::optional<std::string> certificate_file = {};
  std::optional<std::string> key_file = {};
};

struct RemoteOption {
  std::string_view name;
  const char* variable;  // of the environment
  std::optional<std::string> Remote::* value;
};
inline constexpr std::array kRemoteOptions = {
    RemoteOption{"--host", "REVENGE_HOST", &Remote::host},
    RemoteOption{"--token-file", "REVENGE_TOKEN_FILE", &Remote::token_file},
    RemoteOption{"--ca-file", "REVENGE_CA_FILE", &Remote::ca_file},
    RemoteOption{"--cert-file", "REVENGE_CERT_FILE", &Remote::certificate_file},
    RemoteOption{"--key-file", "REVENGE_KEY_FILE", &Remote::key_file},
};

// "http://HOST:PORT" or "https://HOST:PORT", an IPv6 address in brackets, and no more: a path, a user or another scheme is
// a mistake. The host is not empty and the port a number that can be one.
base::Result<Place> parseRemote(const std::string& url);
// The same, with the files that `remote` names and the token that is in one of them.
base::Result<Place> remotePlace(const std::string& url, const Remote& remote);

}  // namespace revenge::ctl
