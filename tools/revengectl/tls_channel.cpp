#include "revengectl/tls_channel.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace revenge::ctl {

using base::Errc;
using base::fail;

// Through memory, not on the descriptor: a host that has gone would otherwise end this program by SIGPIPE.
base::Result<> TlsChannel::open() {
  const auto context = contexts_.context(*place_.tls);
  if (!context) return std::unexpected(context.error());
  session_.reset(SSL_new(context->get()), SSL_free);
  SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(session_.get());
  if (auto ok = http::prepareSession(session_.get(), place_.host, http::Verify::kServer); !ok) return ok;
  while (true) {
    ERR_clear_error();
    const int done = SSL_do_handshake(session_.get());
    const bool waits = SSL_get_error(session_.get(), done) == SSL_ERROR_WANT_READ;
    auto refused = failed();
    if (auto ok = flush(); !ok) return ok;
    if (done == 1) return {};
    if (!waits) return refused;
    const auto more = feed();
    if (!more) return std::unexpected(more.error());
    if (!*more)
      return fail(Errc::kUnavailable, "{}: the host closed the connection in the TLS handshake",
                  place_.shown);
  }
}

base::Result<> TlsChannel::send(std::string_view text) {
  if (text.empty()) return {};
  ERR_clear_error();
  if (SSL_write(session_.get(), text.data(), static_cast<int>(text.size())) <= 0) return failed();
  return flush();
}

base::Result<std::string_view> TlsChannel::receive() {
  while (true) {
    ERR_clear_error();
    const int got = SSL_read(session_.get(), bytes_.data(), static_cast<int>(bytes_.size()));
    if (got > 0) return std::string_view(bytes_.data(), static_cast<std::size_t>(got));
    const int why = SSL_get_error(session_.get(), got);
    if (why == SSL_ERROR_ZERO_RETURN) return std::string_view();
    if (why != SSL_ERROR_WANT_READ) return failed();
    if (auto ok = flush(); !ok) return std::unexpected(ok.error());
    const auto more = feed();
    if (!more) return std::unexpected(more.error());
    if (!*more) return std::string_view();
  }
}

base::Result<> TlsChannel::flush() {
  char* bytes = nullptr;
  BIO* const written = SSL_get_wbio(session_.get());
  const long size = BIO_get_mem_data(written, &bytes);
  if (size <= 0) return {};
  auto sent = connection_.send({bytes, static_cast<std::size_t>(size)});
  (void)BIO_reset(written);
  return sent;
}

base::Result<bool> TlsChannel::feed() {
  const auto bytes = connection_.receive();
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->empty()) return false;
  return BIO_write(SSL_get_rbio(session_.get()), bytes->data(), static_cast<int>(bytes->size())) > 0;
}

std::unexpected<base::Error> TlsChannel::failed() const {
  const char* const known = ERR_reason_error_string(ERR_peek_last_error());
  const std::string_view reason = known == nullptr ? "no reason given" : known;
  const bool by_host = SSL_get_verify_result(session_.get()) == X509_V_OK;
  const bool denied = by_host && http::isVerifyFailure(session_.get(), reason);
  return fail(denied ? Errc::kDenied : Errc::kUnavailable, "{}: {}", place_.shown,
              http::tlsFailure(session_.get(), place_.host, reason));
}

}  // namespace revenge::ctl
