#include "http/tls_relay.hpp"

#include <array>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "http/io_loop.hpp"
#include "http/server_core.hpp"
#include "runtime/reactor.hpp"

namespace revenge::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;
using Code = boost::system::error_code;

}  // namespace

struct TlsRelay::Streams {
  Streams(asio::io_context& loop, const TlsContext& tls)
      : context(tls.newReference()), client(loop, context), server(loop) {}

  asio::ssl::context context;
  asio::ssl::stream<tcp::socket> client;
  Local::socket server;  // the other end is a Connection's
  std::array<char, kPiece> in{};
  std::array<char, kPiece> out{};
};

TlsRelay::TlsRelay(IoLoop& loop, base::UniqueFd socket, Peer peer, const TlsContext& context)
    : loop_(loop),
      peer_(std::move(peer)),
      streams_(std::make_unique<Streams>(loop.core().parts.reactor.context(loop.number()), context)) {
  Code ignored;
  const bool six = peer_.address.find(':') != std::string::npos;
  (void)streams_->client.lowest_layer().assign(six ? tcp::v6() : tcp::v4(), socket.release(), ignored);
}

TlsRelay::~TlsRelay() = default;

void TlsRelay::begin() {
  loop_.arm(*this, loop_.core().options.header_timeout);
  streams_->client.async_handshake(asio::ssl::stream_base::server,
                                   [self = shared_from_this()](const Code& code) {
                                     if (self->cut_) return;
                                     code ? self->failed(code.message().c_str()) : self->shaken();
                                   });
}

void TlsRelay::failed(const char* why) {
  loop_.core().logger.info("TLS handshake failed",
                           {{"client", peer_.address}, {"reason", std::string_view(why)}});
  cut();
}

void TlsRelay::shaken() {
  shaking_ = false;
  disarm();
  peer_.certificate = tlsPeerName(*streams_->client.native_handle());
  int pair[2] = {-1, -1};
  if (loop_.core().stopping ||
      ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0)
    return cut();
  Code ignored;
  (void)streams_->server.assign(Local(), pair[0], ignored);
  loop_.adopt(base::UniqueFd(pair[1]), std::move(peer_));
  fromClient();
  fromServer();
}

void TlsRelay::fromClient() {
  streams_->client.async_read_some(
      asio::buffer(streams_->in), [self = shared_from_this()](const Code& code, std::size_t got) {
        if (self->cut_) return;
        // A client that only stops sending may still read its answer; it need not say so with an alert.
        if (code == asio::error::eof || code == asio::ssl::error::stream_truncated)
          return self->serverHasAll();
        if (code) return self->cut();
        asio::async_write(self->streams_->server, asio::buffer(self->streams_->in.data(), got),
                          [self](const Code& error, std::size_t) {
                            if (!self->cut_ && !error) self->fromClient();
                          });
      });
}

void TlsRelay::serverHasAll() {
  Code ignored;
  (void)streams_->server.shutdown(Local::socket::shutdown_send, ignored);
}

void TlsRelay::fromServer() {
  streams_->server.async_read_some(
      asio::buffer(streams_->out), [self = shared_from_this()](const Code& code, std::size_t got) {
        if (self->cut_) return;
        if (code) return self->endForClient();
        self->loop_.arm(*self, self->loop_.core().options.write_timeout);
        asio::async_write(self->streams_->client, asio::buffer(self->streams_->out.data(), got),
                          [self](const Code& error, std::size_t) {
                            if (self->cut_) return;
                            self->disarm();
                            error ? self->cut() : self->fromServer();
                          });
      });
}

void TlsRelay::endForClient() {
  loop_.arm(*this, loop_.core().options.header_timeout);
  streams_->client.async_shutdown([self = shared_from_this()](const Code&) { self->cut(); });
}

void TlsRelay::reached() { shaking_ ? failed("not done in time") : cut(); }

void TlsRelay::closeIdle() {
  if (shaking_) cut();
}

void TlsRelay::cut() {
  if (std::exchange(cut_, true)) return;
  remove();
  Code ignored;
  (void)streams_->client.lowest_layer().close(ignored);
  (void)streams_->server.close(ignored);
  loop_.forget(*this);
}

}  // namespace revenge::http
