#include "http/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "http/tls_files.hpp"

namespace revenge::http {

base::Result<std::shared_ptr<const TlsContext>> TlsContext::forServer(const ServerTlsFiles& files) {
  Native context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (context == nullptr) return base::fail(base::Errc::kLimit, "TLS: {}", lastTlsError());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // Renegotiation and compression have only ever been used to attack; tickets would outlive a change of the client CA.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_num_tickets(context.get(),
                          0);  // the option leaves TLS 1.3 those that name a cache there is not
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  if (auto ok = useCertificate(context.get(), files.certificate, files.key); !ok)
    return std::unexpected(std::move(ok.error()));
  if (!files.client_ca.empty()) {
    if (auto ok = trustFile(context.get(), files.client_ca); !ok)
      return std::unexpected(std::move(ok.error()));
    SSL_CTX_set_client_CA_list(context.get(), SSL_load_client_CA_file(files.client_ca.c_str()));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(context)));
}

ssl_ctx_st* TlsContext::newReference() const {
  SSL_CTX_up_ref(context_.get());
  return context_.get();
}

base::Result<std::shared_ptr<ServerTls>> ServerTls::load(ServerTlsFiles files) {
  std::string stamp = stampOf({files.certificate, files.key, files.client_ca});
  auto context = TlsContext::forServer(files);
  if (!context) return std::unexpected(std::move(context.error()));
  return std::shared_ptr<ServerTls>(new ServerTls(std::move(files), std::move(stamp), std::move(*context)));
}

std::shared_ptr<const TlsContext> ServerTls::current(const observe::Logger& logger) {
  const std::scoped_lock lock(mutex_);
  std::string stamp = stampOf({files_.certificate, files_.key, files_.client_ca});
  if (stamp == stamp_) return context_;
  stamp_ = std::move(stamp);
  if (auto context = TlsContext::forServer(files_)) {
    context_ = std::move(*context);
    logger.info("certificate read again", {{"file", files_.certificate.string()}});
  } else {
    logger.error("certificate not renewed; the one before goes on", {{"reason", context.error().message}});
  }
  return context_;
}

std::string tlsPeerName(const ssl_st& session) {
  const X509* const shown = SSL_get0_peer_certificate(&session);
  if (shown == nullptr || SSL_get_verify_result(&session) != X509_V_OK) return {};
  const std::unique_ptr<BIO, int (*)(BIO*)> text(BIO_new(BIO_s_mem()), BIO_free);
  X509_NAME_print_ex(text.get(), X509_get_subject_name(shown), 0, XN_FLAG_RFC2253);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(text.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace revenge::http
