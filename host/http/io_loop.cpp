#include "http/io_loop.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "http/dispatch.hpp"
#include "http/proxy_preface.hpp"
#include "http/request_limits.hpp"
#include "http/server_core.hpp"
#include "http/tls_relay.hpp"
#include "runtime/reactor.hpp"

namespace revenge::http {
namespace {

constexpr std::size_t kSpareBuffers = 64;
constexpr std::size_t kRetired = 64;
constexpr std::size_t kPipelineRoom = 16U << 10U;

}  // namespace

struct IoLoop::Poller {
  Poller(boost::asio::io_context& context, int epoll) : descriptor(context, epoll) {}
  ~Poller() { static_cast<void>(descriptor.release()); }
  boost::asio::posix::stream_descriptor descriptor;
};

class IoLoop::Round {
 public:
  explicit Round(IoLoop& loop) : loop_(loop) {}
  ~Round() {
    if (!lost_) loop_.endRound();
  }
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;
  Turn after(Turn turn) {
    if (turn == Turn::kLost) lost_ = true;
    return turn;
  }

 private:
  IoLoop& loop_;
  bool lost_ = false;
};

IoLoop::IoLoop(ServerCore& core, std::size_t number)
    : core_(core), number_(number), deadlines_(core.parts.scheduler.clock().now()), jobs_(core.parts.lanes) {}

IoLoop::~IoLoop() { close(); }

void IoLoop::open() {
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  poller_ = std::make_unique<Poller>(core_.parts.reactor.context(number_), epoll_.get());
  waitReady();
}

void IoLoop::close() {
  stopListening();
  abortAll();
  endRound();
  poller_.reset();
  again_.clear();
  tellEnds();
}

void IoLoop::listen(const std::shared_ptr<const base::UniqueFd>& socket,
                    const std::shared_ptr<ServerTls>& tls) {
  auto& listener = *listeners_.emplace_back(std::make_unique<Listener>(*this, socket, tls));
  watch(listener, listener.socket(), EPOLLIN | EPOLLEXCLUSIVE);
}

void IoLoop::stopListening() {
  for (const auto& listener : listeners_)
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, listener->socket(), nullptr);
  if (event_ == events_ready_) listeners_.clear();
}

void IoLoop::force() {
  const Round round(*this);
  abortAll();
}

void IoLoop::waitReady() {
  poller_->descriptor.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [this, core = core_.shared_from_this()](const boost::system::error_code& error) {
        if (!error && poller_) poll();
      });
}

// Waits again first: should a handler of this round not come back, whoever takes the loop over goes on with what is
// left of it.
void IoLoop::poll() {
  waitReady();
  if (event_ == events_ready_) {
    const int ready = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), 0);
    event_ = 0;
    events_ready_ = ready > 0 ? static_cast<std::size_t>(ready) : 0;
  }
  if (events_ready_ - event_ > 1) {
    core_.parts.reactor.deferFlush(number_,
                                   [this, core = core_.shared_from_this()] { static_cast<void>(drain()); });
  }
  static_cast<void>(drain());
}

Turn IoLoop::drain() {
  Round round(*this);
  while (event_ < events_ready_) {
    const epoll_event event = events_[event_++];
    if (round.after(static_cast<Pollable*>(event.data.ptr)->ready(event.events)) == Turn::kLost)
      return Turn::kLost;
  }
  return Turn::kGoOn;
}

void IoLoop::endRound() {
  jobs_.flush();
  if (event_ == events_ready_) dead_.clear();
  if (!ends_.empty() && !std::exchange(telling_ends_, true))
    core_.parts.reactor.deferFlush(number_, [this, core = core_.shared_from_this()] { tellEnds(); });
  if (again_.empty()) return;
  core_.parts.reactor.deferFlush(number_, [this, core = core_.shared_from_this()] {
    Round round(*this);
    // One by one: what is left when a handler does not come back is for who takes the loop over.
    for (std::size_t left = again_.size(); left > 0; --left) {
      Connection* const connection = again_.front();
      again_.erase(again_.begin());
      if (connections_.contains(connection) && round.after(connection->run()) == Turn::kLost) return;
    }
  });
}

