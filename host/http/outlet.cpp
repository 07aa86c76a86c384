#include "http/outlet.hpp"

#include <algorithm>
#include <utility>

#include "http/text.hpp"

namespace revenge::http {

using base::Errc;

namespace {

bool isSecret(std::string_view name) {
  return equalsIgnoringCase(name, "authorization") || equalsIgnoringCase(name, "cookie");
}

}  // namespace

void Errand::reached() {
  const base::Duration lasted = outlet.now() - begun;
  const std::string_view doing =
      connection != nullptr ? connection->doing() : "while waiting for a connection";
  outlet.fail(*this, {Errc::kTimedOut, fmt::format("{}: timed out after {:.1f} s {}", url.origin(),
                                                   std::chrono::duration<double>(lasted).count(), doing)});
}

Outlet::Outlet(std::shared_ptr<OutgoingCore> core, std::string plugin)
    : core_(std::move(core)),
      plugin_(std::move(plugin)),
      loop_(core_->parts.reactor.next()),
      stats_(core_->parts.metrics, plugin_),
      deadlines_(core_->parts.scheduler.clock().now()) {}

Outlet::~Outlet() = default;

bool Outlet::arrive() {
  if (requests_.fetch_add(1, std::memory_order_relaxed) < core_->options.max_requests) return true;
  left();
  return false;
}

bool Outlet::reserve(std::uint64_t bytes) {
  if (buffered_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= core_->options.max_buffered_bytes)
    return true;
  unreserve(bytes);
  return false;
}

bool Outlet::post(base::Task&& task) { return core_->parts.reactor.post(loop_, std::move(task)); }

void Outlet::defer(base::Task&& task) {
  static_cast<void>(core_->parts.reactor.deferFlush(loop_, std::move(task)));
}

void Outlet::begin(const std::shared_ptr<Fetch>& fetch) {
  auto owned = std::make_unique<Errand>(*this, fetch);
  Errand& errand = *owned;
  errand.payload = std::make_shared<OutgoingRequest>(std::move(fetch->request()));
  errand.url = errand.payload->url;
  errand.method = errand.payload->method;
  errand.tls = errand.payload->tls;
  errand.begun = now();
  errands_.emplace(fetch.get(), std::move(owned));
  stats_.begun();
  if (stopped_) return fail(errand, {Errc::kCancelled, "the host is stopping"});
  armTimeout(errand, core_->options.request_timeout);
  enqueue(errand);
}

// `unless_given` 0: none.
void Outlet::armTimeout(Errand& errand, base::Duration unless_given) {
  const base::Duration timeout =
      errand.payload->timeout > base::Duration::zero() ? errand.payload->timeout : unless_given;
  base::Instant at = errand.payload->deadline;
  if (timeout > base::Duration::zero()) at = std::min(at, errand.begun + timeout);
  if (at == base::Instant::max()) return errand.disarm();
  armAt(errand, at);
}

// A streamed response may last: the operator's timeout is for its head.
void Outlet::headCame(Errand& errand) {
  if (errand.payload->response_body == BodyForm::kStream) armTimeout(errand, base::Duration::zero());
}

Origin& Outlet::originOf(const Errand& errand) {
  OriginKey key{errand.url.scheme, errand.url.host, errand.url.port,
                errand.url.scheme == Scheme::kHttps ? errand.tls : TlsSettings()};
  const auto known = origins_.find(key);
  if (known != origins_.end()) return known->second;
  Origin origin{.url = errand.url, .tls = key.tls};
  const auto& unverified = core_->options.unverified;
  const std::string with_port = fmt::format("{}:{}", key.host, key.port);
  if (std::ranges::find(unverified, key.host) != unverified.end() ||
      std::ranges::find(unverified, with_port) != unverified.end())
    origin.verify = Verify::kNothing;
  return origins_.emplace(std::move(key), std::move(origin)).first->second;
}

void Outlet::enqueue(Errand& errand) {
  Origin& origin = originOf(errand);
  errand.origin = &origin;
  origin.waiting.push_back(&errand);
  ++waiting_;
  serve(origin);
  if (errand.origin != nullptr && waiting_ > core_->options.max_waiting) {
    fail(errand, {Errc::kLimit, fmt::format("{}: {} requests of '{}' wait for a connection already "
                                            "(http_client.max_waiting)",
                                            errand.url.origin(), core_->options.max_waiting, plugin_)});
  }
}

void Outlet::leaveQueue(Errand& errand) {
  if (errand.origin == nullptr) return;
  std::erase(errand.origin->waiting, &errand);
  errand.origin = nullptr;
  --waiting_;
}

void Outlet::serve(Origin& origin) {
  while (!origin.waiting.empty()) {
    Errand& first = *origin.waiting.front();
    if (!origin.idle.empty() && !first.again) {
      ClientConnection& connection = *origin.idle.back();
      origin.idle.pop_back();
      leaveQueue(first);
      connection.serve(first);
      continue;
    }
    if (!mayOpen(origin)) return;
    leaveQueue(first);
    const auto connection = std::make_shared<ClientConnection>(*this, origin);
    connections_.emplace(connection.get(), connection);
    ++origin.connections;
    stats_.connections(1);
    stats_.opened();
    connection->open(first);
  }
}

bool Outlet::mayOpen(const Origin& origin) {
  if (stopped_) return false;
  if (origin.connections >= core_->options.max_per_origin) return false;
  return connections_.size() < core_->options.max_connections || closeOneIdle();
}

// Whichever rests, for a request that would otherwise wait.
bool Outlet::closeOneIdle() {
  for (auto& [key, origin] : origins_) {
    if (origin.idle.empty()) continue;
    const auto kept = connections_.at(origin.idle.front());
    forget(*kept);
    kept->close();
    return true;
  }
  return false;
}

void Outlet::forget(ClientConnection& connection) {
  Origin& origin = connection.origin();
  std::erase(origin.idle, &connection);
  --origin.connections;
  stats_.connections(-1);
  connections_.erase(&connection);
}

void Outlet::closed(ClientConnection& connection) {
  if (!connections_.contains(&connection)) return;
  Origin& origin = connection.origin();
  forget(connection);
  serve(origin);
  serveOthers();
}

void Outlet::rest(ClientConnection& connection) {
  Origin& origin = connection.origin();
  origin.idle.push_back(&connection);
  serve(origin);
  serveOthers();
  if (origin.idle.size() > core_->options.max_idle) connections_.at(origin.idle.front())->close();
}

void Outlet::serveOthers() {
  if (waiting_ == 0) return;
  for (auto& [key, origin] : origins_) serve(origin);
}

void Outlet::goOn(Fetch& fetch) {
  const auto known = errands_.find(&fetch);
  if (known != errands_.end() && known->second->connection != nullptr) known->second->connection->goOn();
}

void Outlet::giveUp(Fetch& fetch, const base::Error& why) {
  const auto known = errands_.find(&fetch);
  if (known != errands_.end()) fail(*known->second, why);
}

void Outlet::done(Errand& errand) {
  const auto ended = errands_.extract(errand.fetch.get());
  stats_.answered(errand.status, now() - errand.begun);
  errand.fetch->ended();
}

void Outlet::fail(Errand& errand, const base::Error& why) {
  leaveQueue(errand);
  const auto ended = errands_.extract(errand.fetch.get());
  if (ClientConnection* const connection = std::exchange(errand.connection, nullptr)) connection->abandon();
  stats_.failed(why.code, now() - errand.begun);
  errand.fetch->failed(why);
}

void Outlet::sendAgain(Errand& errand) {
  stats_.sentAgain();
  errand.again = true;
  Origin& origin = originOf(errand);
  errand.origin = &origin;
  origin.waiting.push_front(&errand);
  ++waiting_;
}

void Outlet::redirect(Errand& errand) {
  OutgoingRequest& asked = *errand.payload;
  auto next = resolveUrl(errand.url, std::exchange(errand.next, {}));
  const std::string from = errand.url.origin();
  if (!next) return fail(errand, {Errc::kIo, fmt::format("{}: redirect: {}", from, next.error().message)});
  if (errand.url.scheme == Scheme::kHttps && next->scheme == Scheme::kHttp) {
    return fail(errand,
                {Errc::kRefused, fmt::format("{}: redirect to {}: from https to http none is followed", from,
                                             next->origin())});
  }
  if (++errand.redirects > asked.max_redirects)
    return fail(errand, {Errc::kLimit, fmt::format("{}: more than {} redirects", from, asked.max_redirects)});
  // RFC 9110, section 15.4: what was done there is not done again here.
  const bool becomes_get = errand.status == 303 ||
                           ((errand.status == 301 || errand.status == 302) && errand.method == Method::kPost);
  if (becomes_get && errand.method != Method::kHead) {
    errand.method = Method::kGet;
    errand.with_body = false;
    std::erase_if(asked.fields,
                  [](const auto& field) { return equalsIgnoringCase(field.first, "content-type"); });
  }
  if (!next->sameOrigin(errand.url)) {
    std::erase_if(asked.fields, [](const auto& field) { return isSecret(field.first); });
    errand.tls = {.ca_file = errand.tls.ca_file};
  }
  errand.url = std::move(*next);
  errand.again = false;
  errand.discarded = 0;
  enqueue(errand);
}

void Outlet::stop() {
  stopped_ = true;
  while (!errands_.empty()) fail(*errands_.begin()->second, {Errc::kCancelled, "the host is stopping"});
  while (!connections_.empty()) connections_.begin()->second->close();
}

void Outlet::armAt(Deadline& deadline, base::Instant at) {
  deadlines_.arm(deadline, at);
  if (std::exchange(ticking_, true)) return;
  tick();
}

// Every tenth of a second while anything is under way or rests; nothing ticks for a plugin that does not go out.
void Outlet::tick() {
  core_->parts.scheduler.after(
      Deadlines::kTick,
      [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (self == nullptr) return;
        self->deadlines_.tick(self->now());
        std::erase_if(self->origins_, [](const auto& known) {
          return known.second.connections == 0 && known.second.waiting.empty();
        });
        self->ticking_ = !self->connections_.empty() || !self->errands_.empty();
        if (self->ticking_) self->tick();
      },
      core_->parts.reactor.executor(loop_));
}

}  // namespace revenge::http
