// TLS as a client: contexts by their settings, and what a handshake that failed means to people. Thread safety: any
// thread; context() reads files, so not on an I/O thread.
#pragma once

#include <compare>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace revenge::http {

struct TlsSettings {
  std::string ca_file = {};           // empty: whom the system trusts
  std::string certificate_file = {};  // empty: the client shows none
  std::string key_file = {};          // empty: it stands in certificate_file
  std::string server_name = {};       // empty: the host of the URL

  auto operator<=>(const TlsSettings&) const = default;
};

enum class Verify : std::uint8_t { kServer, kNothing };

class ClientTls {
 public:
  using Context = std::shared_ptr<ssl_ctx_st>;
  // Kept until one of the files has changed. Errors name the file.
  base::Result<Context> context(const TlsSettings& settings);

 private:
  static constexpr std::size_t kMaxKept = 64;
  struct Kept {
    TlsSettings settings;
    std::string stamp;  // of the files
    Context context;
  };
  std::mutex mutex_;
  std::vector<Kept> kept_;  // the oldest first; guarded by mutex_
};

// What the session asks the server for, and holds its certificate against: a name, or the address itself.
base::Result<> prepareSession(ssl_st* session, const std::string& server, Verify verify);

// Of a handshake, or of a session, that failed: what, and what to do about it. `otherwise` is what the stream said.
std::string tlsFailure(const ssl_st* session, const std::string& server, std::string_view otherwise);
// Whether it failed because the server, or this client, could not be verified.
bool isVerifyFailure(const ssl_st* session, std::string_view otherwise);

}  // namespace revenge::http
