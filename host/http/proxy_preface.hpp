// The header that a proxy writes in front of a connection: read before all else of it, by whoever accepted the connection from
// such a proxy. What follows it is left in the socket. Thread safety: belongs to its loop, which owns it.
#pragma once

#include <cstdint>
#include <memory>

#include "base/unique_fd.hpp"
#include "http/connection.hpp"
#include "http/deadlines.hpp"
#include "http/tls_context.hpp"

namespace revenge::http {

class IoLoop;

class ProxyPreface final : public Pollable, private Deadline {
 public:
  // `tls` null: what follows is in the clear.
  ProxyPreface(IoLoop& loop, base::UniqueFd socket, Peer peer, std::shared_ptr<ServerTls> tls);

  Turn ready(std::uint32_t events) override;
  int socket() const { return socket_.get(); }
  Deadline& deadline() { return *this; }
  void close();

 private:
  void passOn(std::size_t length);
  void refuse(const char* why);
  void reached() override;

  IoLoop& loop_;
  base::UniqueFd socket_;
  Peer peer_;
  std::shared_ptr<ServerTls> tls_;
};

}  // namespace revenge::http
