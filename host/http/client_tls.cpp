#include "http/client_tls.hpp"

#include <algorithm>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "http/tls_files.hpp"

namespace revenge::http {
namespace {

base::Result<ClientTls::Context> make(const TlsSettings& settings) {
  ClientTls::Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (context == nullptr) return base::fail(base::Errc::kLimit, "TLS: {}", lastTlsError());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  auto trusted =
      settings.ca_file.empty() ? trustSystem(context.get()) : trustFile(context.get(), settings.ca_file);
  if (!trusted) return std::unexpected(std::move(trusted.error()));
  if (!settings.certificate_file.empty()) {
    const std::string& key = settings.key_file.empty() ? settings.certificate_file : settings.key_file;
    if (auto used = useCertificate(context.get(), settings.certificate_file, key); !used)
      return std::unexpected(std::move(used.error()));
  }
  return context;
}

bool isAddress(const std::string& server) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET6, server.c_str(), &ignored) == 1 ||
         ::inet_pton(AF_INET, server.c_str(), &ignored) == 1;
}

}  // namespace

base::Result<ClientTls::Context> ClientTls::context(const TlsSettings& settings) {
  const std::string stamp = stampOf({settings.ca_file, settings.certificate_file, settings.key_file});
  {
    const std::lock_guard lock(mutex_);
    for (const Kept& kept : kept_)
      if (kept.settings == settings && kept.stamp == stamp) return kept.context;
  }
  auto made = make(settings);
  if (!made) return made;
  const std::lock_guard lock(mutex_);
  std::erase_if(kept_, [&](const Kept& kept) { return kept.settings == settings; });
  if (kept_.size() == kMaxKept) kept_.erase(kept_.begin());
  kept_.push_back({settings, stamp, *made});
  return made;
}

base::Result<> prepareSession(ssl_st* session, const std::string& server, Verify verify) {
  ERR_clear_error();
  bool ok = true;
  if (isAddress(server)) {
    ok = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), server.c_str()) == 1;
  } else {
    SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    ok =
        SSL_set1_host(session, server.c_str()) == 1 && SSL_set_tlsext_host_name(session, server.c_str()) == 1;
  }
  SSL_set_verify(session, verify == Verify::kServer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (ok) return {};
  return base::fail(base::Errc::kInvalid, "TLS: '{}' is no name a certificate could be for: {}", server,
                    lastTlsError());
}

std::string tlsFailure(const ssl_st* session, const std::string& server, std::string_view otherwise) {
  switch (const long verdict = SSL_get_verify_result(session); verdict) {
    case X509_V_OK:
      break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "its certificate has expired; renew it there, or check the clock here";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "its certificate is not valid yet; check the clocks on both sides";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format(
          "its certificate is for another name than '{}'; check the URL, or set the server name", server);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "its certificate is signed by an unknown CA; name that CA's file, or install it in the system";
    default:
      return fmt::format("its certificate is refused: {}", X509_verify_cert_error_string(verdict));
  }
  if (otherwise.contains("certificate required") || otherwise.contains("bad certificate") ||
      otherwise.contains("handshake failure"))
    return fmt::format("the server refused the handshake ({}); does it ask for a client certificate?",
                       otherwise);
  if (otherwise.contains("unknown ca"))
    return "the server does not know the CA of the client certificate; show one that it trusts";
  if (otherwise.contains("wrong version number"))
    return "the server does not speak TLS there; is the URL http?";
  if (otherwise.contains("protocol version") || otherwise.contains("unsupported protocol"))
    return "the server speaks no TLS 1.2 or later";
  return fmt::format("TLS: {}", otherwise);
}

bool isVerifyFailure(const ssl_st* session, std::string_view otherwise) {
  return SSL_get_verify_result(session) != X509_V_OK || otherwise.contains("certificate") ||
         otherwise.contains("unknown ca") || otherwise.contains("handshake failure");
}

}  // namespace revenge::http
