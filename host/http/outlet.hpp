// All that goes out for one plugin: its connections by origin, the requests that wait for one, its limits. Lives on one
// loop; instances of the plugin that follow each other share it. Thread safety: belongs to its loop, except what says
// otherwise. Shared ownership: requests and connections under way keep it.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/executor.hpp"
#include "http/client_connection.hpp"
#include "http/deadlines.hpp"
#include "http/fetch.hpp"
#include "http/outgoing_core.hpp"
#include "http/outgoing_stats.hpp"

namespace revenge::http {

struct Origin;

// A request on its way, the loop's side of a Fetch.
struct Errand final : Deadline {
  Errand(Outlet& o, std::shared_ptr<Fetch> f) : outlet(o), fetch(std::move(f)) {}

  Outlet& outlet;
  const std::shared_ptr<Fetch> fetch;
  Url url;  // asked now: the caller's, or where a redirect leads
  Method method = Method::kGet;
  TlsSettings tls;
  unsigned redirects = 0;  // followed so far
  bool with_body = true;
  bool again = false;  // was sent on a kept connection that had ended: now on a fresh one
  unsigned status = 0;
  std::string next;  // the Location to follow, while the rest of a redirect is read away
  std::size_t discarded = 0;
  base::Instant begun{};
  std::shared_ptr<OutgoingRequest> payload;  // body and fields; a write in progress keeps them too
  Origin* origin = nullptr;                  // whose queue it stands in; null: in none
  ClientConnection* connection = nullptr;    // null: waits for one

 private:
  void reached() override;
};

struct OriginKey {
  Scheme scheme;
  std::string host;
  std::uint16_t port;
  TlsSettings tls;
  auto operator<=>(const OriginKey&) const = default;
};

struct Origin {
  Url url;  // its target is of no meaning
  TlsSettings tls;
  Verify verify = Verify::kServer;
  std::deque<Errand*> waiting = {};          // first come, first served
  std::vector<ClientConnection*> idle = {};  // the one used last at the end
  std::size_t connections = 0;               // idle ones and those being opened too
};

class Outlet : public std::enable_shared_from_this<Outlet> {
 public:
  Outlet(std::shared_ptr<OutgoingCore> core, std::string plugin);
  ~Outlet();
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;

  // [any thread]
  bool arrive();  // one more request; false: too many
  void left() { requests_.fetch_sub(1, std::memory_order_relaxed); }
  bool reserve(std::uint64_t bytes);
  void unreserve(std::uint64_t bytes) { buffered_.fetch_sub(bytes, std::memory_order_relaxed); }
  bool post(base::Task&& task);   // to its loop; false: there is none any more
  void defer(base::Task&& task);  // the same, behind what the loop does now

  void begin(const std::shared_ptr<Fetch>& fetch);
  void goOn(Fetch& fetch);  // there is more to send, or room for what came
  void giveUp(Fetch& fetch, const base::Error& why);
  void stop();

  // For connections.
  void headCame(Errand& errand);
  void done(Errand& errand);
  void fail(Errand& errand, const base::Error& why);
  void redirect(Errand& errand);
  void sendAgain(Errand& errand);
  void rest(ClientConnection& connection);  // it has nothing to do
  void closed(ClientConnection& connection);
  void arm(Deadline& deadline, base::Duration within) { armAt(deadline, now() + within); }
  base::Instant now() const { return core_->parts.scheduler.clock().now(); }
  OutgoingCore& core() { return *core_; }
  const OutgoingStats& stats() const { return stats_; }
  std::size_t loop() const { return loop_; }
  observe::TraceIds& traceIds() { return trace_ids_; }

 private:
  void armAt(Deadline& deadline, base::Instant at);
  Origin& originOf(const Errand& errand);
  void enqueue(Errand& errand);
  void serve(Origin& origin);
  bool mayOpen(const Origin& origin);
  bool closeOneIdle();
  void serveOthers();
  void forget(ClientConnection& connection);
  void armTimeout(Errand& errand, base::Duration unless_given);
  void leaveQueue(Errand& errand);
  void tick();

  const std::shared_ptr<OutgoingCore> core_;
  const std::string plugin_;
  const std::size_t loop_;
  const OutgoingStats stats_;
  std::atomic<std::size_t> requests_{0};
  std::atomic<std::uint64_t> buffered_{0};

  Deadlines deadlines_;
  bool ticking_ = false;
  bool stopped_ = false;
  observe::TraceIds trace_ids_;
  std::size_t waiting_ = 0;
  std::map<OriginKey, Origin> origins_;
  std::unordered_map<ClientConnection*, std::shared_ptr<ClientConnection>> connections_;
  std::unordered_map<const Fetch*, std::unique_ptr<Errand>> errands_;
};

}  // namespace revenge::http
