// What a server needs to speak TLS: its certificate chain and key, and, where clients must show one too, who may have
// signed theirs. TLS 1.2 and later. Immutable; made again when the files have changed. Thread safety: any thread.
//
// The listener keeps one by shared_ptr and gives each connection a session of its own:
//   boost::asio::ssl::context context(tls->newReference());        // takes the reference over
//   boost::asio::ssl::stream<tcp::socket> stream(std::move(socket), context);
//   stream.async_handshake(boost::asio::ssl::stream_base::server, ...);
// or, on a descriptor of its own, `SSL_new(tls->native())`, `SSL_set_fd`, `SSL_accept`. With a client CA a handshake ends
// well only for a client whose certificate verifies; tlsPeerName() then says who it is.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace revenge::http {

struct ServerTlsFiles {
  std::filesystem::path certificate;     // PEM, the server's first, then those that lead to its root
  std::filesystem::path key;             // PEM, not encrypted
  std::filesystem::path client_ca = {};  // PEM; empty: clients show no certificate
};

class TlsContext {
 public:
  // Errors name the file, and say whether it cannot be read, is no PEM, or does not belong to the other.
  static base::Result<std::shared_ptr<const TlsContext>> forServer(const ServerTlsFiles& files);

  ssl_ctx_st* native() const { return context_.get(); }  // as long as this lives
  ssl_ctx_st* newReference() const;                      // the caller's, outlives this

 private:
  using Native = std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)>;
  explicit TlsContext(Native context) : context_(std::move(context)) {}

  Native context_;
};

// The subject of the peer's verified certificate, "CN=alice,O=Films"; empty: it showed none.
std::string tlsPeerName(const ssl_st& session);

}  // namespace revenge::http
