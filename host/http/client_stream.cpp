#include "http/client_stream.hpp"

#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>

namespace revenge::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using base::Errc;
using Code = boost::system::error_code;

std::unexpected<base::Error> notConnected(const Code& code, const Address& address) {
  if (code == asio::error::connection_refused)
    return base::fail(Errc::kUnavailable,
                      "connection to {} refused; does the service run, and listen on that port?",
                      address.text());
  if (code == asio::error::network_unreachable || code == asio::error::host_unreachable)
    return base::fail(Errc::kUnavailable, "{} cannot be reached; check the network and its routes",
                      address.text());
  return base::fail(Errc::kUnavailable, "connection to {}: {}", address.text(),
                    base::errnoText(code.value()));
}

std::unexpected<base::Error> lost(const Code& code) {
  if (code == asio::error::connection_reset || code == asio::error::broken_pipe)
    return base::fail(Errc::kIo, "the server reset the connection");
  // Whoever can cut a TCP connection could otherwise shorten a body that ends with it.
  if (code == asio::ssl::error::stream_truncated)
    return base::fail(Errc::kIo, "the connection was cut without the end that TLS asks for");
  return base::fail(Errc::kIo, "{}", code.message());
}

}  // namespace

struct ClientStream::Impl : std::enable_shared_from_this<Impl> {
  using Socket = std::shared_ptr<tcp::socket>;

  Impl(runtime::Reactor& r, std::size_t l, base::Scheduler& s) : reactor(r), loop(l), scheduler(s) {}

  void startNext();
  void connected(const Code& code, const Socket& socket, const Address& address);
  void settle(base::Result<std::size_t> result);
  void close();

  template <typename Stream>
  void read(Stream& stream, std::span<char> into, Then then) {
    stream.async_read_some(
        asio::buffer(into.data(), into.size()),
        [self = shared_from_this(), then = std::move(then)](const Code& code, std::size_t got) mutable {
          if (self->closed) return;
          if (code == asio::error::eof) return then(std::size_t{0});
          if (code) return then(self->failure(code));
          then(got);
        });
  }
  template <typename Stream>
  void write(Stream& stream, std::string_view first, std::string_view second, Then then) {
    const std::array<asio::const_buffer, 2> all{asio::buffer(first.data(), first.size()),
                                                asio::buffer(second.data(), second.size())};
    asio::async_write(
        stream, all,
        [self = shared_from_this(), then = std::move(then)](const Code& code, std::size_t sent) mutable {
          if (self->closed) return;
          if (code && sent == 0)
            return then(base::fail(Errc::kUnavailable, "the server had ended the connection"));
          if (code) return then(self->failure(code));
          then(sent);
        });
  }
  // An alert behind the handshake (a client certificate that was missing) comes with the first read.
  std::unexpected<base::Error> failure(const Code& code) {
    if (!tls || code.category() != asio::error::get_ssl_category()) return lost(code);
    SSL* const session = tls->native_handle();
    const std::string said = code.message();
    return base::fail(isVerifyFailure(session, said) ? Errc::kRefused : Errc::kIo, "{}",
                      tlsFailure(session, server, said));
  }

  runtime::Reactor& reactor;
  const std::size_t loop;
  base::Scheduler& scheduler;
  bool closed = false;
  Socket plain;
  std::optional<asio::ssl::stream<tcp::socket&>> tls;
  std::string server;

  // While connecting.
  std::vector<Address> addresses;
  std::size_t next = 0;
  std::vector<Socket> attempts;
  std::size_t waiting = 0;
  base::TimerId stagger = base::TimerId::kNone;
  Then then;
};

void ClientStream::Impl::startNext() {
  scheduler.cancel(std::exchange(stagger, base::TimerId::kNone));
  const Address& address = addresses[next++];
  const auto socket = std::make_shared<tcp::socket>(reactor.context(loop));
  attempts.push_back(socket);
  ++waiting;
  tcp::endpoint endpoint;
  endpoint.resize(address.size);
  std::memcpy(endpoint.data(), &address.bytes, address.size);
  socket->async_connect(endpoint, [self = shared_from_this(), socket, address](const Code& code) {
    self->connected(code, socket, address);
  });
  if (next == addresses.size()) return;
  stagger = scheduler.after(
      kStagger,
      [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self != nullptr && !self->closed && self->then && self->next < self->addresses.size())
          self->startNext();
      },
      reactor.executor(loop));
}

void ClientStream::Impl::connected(const Code& code, const Socket& socket, const Address& address) {
  if (closed || !then) return;
  --waiting;
  if (!code) {
    plain = socket;
    Code ignored;
    (void)plain->set_option(tcp::no_delay(true), ignored);
    return settle(std::size_t{0});
  }
  if (next < addresses.size()) return startNext();
  if (waiting == 0) settle(notConnected(code, address));
}

void ClientStream::Impl::settle(base::Result<std::size_t> result) {
  scheduler.cancel(std::exchange(stagger, base::TimerId::kNone));
  Code ignored;
  for (const Socket& each : attempts)
    if (each != plain) (void)each->close(ignored);
  attempts.clear();
  std::exchange(then, nullptr)(std::move(result));
}

void ClientStream::Impl::close() {
  if (std::exchange(closed, true)) return;
  scheduler.cancel(std::exchange(stagger, base::TimerId::kNone));
  Code ignored;
  for (const Socket& each : attempts) (void)each->close(ignored);
  attempts.clear();
  if (plain) (void)plain->close(ignored);
  then = nullptr;
}

ClientStream::ClientStream(runtime::Reactor& reactor, std::size_t loop, base::Scheduler& scheduler)
    : impl_(std::make_shared<Impl>(reactor, loop, scheduler)) {}

ClientStream::~ClientStream() { close(); }

void ClientStream::connect(std::vector<Address> addresses, Then then) {
  impl_->addresses = std::move(addresses);
  impl_->then = std::move(then);
  impl_->startNext();
}

void ClientStream::handshake(const ClientTls::Context& context, const std::string& server, Verify verify,
                             Then then) {
  SSL_CTX_up_ref(context.get());
  asio::ssl::context borrowed(context.get());  // takes the reference
  impl_->server = server;
  impl_->tls.emplace(*impl_->plain, borrowed);
  SSL* const session = impl_->tls->native_handle();
  if (auto prepared = prepareSession(session, server, verify); !prepared) {
    asio::post(impl_->plain->get_executor(),
               [self = impl_, then = std::move(then), why = std::move(prepared.error())]() mutable {
                 if (!self->closed) then(std::unexpected(std::move(why)));
               });
    return;
  }
  impl_->tls->async_handshake(asio::ssl::stream_base::client,
                              [self = impl_, then = std::move(then)](const Code& code) mutable {
                                if (self->closed) return;
                                if (!code) return then(std::size_t{0});
                                if (code == asio::error::eof || code == asio::ssl::error::stream_truncated)
                                  return then(base::fail(Errc::kIo,
                                                         "the server closed the connection in the TLS "
                                                         "handshake; does it speak TLS there?"));
                                then(self->failure(code));
                              });
}

void ClientStream::read(std::span<char> into, Then then) {
  if (impl_->tls)
    impl_->read(*impl_->tls, into, std::move(then));
  else
    impl_->read(*impl_->plain, into, std::move(then));
}

void ClientStream::write(std::string_view first, std::string_view second, Then then) {
  if (impl_->tls)
    impl_->write(*impl_->tls, first, second, std::move(then));
  else
    impl_->write(*impl_->plain, first, second, std::move(then));
}

void ClientStream::close() { impl_->close(); }

}  // namespace revenge::http
