// The bytes to and from a server: TCP, and TLS over it. The part of the client that knows Asio. Thread safety: belongs to
// a loop of the reactor. Every Then runs there, never before the function it was given to has returned, and not at all
// after close(); it is destroyed when the system has let go of the buffers it was given, which it therefore keeps alive.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "http/client_tls.hpp"
#include "http/resolve.hpp"
#include "runtime/reactor.hpp"

namespace revenge::http {

class ClientStream {
 public:
  using Then = std::move_only_function<void(base::Result<std::size_t>)>;
  // RFC 8305: an address that does not answer for so long is tried side by side with the next one.
  static constexpr base::Duration kStagger = std::chrono::milliseconds(250);

  ClientStream(runtime::Reactor& reactor, std::size_t loop, base::Scheduler& scheduler);
  ~ClientStream();  // close()
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;

  // The first address that answers. Requires: at least one.
  void connect(std::vector<Address> addresses, Then then);
  // TLS from here on. Failures are kRefused when somebody could not be verified.
  void handshake(const ClientTls::Context& context, const std::string& server, Verify verify, Then then);
  // How many bytes came; 0: the server has ended its side in order.
  void read(std::span<char> into, Then then);
  // All of both. kUnavailable: not a byte of them was taken.
  void write(std::string_view first, std::string_view second, Then then);
  void close();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with the operations under way
};

}  // namespace revenge::http
