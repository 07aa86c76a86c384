// Requests that plugins make to other servers: what the table revenge.http-client/1 is made of. All that goes out for one
// plugin lives on one loop of the reactor (its Outlet), so that pools and limits need no lock and its queues are first
// come, first served. app owns it and destroys it after stop() and before the reactor. Thread safety: every function may
// be called from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "http/fetch.hpp"
#include "observe/metrics.hpp"
#include "runtime/reactor.hpp"

namespace revenge::http {

struct OutgoingOptions {
  // Of each plugin.
  std::size_t max_connections = 64;                 // to all servers, idle ones too
  std::size_t max_per_origin = 16;                  // to one server
  std::size_t max_requests = 256;                   // under way, those that wait for a connection too
  std::size_t max_waiting = 128;                    // of those, without a connection
  std::uint64_t max_buffered_bytes = 64ULL << 20U;  // of responses that were not taken yet
  // Of each request.
  std::uint64_t max_response_bytes = 8ULL << 20U;  // of a whole body, where the plugin says nothing
  std::size_t max_header_bytes = 64U << 10U;
  base::Duration request_timeout = std::chrono::seconds(30);  // where the plugin says nothing
  base::Duration connect_timeout = std::chrono::seconds(5);   // name look-up and TCP
  base::Duration tls_timeout = std::chrono::seconds(5);
  base::Duration first_byte_timeout = std::chrono::seconds(30);  // from the whole request to the first byte
  base::Duration idle_timeout = std::chrono::seconds(30);        // between two pieces, either way
  // Of the pool.
  std::size_t max_idle = 8;  // connections kept for later, of one origin
  base::Duration keep_idle = std::chrono::seconds(30);
  // "host" or "host:port" whose certificates are not verified: the operator's decision, never a plugin's.
  std::vector<std::string> unverified = {};
};

struct OutgoingCore;

class Outgoing {
 public:
  struct Parts {
    runtime::Reactor& reactor;
    base::Scheduler& scheduler;
    observe::Metrics& metrics;
  };
  Outgoing(Parts parts, OutgoingOptions options);
  ~Outgoing();  // stop()
  Outgoing(const Outgoing&) = delete;
  Outgoing& operator=(const Outgoing&) = delete;

  // Checks the request and its plugin's limits; nothing begins before Fetch::start(). On failure the request's body has
  // been released.
  base::Result<std::shared_ptr<Fetch>> prepare(std::string_view plugin, OutgoingRequest request);

  // What is under way ends as cancelled, connections close; waits until every loop has done so.
  void stop();

 private:
  std::shared_ptr<Outlet> outletOf(std::string_view plugin);

  std::shared_ptr<OutgoingCore> core_;  // shared with what is under way on the loops
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Outlet>, std::less<>> outlets_;  // by plugin id; guarded by mutex_
  bool stopped_ = false;                                                 // guarded by mutex_
};

}  // namespace revenge::http
