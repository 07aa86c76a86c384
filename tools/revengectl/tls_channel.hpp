// TLS over a connection: the host is verified by the name it was asked for. Thread safety: confined to one thread.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "http/client_tls.hpp"
#include "revengectl/connection.hpp"

namespace revenge::ctl {

class TlsChannel {
 public:
  // Both outlive this object. Requires: place.tls.
  TlsChannel(Connection& connection, const Place& place) : connection_(connection), place_(place) {}

  // Errors as of Connection, and kDenied: the host does not take the certificate, or wants one. A handshake that failed
  // says what to do about it.
  base::Result<> open();
  base::Result<> send(std::string_view text);
  base::Result<std::string_view> receive();

 private:
  base::Result<> flush();
  base::Result<bool> feed();  // false: the host has closed
  std::unexpected<base::Error> failed() const;

  Connection& connection_;
  const Place& place_;
  http::ClientTls contexts_;
  std::shared_ptr<ssl_st> session_;
  std::array<char, std::size_t{16} * 1024> bytes_ = {};
};

}  // namespace revenge::ctl
