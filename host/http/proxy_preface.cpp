#include "http/proxy_preface.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include "http/io_loop.hpp"
#include "http/proxy_protocol.hpp"
#include "http/server_core.hpp"

namespace revenge::http {

ProxyPreface::ProxyPreface(IoLoop& loop, base::UniqueFd socket, Peer peer, std::shared_ptr<ServerTls> tls)
    : loop_(loop), socket_(std::move(socket)), peer_(std::move(peer)), tls_(std::move(tls)) {}

Turn ProxyPreface::ready(std::uint32_t) {
  std::array<std::uint8_t, kMaxProxyV2Bytes> bytes;
  ssize_t got = 0;
  do {
    got = ::recv(socket(), bytes.data(), bytes.size(), MSG_PEEK);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return Turn::kGoOn;
  if (got <= 0) {
    refuse("the connection ended");
    return Turn::kGoOn;
  }
  const ProxyHeader header = parseProxyHeader(std::span(bytes).first(static_cast<std::size_t>(got)));
  switch (header.state) {
    case ProxyHeader::State::kNeedsMore:
      break;
    case ProxyHeader::State::kMalformed:
      refuse("malformed");
      break;
    case ProxyHeader::State::kDone:
      if (header.origin == ProxyHeader::Origin::kProxied) {
        peer_.address = header.source;
        peer_.port = header.source_port;
      }
      passOn(header.length);
  }
  return Turn::kGoOn;
}

// Exactly the header is taken; no more is known to be the proxy's.
void ProxyPreface::passOn(std::size_t length) {
  std::array<std::uint8_t, kMaxProxyV2Bytes> header;
  if (::recv(socket(), header.data(), length, 0) != static_cast<ssize_t>(length))
    return refuse("the connection ended");
  loop_.unwatch(socket());
  if (tls_ != nullptr)
    loop_.secure(std::move(socket_), std::move(peer_), *tls_->current(loop_.core().logger));
  else
    loop_.adopt(std::move(socket_), std::move(peer_));
  close();
}

void ProxyPreface::refuse(const char* why) {
  loop_.core().refusedProxy(peer_.address, why);
  close();
}

void ProxyPreface::close() {
  disarm();
  socket_.reset();
  loop_.bury(*this);
}

void ProxyPreface::reached() { refuse("late"); }

}  // namespace revenge::http
