// What the loops of one server share. Shared ownership: a job on a worker and a task on its way to a loop keep it
// alive when the Server ends before them. Thread safety: members say their own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "http/exchange_table.hpp"
#include "http/io_loop.hpp"
#include "http/last_good.hpp"
#include "http/request_stats.hpp"
#include "http/server.hpp"

namespace revenge::http {

struct ServerCore : std::enable_shared_from_this<ServerCore> {
  ServerCore(Server::Parts given, ServerOptions chosen, RouterSource source, ServerHooks told);

  void tell(ExchangeRecord& record, Handle handle, Note note);
  void noted(Handle handle, Note note);  // on the exchange's loop
  void connectionOpened();
  void connectionClosed();
  // TLS in front of a connection: one more to wait for, since what was answered has still to leave.
  void relayOpened() { connections.fetch_add(1, std::memory_order_relaxed); }
  void relayClosed();
  // Counted; told once in a while.
  void refusedProxy(std::string_view peer, std::string_view why);
  // What a loop has still to tell of requests that are over: drained is when that is told, too.
  void endsWait() { untold.fetch_add(1, std::memory_order_relaxed); }
  void endsTold();
  bool awaitTold(base::Duration patience);
  void whenDrained(std::function<void()> call);

  const Server::Parts parts;
  const ServerOptions options;
  const RouterSource routes;
  const ServerHooks hooks;
  const observe::Logger logger;
  const RequestStats stats;
  const std::uint64_t run_id;  // of generated request ids
  std::atomic<std::uint64_t> next_request{1};
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> connections{0};
  std::atomic<base::Instant> proxies_quiet_until{base::Instant::min()};
  std::atomic<std::size_t> untold{0};  // loops that have an end to tell
  LastGood last_good;
  ExchangeTable table;
  std::vector<std::unique_ptr<IoLoop>> loops;

 private:
  void callDrained();

  std::mutex mutex_;
  std::function<void()> drained_;  // guarded by mutex_
  std::condition_variable told_;
};

}  // namespace revenge::http
