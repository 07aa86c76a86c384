#include "http/server.hpp"

#include <future>
#include <random>
#include <utility>

#include <sys/epoll.h>
#include <unistd.h>

#include "http/listener.hpp"
#include "http/server_core.hpp"

namespace revenge::http {

ServerCore::ServerCore(Server::Parts given, ServerOptions chosen, RouterSource source, ServerHooks told)
    : parts(given),
      options(std::move(chosen)),
      routes(std::move(source)),
      hooks(std::move(told)),
      logger(given.log.logger(options.name)),
      stats(given.metrics, options.name),
      run_id(std::random_device()()),
      table(given.reactor.size(),
            [this](ExchangeRecord& record, Handle handle, Note note) { tell(record, handle, note); }) {}

void ServerCore::tell(ExchangeRecord& record, Handle handle, Note note) {
  // One lambda a note: what it captures fits into a task without an allocation.
  const auto post = [&](auto&& task) {
    parts.reactor.post(record.loop.number(), std::forward<decltype(task)>(task));
  };
  const auto self = shared_from_this();
  switch (note) {
    case Note::kReturned:
      return post([core = self, handle] { core->noted(handle, Note::kReturned); });
    case Note::kAnswered:
      return post([core = self, handle] { core->noted(handle, Note::kAnswered); });
    case Note::kStream:
      return post([core = self, handle] { core->noted(handle, Note::kStream); });
    case Note::kBody:
      return post([core = self, handle] { core->noted(handle, Note::kBody); });
    case Note::kAbandoned:
      return post([core = self, handle] { core->noted(handle, Note::kAbandoned); });
    case Note::kResumed:
      return post([core = self, handle] { core->noted(handle, Note::kResumed); });
    case Note::kLimited:
      return post([core = self, handle] { core->noted(handle, Note::kLimited); });
  }
}

void ServerCore::noted(Handle handle, Note note) {
  if (ExchangeRecord* const record = table.find(handle)) record->loop.note(handle, note);
}

void ServerCore::connectionOpened() {
  connections.fetch_add(1, std::memory_order_relaxed);
  stats.connections(1);
}

void ServerCore::connectionClosed() {
  stats.connections(-1);
  relayClosed();
}

void ServerCore::refusedProxy(std::string_view peer, std::string_view why) {
  constexpr base::Duration kBetween = std::chrono::minutes(1);
  stats.refusedProxy();
  const base::Instant now = parts.scheduler.clock().now();
  base::Instant quiet = proxies_quiet_until.load();
  if (now < quiet || !proxies_quiet_until.compare_exchange_strong(quiet, now + kBetween)) return;
  logger.warn("connection of a proxy closed: no good PROXY protocol header, more are counted",
              {{"peer", peer}, {"reason", why}});
}

void ServerCore::relayClosed() {
  if (connections.fetch_sub(1) == 1) callDrained();
}

void ServerCore::endsTold() {
  if (untold.fetch_sub(1) != 1) return;
  {
    const std::scoped_lock lock(mutex_);
    told_.notify_all();
  }
  callDrained();
}

bool ServerCore::awaitTold(base::Duration patience) {
  std::unique_lock lock(mutex_);
  return told_.wait_for(lock, patience, [this] { return untold.load() == 0; });
}

void ServerCore::callDrained() {
  std::function<void()> call;
  {
    const std::scoped_lock lock(mutex_);
    if (connections.load() == 0 && untold.load() == 0) call = std::exchange(drained_, nullptr);
  }
  if (call) call();
}

void ServerCore::whenDrained(std::function<void()> call) {
  {
    const std::scoped_lock lock(mutex_);
    drained_ = std::move(call);
  }
  callDrained();
}

struct Server::Impl {
  explicit Impl(std::shared_ptr<ServerCore> shared) : core(std::move(shared)) {}

  // On every loop, and waits for it: a loop that no longer runs needs no turn of its own.
  void onEveryLoop(const std::function<void(IoLoop&)>& what) const {
    for (const auto& loop : core->loops) {
      std::promise<void> done;
      std::future<void> ended = done.get_future();
      auto task = [&what, &loop, promise = std::move(done)]() mutable {
        what(*loop);
        promise.set_value();
      };
      base::Task given(std::move(task));
      if (runtime::Reactor::ownsLoop() && runtime::Reactor::currentLoop() == loop->number()) {
        given();
      } else if (core->parts.reactor.post(loop->number(), std::move(given))) {
        try {
          ended.get();
        } catch (const std::future_error&) {
          what(*loop);  // the reactor stopped before it came to it
        }
      } else {
        what(*loop);
      }
    }
  }

  base::Result<std::string> listen(base::Result<BoundSocket> bound,
                                   const std::shared_ptr<ServerTls>& tls = {}) {
    if (!bound) return std::unexpected(std::move(bound.error()));
    const auto socket = std::make_shared<const base::UniqueFd>(std::move(bound->socket));
    onEveryLoop([&](IoLoop& loop) { loop.listen(socket, tls); });
    core->logger.info("listening", {{"address", bound->address}});
    return bound->address;
  }

  std::shared_ptr<ServerCore> core;  // shared with jobs and tasks under way
};

Server::Server(Parts parts, ServerOptions options, RouterSource routes, ServerHooks hooks)
    : impl_(std::make_unique<Impl>(
          std::make_shared<ServerCore>(parts, std::move(options), std::move(routes), std::move(hooks)))) {
  ServerCore& core = *impl_->core;
  for (std::size_t i = 0; i < parts.reactor.size(); ++i)
    core.loops.push_back(std::make_unique<IoLoop>(core, i));
  impl_->onEveryLoop([](IoLoop& loop) { loop.open(); });
}

Server::~Server() {
  impl_->core->stopping = true;
  impl_->onEveryLoop([](IoLoop& loop) {
    loop.close();
    loop.tellEnds();
  });
}

base::Result<std::string> Server::listenTcp(const std::string& address, std::uint16_t port) {
  return impl_->listen(bindTcp(address, port));
}

base::Result<std::string> Server::listenTls(const std::string& address, std::uint16_t port,
                                            const std::shared_ptr<ServerTls>& tls) {
  return impl_->listen(bindTcp(address, port), tls);
}

base::Result<std::string> Server::listenUnix(const std::string& path, std::uint32_t mode) {
  return impl_->listen(bindUnix(path, mode));
}

base::Result<std::string> Server::adopt(int fd) { return impl_->listen(adoptBound(base::UniqueFd(fd))); }

Exchanges& Server::exchanges() { return impl_->core->table; }

void Server::stop(std::function<void()> drained) {
  impl_->core->stopping = true;
  impl_->onEveryLoop([](IoLoop& loop) {
    loop.stopListening();
    loop.closeIdle();
  });
  impl_->core->whenDrained(std::move(drained));
}

void Server::routesChanged() {
  const auto& core = impl_->core;
  for (const auto& loop : core->loops)
    core->parts.reactor.post(loop->number(), [core, at = loop.get()] { at->rerouteWaiting(); });
}

void Server::force() {
  impl_->onEveryLoop([](IoLoop& loop) { loop.force(); });
  // A listener that does not come back is given up like any other code of its plugin.
  constexpr base::Duration kTelling = std::chrono::seconds(1);
  if (!runtime::Reactor::isIoThread()) static_cast<void>(impl_->core->awaitTold(kTelling));
}

std::size_t Server::connectionsApprox() const { return impl_->core->connections.load(); }

}  // namespace revenge::http
