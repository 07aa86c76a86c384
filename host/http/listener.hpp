// Listening sockets: how they are opened, and how each loop accepts from them. Thread safety: pure functions; a
// Listener belongs to its loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "http/connection.hpp"
#include "http/tls_context.hpp"

namespace revenge::http {

class IoLoop;

struct BoundSocket {
  base::UniqueFd socket;
  std::string address;  // "127.0.0.1:8096", "[::1]:8096", or the path
};

base::Result<BoundSocket> bindTcp(const std::string& address, std::uint16_t port);
// Takes the place of a socket that nobody listens on any more; refuses one that is in use.
base::Result<BoundSocket> bindUnix(const std::string& path, std::uint32_t mode);
base::Result<BoundSocket> adoptBound(base::UniqueFd socket);

// Accepts on one loop; every loop has one on the same socket, and the kernel wakes one of them.
class Listener final : public Pollable {
 public:
  // `tls` null: clients speak in the clear.
  Listener(IoLoop& loop, std::shared_ptr<const base::UniqueFd> socket, std::shared_ptr<ServerTls> tls);
  Turn ready(std::uint32_t events) override;
  int socket() const { return socket_->get(); }

 private:
  void take(base::UniqueFd socket, const struct sockaddr_storage& from);
  void shed();

  IoLoop& loop_;
  std::shared_ptr<const base::UniqueFd> socket_;  // shared by the listeners of all loops
  std::shared_ptr<ServerTls> tls_;                // likewise
  base::UniqueFd reserve_;                        // given up for a moment when descriptors run out
};

}  // namespace revenge::http
