// The HTTP/1.1 server: listeners, connections on the reactor's loops, dispatch into routes. app owns it and
// destroys it after stop and before reactor, lanes and domain. Thread safety: every function may be called
// from any thread.
// Requires: SIGPIPE is ignored, as runtime::Signals does; sendfile(2) knows no other way to be told of a client that left.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "http/exchange.hpp"
#include "http/identity.hpp"
#include "http/network.hpp"
#include "http/router.hpp"
#include "http/tls_context.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "observe/spans.hpp"
#include "runtime/lanes.hpp"
#include "runtime/reactor.hpp"
#include "service/domain.hpp"

namespace revenge::http {

enum class Toggle : std::uint8_t { kOff, kOn };
enum class InlineRoutes : std::uint8_t { kAllow, kRefuse };

struct ServerOptions {
  std::string name = "http";                   // of the log component
  std::size_t max_header_bytes = 16 * 1024;    // 431 beyond
  std::uint64_t max_body_bytes = 1024 * 1024;  // for routes that set none; 413 beyond
  std::size_t max_connections = 20'000;        // 503 and close beyond
  base::Duration idle_timeout = std::chrono::seconds(60);
  base::Duration header_timeout = std::chrono::seconds(10);
  base::Duration body_timeout = std::chrono::seconds(30);  // between two pieces
  std::uint64_t body_bytes_per_s =
      256;  // beyond body_timeout altogether: 408 for a client that is slower; 0: any
  base::Duration write_timeout = std::chrono::seconds(30);    // without progress
  base::Duration request_timeout = std::chrono::seconds(30);  // 504 beyond, for routes that set none
  InlineRoutes inline_routes = InlineRoutes::kAllow;
  Toggle access_log = Toggle::kOff;
  IdentityOptions identity = {};
  std::vector<Network> proxied_from = {};  // peers that write the PROXY protocol's header, and have to
};

// Told on an I/O thread; must not block.
struct ServerHooks {
  std::function<void(const Finished&)> finished = {};
  // May run code of a plugin, in an Excursion. False: the loop was taken over meanwhile.
  std::function<bool(const RequestEnd&)> ended = {};
};

// Where the routes come from: the facet of the current generation, or a fixed router of host routes alone.
using RouterSource = std::variant<service::Facet<Router>, std::shared_ptr<const Router>>;

class Server {
 public:
  struct Parts {
    runtime::Reactor& reactor;
    runtime::Lanes& lanes;
    service::Domain& domain;
    base::Scheduler& scheduler;
    observe::Log& log;
    observe::Metrics& metrics;
    observe::Spans* spans = nullptr;  // null: nothing is traced
  };
  Server(Parts parts, ServerOptions options, RouterSource routes, ServerHooks hooks = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Each returns the address listened on, "127.0.0.1:8096", "[::1]:8096" or the path; port 0 takes a free
  // one. Failures name address, cause and remedy.
  base::Result<std::string> listenTcp(const std::string& address, std::uint16_t port);
  // For few clients: each is relayed through a pair of sockets.
  base::Result<std::string> listenTls(const std::string& address, std::uint16_t port,
                                      const std::shared_ptr<ServerTls>& tls);
  base::Result<std::string> listenUnix(const std::string& path, std::uint32_t mode);
  base::Result<std::string> adopt(int fd);  // already bound (socket activation); owned from here on

  Exchanges& exchanges();

  // Stops accepting, closes idle connections, answers the rest with Connection: close. `drained` runs once
  // when no connection is left, on an I/O thread or at once.
  void stop(std::function<void()> drained);
  // Another generation runs: requests that wait at the head for a plugin look for their route again. Does not wait.
  void routesChanged();
  void force();  // cuts what is left; every callback still runs
  std::size_t connectionsApprox() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace revenge::http