bool IoLoop::watch(Pollable& what, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &what;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void IoLoop::unwatch(int fd) { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

void IoLoop::adopt(base::UniqueFd socket, Peer peer) {
  auto connection = std::make_unique<Connection>(*this, std::move(socket), std::move(peer));
  if (!watch(*connection, connection->socket(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)) return;
  core_.connectionOpened();
  startTicking();
  arm(connection->deadline(), core_.options.header_timeout);
  Connection* const key = connection.get();
  connections_.emplace(key, std::move(connection));
}

void IoLoop::secure(base::UniqueFd socket, Peer peer, const TlsContext& context) {
  const auto relay = std::make_shared<TlsRelay>(*this, std::move(socket), std::move(peer), context);
  relays_.emplace(relay.get(), relay);
  core_.relayOpened();
  startTicking();
  relay->begin();
}

void IoLoop::awaitPreface(base::UniqueFd socket, Peer peer, std::shared_ptr<ServerTls> tls) {
  auto preface = std::make_unique<ProxyPreface>(*this, std::move(socket), std::move(peer), std::move(tls));
  if (!watch(*preface, preface->socket(), EPOLLIN | EPOLLRDHUP | EPOLLET)) return;
  core_.relayOpened();
  startTicking();
  arm(preface->deadline(), core_.options.header_timeout);
  ProxyPreface* const key = preface.get();
  prefaces_.emplace(key, std::move(preface));
}

void IoLoop::bury(ProxyPreface& preface) {
  const auto at = prefaces_.find(&preface);
  dead_.push_back(std::move(at->second));
  prefaces_.erase(at);
  core_.relayClosed();
}

void IoLoop::closePrefaces() {
  while (!prefaces_.empty()) prefaces_.begin()->second->close();
}

void IoLoop::forget(TlsRelay& relay) {
  if (relays_.erase(&relay) > 0) core_.relayClosed();
}

void IoLoop::bury(Connection& connection) {
  const auto at = connections_.find(&connection);
  dead_.push_back(std::move(at->second));
  connections_.erase(at);
  core_.connectionClosed();
}

std::vector<Connection*> IoLoop::openConnections() const {
  std::vector<Connection*> out;
  out.reserve(connections_.size());
  for (const auto& [connection, owned] : connections_) out.push_back(connection);
  return out;
}

std::vector<std::shared_ptr<TlsRelay>> IoLoop::openRelays() const {
  std::vector<std::shared_ptr<TlsRelay>> out;
  out.reserve(relays_.size());
  for (const auto& [relay, owned] : relays_) out.push_back(owned);
  return out;
}

void IoLoop::closeIdle() {
  const Round round(*this);
  for (Connection* const connection : openConnections()) connection->closeIfIdle();
  for (const auto& relay : openRelays()) relay->closeIdle();
  closePrefaces();
}

void IoLoop::abortAll() {
  for (Connection* const connection : openConnections()) connection->abort();
  for (const auto& relay : openRelays()) relay->cut();
  closePrefaces();
}

void IoLoop::note(Handle handle, Note note) {
  ExchangeRecord* const record = core_.table.find(handle);
  if (record == nullptr || record->handle() != handle) return;
  Round round(*this);
  switch (note) {
    case Note::kReturned:
      if (Connection* const connection = record->connection; round.after(returned(*record)) == Turn::kGoOn) {
        if (connection != nullptr) round.after(connection->run());
      }
      return;
    case Note::kAnswered:
      if (record->connection == nullptr) return finished(*record);
      if (!record->answer.foreignBody()) record->held.end();
      record->connection->answer(*record);
      round.after(record->connection->run());
      return;
    case Note::kStream:
      if (record->connection == nullptr) return record->streamOver() ? finished(*record) : void();
      record->connection->stream(*record);
      round.after(record->connection->run());
      return;
    case Note::kBody:
      if (record->connection != nullptr) record->connection->wantBody();
      return;
    case Note::kAbandoned:
      return finished(*record);
    case Note::kResumed:
      if (Connection* const connection = record->connection; round.after(resumed(*record)) == Turn::kGoOn) {
        round.after(connection->run());
      }
      return;
    case Note::kLimited:
      return limited(*record);
  }
}

ExchangeRecord& IoLoop::begin() {
  ++exchanges_;
  return core_.table.take(*this, number_);
}

void IoLoop::tellFinished(const ExchangeRecord& record, Ended ended) {
  if (record.answer.session().empty() || !core_.hooks.finished) return;
  const std::uint64_t sent = record.output.total();
  core_.hooks.finished({.plugin = record.running != nullptr ? std::string_view(record.running->plugin) : "",
                        .session = record.answer.session(),
                        .status = record.status_sent != 0 ? record.status_sent : record.answer.status(),
                        .bytes_sent = sent - std::min(sent, record.head_bytes),
                        .complete = ended == Ended::kComplete});
}

void IoLoop::tellEnd(ExchangeRecord& record, Ended ended) {
  if (record.end_wishes.empty()) return;
  const std::uint64_t sent = record.output.total();
  for (const auto& [plugin, tag] : record.end_wishes) {
    if (ends_.empty()) core_.endsWait();
    ends_.push_back({.plugin = plugin,
                     .tag = tag,
                     .status = record.status_sent,
                     .received_ns = record.begun.time_since_epoch().count(),
                     .answered_ns = record.answered_at.time_since_epoch().count(),
                     .bytes_sent = sent - std::min(sent, record.head_bytes),
                     .complete = ended == Ended::kComplete});
  }
  record.end_wishes.clear();
}

// One by one: should a listener not come back, whoever takes the loop over goes on with what is left.
void IoLoop::tellEnds() {
  if (ends_.empty()) return;
  const auto core = core_.shared_from_this();
  const std::size_t number = number_;
  while (!ends_.empty()) {
    const RequestEnd end = ends_.front();
    ends_.pop_front();
    if (ends_.empty()) telling_ends_ = false;
    const bool last = ends_.empty();
    const bool back = !core->hooks.ended || core->hooks.ended(end);
    if (last) core->endsTold();
    if (back) continue;
    if (!last) core->parts.reactor.post(number, [this, core] { tellEnds(); });
    return;
  }
  telling_ends_ = false;
}

void IoLoop::finished(ExchangeRecord& record) {
  {
    // A handler whose client has left may close its stream and go on: the record stays its own until it returns, which
    // releases it.
    const std::scoped_lock lock(record.mutex);
    if (record.in_handler && !record.late_reader) {
      record.phase = ExchangeRecord::Phase::kEnded;
      record.connection = nullptr;
      return;
    }
  }
  if (!record.late_reader) return release(record);
  // Whoever was to answer may still read the request: its memory goes only after many others. A handler that has not
  // returned still runs code of its instance, which stays held until it does.
  {
    const std::scoped_lock lock(record.mutex);
    if (!record.in_handler) record.held.end();
  }
  retired_.push_back(&record);
  if (retired_.size() <= kRetired) return;
  const auto over = std::ranges::find_if(retired_, [](ExchangeRecord* one) {
    const std::scoped_lock lock(one->mutex);
    return !one->in_handler;
  });
  if (over == retired_.end()) return;
  ExchangeRecord* const oldest = *over;
  retired_.erase(over);
  release(*oldest);
}

void IoLoop::rerouteWaiting() {
  if (at_head_.empty()) return;
  core_.parts.reactor.deferFlush(number_, [this, core = core_.shared_from_this()] {
    Round round(*this);
    // One by one, as in endRound(); those that have to wait on stand behind.
    for (std::size_t left = at_head_.size(); left > 0 && !at_head_.empty(); --left) {
      ExchangeRecord* const record = at_head_.front();
      at_head_.erase(at_head_.begin());
      Connection* const connection = record->connection;
      const Turn turn = round.after(reroute(*record));
      if (turn == Turn::kLost) return;
      if (turn == Turn::kGoOn && round.after(connection->run()) == Turn::kLost) return;
    }
  });
}

void IoLoop::release(ExchangeRecord& record) {
  if (std::exchange(record.at_head, false)) waitsNoMore(record);
  std::erase(retired_, &record);
  record.recycle();
  --exchanges_;
  core_.table.release(record, number_);
}

base::Instant IoLoop::now() const { return core_.parts.scheduler.clock().now(); }

std::string_view IoLoop::date() {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
                           core_.parts.scheduler.clock().wall().time_since_epoch())
                           .count();
  if (seconds != date_s_) {
    date_s_ = seconds;
    date_ = formatHttpDate(seconds);
  }
  return {date_.data(), date_.size()};
}

void IoLoop::arm(Deadline& deadline, base::Duration delay) { deadlines_.arm(deadline, now() + delay); }

void IoLoop::startTicking() {
  if (ticking_) return;
  ticking_ = true;
  // A timer may outlive the server, and must not keep it.
  core_.parts.scheduler.after(
      Deadlines::kTick,
      [this, weak = core_.weak_from_this()] {
        if (const auto core = weak.lock()) tick();
      },
      core_.parts.reactor.executor(number_));
}

void IoLoop::tick() {
  const Round round(*this);
  ticking_ = false;
  deadlines_.tick(now());
  if (!connections_.empty() || exchanges_ > 0 || !relays_.empty() || !prefaces_.empty()) startTicking();
}

std::size_t IoLoop::bufferSize() const { return core_.options.max_header_bytes + kPipelineRoom; }

std::unique_ptr<char[]> IoLoop::takeBuffer() {
  if (buffers_.empty()) return std::make_unique_for_overwrite<char[]>(bufferSize());
  auto buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

void IoLoop::giveBuffer(std::unique_ptr<char[]> buffer) {
  if (buffers_.size() < kSpareBuffers) buffers_.push_back(std::move(buffer));
}

}  // namespace revenge::http
