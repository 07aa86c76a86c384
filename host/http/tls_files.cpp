#include "http/tls_files.hpp"

#include <cerrno>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace revenge::http {
namespace {

// OpenSSL's own words for a missing file are "No such file or directory" at best: looked at first.
base::Result<> readable(const char* what, const std::string& file) {
  if (::access(file.c_str(), R_OK) == 0) return {};
  return base::fail(base::Errc::kIo, "{}: {}: {}; give the host's user read access or name another file",
                    file, what, base::errnoText(errno));
}

std::unexpected<base::Error> bad(const char* what, const std::string& file) {
  return base::fail(base::Errc::kInvalid, "{}: not a {} in PEM: {}", file, what, lastTlsError());
}

}  // namespace

std::string stampOf(std::initializer_list<std::string> files) {
  std::string stamp;
  for (const std::string& file : files) {
    struct stat now{};
    const bool there = !file.empty() && ::stat(file.c_str(), &now) == 0;
    stamp += there ? fmt::format("{}.{}.{}.{}.{};", now.st_dev, now.st_ino, now.st_size, now.st_mtim.tv_sec,
                                 now.st_mtim.tv_nsec)
                   : "-;";
  }
  return stamp;
}

std::string lastTlsError() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

base::Result<> useCertificate(ssl_ctx_st* context, const std::string& chain, const std::string& key) {
  if (auto ok = readable("certificate", chain); !ok) return ok;
  if (auto ok = readable("key", key); !ok) return ok;
  ERR_clear_error();
  // A key that is encrypted must fail instead of asking the terminal for its passphrase.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
  if (SSL_CTX_use_certificate_chain_file(context, chain.c_str()) != 1) return bad("certificate chain", chain);
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_check_private_key(context) == 1)
    return {};
  const unsigned long code = ERR_peek_last_error();
  if (ERR_GET_LIB(code) == ERR_LIB_X509) {
    ERR_clear_error();
    return base::fail(base::Errc::kInvalid, "{}: not the key of the certificate in {}", key, chain);
  }
  return bad("private key (without a passphrase)", key);
}

base::Result<> trustFile(ssl_ctx_st* context, const std::string& ca) {
  if (auto ok = readable("CA certificates", ca); !ok) return ok;
  ERR_clear_error();
  if (SSL_CTX_load_verify_file(context, ca.c_str()) != 1) return bad("CA certificate", ca);
  return {};
}

base::Result<> trustSystem(ssl_ctx_st* context) {
  if (SSL_CTX_set_default_verify_paths(context) == 1) return {};
  return base::fail(base::Errc::kIo, "the system's CA certificates: {}", lastTlsError());
}

}  // namespace revenge::http
