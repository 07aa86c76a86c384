// The server's part on one loop of the reactor: an epoll set of its own inside Asio's (one registration a connection,
// none a request), its connections, buffers, timeouts and the batch of jobs made in a round. Thread safety: belongs
// to its loop, except tell().
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <sys/epoll.h>

#include "http/connection.hpp"
#include "http/deadlines.hpp"
#include "http/exchange_table.hpp"
#include "http/http_date.hpp"
#include "http/listener.hpp"
#include "http/request_stats.hpp"
#include "observe/trace_context.hpp"
#include "runtime/lanes.hpp"

namespace revenge::http {

struct ServerCore;
class ProxyPreface;
class TlsRelay;

class IoLoop {
 public:
  IoLoop(ServerCore& core, std::size_t number);
  ~IoLoop();

  // `open` once before anything else, `close` once at the end.
  void open();
  void close();
  bool watch(Pollable& what, int fd, std::uint32_t events);
  void unwatch(int fd);
  void adopt(base::UniqueFd socket, Peer peer);
  void note(Handle handle, Note note);
  void listen(const std::shared_ptr<const base::UniqueFd>& socket, const std::shared_ptr<ServerTls>& tls);
  // Adopts a connection once the handshake has ended well.
  void secure(base::UniqueFd socket, Peer peer, const TlsContext& context);
  // Adopts or secures a connection once its proxy's header was read.
  void awaitPreface(base::UniqueFd socket, Peer peer, std::shared_ptr<ServerTls> tls);
  void forget(TlsRelay& relay);
  void stopListening();
  void closeIdle();
  void force();
  void tellEnds();  // what tellEnd() left for the end of the round

  std::size_t number() const { return number_; }
  ServerCore& core() { return core_; }
  base::Instant now() const;
  std::string_view date();
  RequestHead& spareHead() { return spare_head_; }
  observe::TraceIds& traceIds() { return trace_ids_; }
  Deadlines& deadlines() { return deadlines_; }
  void arm(Deadline& deadline, base::Duration delay);
  KnownSeries& knownSeries() { return known_series_; }
  runtime::Lanes::Batch& jobs() { return jobs_; }

  std::unique_ptr<char[]> takeBuffer();
  void giveBuffer(std::unique_ptr<char[]> buffer);
  std::size_t bufferSize() const;
  // Requests at the head, until reroute(), their timeout or their client's leaving.
  void waitForGeneration(ExchangeRecord& record) { at_head_.push_back(&record); }
  void waitsNoMore(ExchangeRecord& record) { std::erase(at_head_, &record); }
  void rerouteWaiting();
  void again(Connection& connection) { again_.push_back(&connection); }
  void bury(Connection& connection);
  void bury(ProxyPreface& preface);
  ExchangeRecord& begin();
  void tellFinished(const ExchangeRecord& record, Ended ended);  // whoever listens for its session
  void tellEnd(ExchangeRecord& record, Ended ended);             // whoever asked; once this round is over
  void finished(ExchangeRecord& record);                         // nothing more will be sent
  void release(ExchangeRecord& record);

 private:
  void abortAll();
  std::vector<Connection*> openConnections() const;
  std::vector<std::shared_ptr<TlsRelay>> openRelays() const;
  void closePrefaces();
  static constexpr std::size_t kEvents = 128;
  struct Poller;  // Asio's side
  class Round;    // what ends every stretch of work on the loop

  void waitReady();
  void poll();
  Turn drain();
  void endRound();
  void tick();
  void startTicking();

  ServerCore& core_;
  const std::size_t number_;
  base::UniqueFd epoll_;
  std::unique_ptr<Poller> poller_;
  std::array<epoll_event, kEvents> events_{};
  std::size_t event_ = 0;  // next of those still to be handled: kept here for who takes the loop over
  std::size_t events_ready_ = 0;

  std::vector<std::unique_ptr<Listener>> listeners_;
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::unordered_map<TlsRelay*, std::shared_ptr<TlsRelay>> relays_;
  std::unordered_map<ProxyPreface*, std::unique_ptr<ProxyPreface>> prefaces_;
  std::vector<std::unique_ptr<Pollable>> dead_;  // until no event of this round can name them
  std::vector<Connection*> again_;
  std::deque<RequestEnd> ends_;  // to be told
  bool telling_ends_ = false;    // a task for it is on its way
  std::vector<std::unique_ptr<char[]>> buffers_;
  std::vector<ExchangeRecord*>
      retired_;  // timed out; their memory stays readable while many others come and go
  std::vector<ExchangeRecord*> at_head_;
  std::size_t exchanges_ = 0;
  Deadlines deadlines_;
  bool ticking_ = false;
  RequestHead spare_head_;
  std::int64_t date_s_ = -1;
  observe::TraceIds trace_ids_;
  std::array<char, kHttpDateSize> date_{};
  KnownSeries known_series_;
  runtime::Lanes::Batch jobs_;
};

}  // namespace revenge::http
