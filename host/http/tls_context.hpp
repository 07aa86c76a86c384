// What a server needs to speak TLS: its certificate chain and key, and, where clients must show one too, who may have
// signed theirs. TLS 1.2 and later. With a client CA a handshake ends well only for a client whose certificate verifies;
// tlsPeerName() then says who it is. Thread safety: any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"
#include "observe/log.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace revenge::http {

struct ServerTlsFiles {
  std::filesystem::path certificate;     // PEM, the server's first, then those that lead to its root
  std::filesystem::path key;             // PEM, not encrypted
  std::filesystem::path client_ca = {};  // PEM; empty: clients show no certificate
};

// Immutable.
class TlsContext {
 public:
  // Errors name the file, and say whether it cannot be read, is no PEM, or does not belong to the other.
  static base::Result<std::shared_ptr<const TlsContext>> forServer(const ServerTlsFiles& files);

  ssl_ctx_st* newReference() const;  // the caller's, outlives this

 private:
  using Native = std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)>;
  explicit TlsContext(Native context) : context_(std::move(context)) {}

  Native context_;
};

// The files as they are now: certificates are renewed while the server runs.
class ServerTls {
 public:
  static base::Result<std::shared_ptr<ServerTls>> load(ServerTlsFiles files);

  // Reads them again when one has changed; the last good ones go on, and the log says why, when that fails.
  std::shared_ptr<const TlsContext> current(const observe::Logger& logger);

 private:
  ServerTls(ServerTlsFiles files, std::string stamp, std::shared_ptr<const TlsContext> context)
      : files_(std::move(files)), stamp_(std::move(stamp)), context_(std::move(context)) {}

  const ServerTlsFiles files_;
  std::mutex mutex_;
  std::string stamp_;                          // guarded by mutex_, of the files that were tried last
  std::shared_ptr<const TlsContext> context_;  // guarded by mutex_
};

// The subject of the peer's verified certificate, "CN=alice,O=Films"; empty: it showed none.
std::string tlsPeerName(const ssl_st& session);

}  // namespace revenge::http
