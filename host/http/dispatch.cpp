#include "http/dispatch.hpp"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "http/absence.hpp"
#include "http/identity.hpp"
#include "http/io_loop.hpp"
#include "http/request_limits.hpp"
#include "http/request_trace.hpp"
#include "http/request_views.hpp"
#include "http/server_core.hpp"
#include "http/short_answer.hpp"
#include "http/target.hpp"
#include "runtime/reactor.hpp"
#include "service/call_chain.hpp"

namespace revenge::http {
namespace {

using Phase = ExchangeRecord::Phase;

service::Lease enter(ServerCore& core, const Owner& owner) {
  return owner.instance ? core.parts.domain.instances().enter(owner.instance) : service::Lease();
}

// The route of the running generation, and a hold on every instance the request may enter: what is entered while the
// guard lasts is not refused by a swap.
Router::Match find(ExchangeRecord& record, std::string_view path) {
  ServerCore& core = record.loop.core();
  const auto take = [&](const Router& router) {
    const Router::Match match = router.match(record.head.method, path, record.parameter_values);
    if (match.endpoint != nullptr) {
      for (const ChainLink& link : match.endpoint->chain) {
        record.leases.push_back(enter(core, link.middleware->owner));
      }
      for (const Route& route : match.endpoint->candidates) record.leases.push_back(enter(core, route.owner));
    }
    return match;
  };
  if (const auto* fixed = std::get_if<std::shared_ptr<const Router>>(&core.routes)) {
    record.router = *fixed;
    return take(*record.router);
  }
  const service::ReadGuard guard(core.parts.domain.generations());
  record.router = guard.share(std::get<service::Facet<Router>>(core.routes));
  return record.router ? take(*record.router) : Router::Match{};
}

// On the loop itself, not on a worker.
bool runsInline(const ExchangeRecord& record, const Owner& owner, Execution execution) {
  if (owner.lane == runtime::LaneId::kNone) return true;
  const ServerCore& core = record.loop.core();
  return execution == Execution::kInline && core.options.inline_routes == InlineRoutes::kAllow &&
         !core.parts.lanes.isRestrained(owner.lane);
}

void fillQueue(ExchangeRecord& record) {
  const Route& route = record.endpoint->candidates.front();
  revenge_http_request& request = record.request_view;
  request.queue = 0;
  request.queue_delay_ns = 0;
  if (runsInline(record, route.owner, route.execution)) return;
  // The same for the next version of the plugin, which has a lane of its own.
  request.queue = std::hash<std::string>()(route.owner.plugin) | 1U;
  request.queue_delay_ns = record.loop.core().parts.lanes.queueDelay(route.owner.lane).count();
}

// Of a chain that may be of another generation than the one in which the request went through that middleware.
std::size_t stageBehind(const std::vector<ChainLink>& chain, const ExchangeRecord::Passed& passed) {
  std::size_t stage = 0;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const Middleware& each = *chain[i].middleware;
    const auto before = std::tie(each.order, each.owner.plugin) <=> std::tie(passed.order, passed.plugin);
    if (before < 0 || (before == 0 && each.name == passed.name)) stage = i + 1;
  }
  return stage;
}

void callHandler(ExchangeRecord& record, const Handler& handler, HandlerSpan::From from) {
  const HandlerSpan span(record, from);
  revenge_error error;
  error.size = sizeof(error);
  error.length = 0;
  record.returned = handler(record, error);
  if (record.returned != REVENGE_OK) {
    record.error.assign(error.message, std::min<std::size_t>(error.length, REVENGE_ERROR_TEXT));
  }
  span.end();
}

// One call on a worker. Tells the loop when it has returned, also when it never ran.
class Job {
 public:
  Job(std::shared_ptr<ServerCore> core, ExchangeRecord& record) : core_(std::move(core)), record_(&record) {}
  Job(Job&& other) noexcept : core_(std::move(other.core_)), record_(std::exchange(other.record_, nullptr)) {}
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  Job& operator=(Job&&) = delete;
  ~Job() {
    if (record_ == nullptr) return;
    record_->returned = REVENGE_UNAVAILABLE;
    tell();
  }

  void operator()() {
    if (isOver(*record_)) {
      record_->returned = REVENGE_CANCELLED;
    } else {
      callHandler(*record_, handlerOf(*record_), HandlerSpan::From::kWorker);
    }
    tell();
  }
  void cancel() { record_ = nullptr; }

  static const Handler& handlerOf(const ExchangeRecord& record) {
    return record.route != nullptr ? record.route->handle
                                   : record.endpoint->chain[record.stage - 1].middleware->before;
  }

 private:
  // Timed out or left by its client while it waited for a worker: nobody would read what the handler makes.
  static bool isOver(const ExchangeRecord& record) {
    const std::scoped_lock lock(record.mutex);
    return record.phase == Phase::kEnded;
  }

  void tell() {
    ExchangeRecord& record = *std::exchange(record_, nullptr);
    core_->tell(record, record.handle(), Note::kReturned);
  }

  std::shared_ptr<ServerCore> core_;
  ExchangeRecord* record_;
};

Turn submit(ExchangeRecord& record, const Owner& owner) {
  ServerCore& core = record.loop.core();
  if (record.trace.recorded) record.trace.submitted = record.loop.now();
  base::Task task = Job(core.shared_from_this(), record);
  switch (record.loop.jobs().add(owner.lane, std::move(task))) {
    case base::Submitted::kTaken:
      armTimeout(record);
      return Turn::kWait;
    case base::Submitted::kLimit:
    case base::Submitted::kGone:
      break;
  }
  return Turn::kGoOn;
}

Turn onWorker(ExchangeRecord& record, const Owner& owner) {
  record.request_view.may_block = 1;
  if (const Turn turn = submit(record, owner); turn == Turn::kWait) return turn;
  record.returned = REVENGE_LIMIT;
  {
    const std::scoped_lock lock(record.mutex);
    record.in_handler = false;
  }
  record.held.end();
  return refuseForNow(record, "the plugin's workers are all busy");
}

// It found on the loop that it would have to wait.
Turn onceMoreOnWorker(ExchangeRecord& record) {
  {
    const std::scoped_lock lock(record.mutex);
    record.answer.dropHeadersBehind(record.header_mark);
    record.in_handler = true;
  }
  record.error.clear();
  nameHandlerSpan(record);
  return onWorker(record, *record.running);
}

// Runs one handler, inline or as a job. `held` keeps its instance until it has returned, or has answered for good.
Turn invoke(ExchangeRecord& record, const Owner& owner, Execution execution, service::Lease&& held) {
  record.held = std::move(held);
  record.running = &owner;
  nameHandlerSpan(record);
  if (owner.instance) service::markInside(record.call_view, owner.instance.index);
  {
    const std::scoped_lock lock(record.mutex);
    record.owner_now = owner.instance;
    record.in_handler = true;
    record.header_mark = record.answer.headerMark();
  }
  const bool inlined = runsInline(record, owner, execution);
  record.inlined = inlined && owner.lane != runtime::LaneId::kNone;
  if (!inlined) return onWorker(record, owner);
  record.request_view.may_block = 0;
  if (owner.plugin.empty()) {
    callHandler(record, Job::handlerOf(record), HandlerSpan::From::kLoop);
    return returned(record);
  }
  runtime::Reactor::Excursion away(owner.mark);
  callHandler(record, Job::handlerOf(record), HandlerSpan::From::kLoop);
  if (away.end()) return returned(record);
  record.loop.core().tell(record, record.handle(), Note::kReturned);
  return Turn::kLost;
}

// What takes a body, before the handler that needs it whole runs.
Turn prepareBody(ExchangeRecord& record, const Route& route) {
  const RequestHead& head = record.head;
  if (head.framing == Framing::kNone) return Turn::kWait;
  const std::uint64_t limit =
      std::min(route.max_body_bytes != 0 ? route.max_body_bytes : record.loop.core().options.max_body_bytes,
               record.limits.body_bytes);
  if (route.body == BodyMode::kNone) return answerWith(record, 413, "this path takes no body");
  if (head.content_length >= 0 && static_cast<std::uint64_t>(head.content_length) > limit) {
    return answerWith(record, 413, "the body is too large");
  }
  record.connection->expectBody(limit);
  if (route.body == BodyMode::kStream) return Turn::kWait;
  record.connection->readWholeBody();
  return Turn::kGoOn;
}

Turn runMiddleware(ExchangeRecord& record) {
  const ChainLink& link = record.endpoint->chain[record.stage++];
  const Middleware& middleware = *link.middleware;
  if (link.applies == ChainLink::Applies::kByPath &&
      !isBelow(text(record.request_view.path), middleware.prefix)) {
    return advance(record);
  }
  service::Lease& lease = record.leases[record.stage - 1];
  if (isAway(middleware.owner, lease)) {
    if (middleware.absence == Absence::kBypass) return advance(record);
    return refuseForNow(record, fmt::format("'{}' is away", middleware.owner.plugin));
  }
  return invoke(record, middleware.owner, middleware.execution, std::move(lease));
}

// The first candidate that takes the request and is there. Null: answered.
const Route* choose(ExchangeRecord& record) {
  const Endpoint& endpoint = *record.endpoint;
  personalise(record);
  for (std::size_t i = 0; i < endpoint.candidates.size(); ++i) {
    const Route& route = endpoint.candidates[i];
    if (route.takes && !route.takes(record)) continue;
    service::Lease& lease = record.leases[endpoint.chain.size() + i];
    if (!isAway(route.owner, lease)) {
      record.held = std::move(lease);
      return &route;
    }
    if (route.absence == Absence::kBypass) continue;
    answerForAbsent(record, route);
    return nullptr;
  }
  answerWith(record, 404, "not found");
  return nullptr;
}

// No code of a plugin runs for the request: another generation may choose anew.
Turn waitAtHead(ExchangeRecord& record, base::Duration patience) {
  record.leases.clear();
  record.router.reset();
  record.endpoint = nullptr;
  record.at_head = true;
  record.loop.waitForGeneration(record);
  const base::Instant until = record.begun + patience;
  record.call_view.deadline_ns = std::min(until.time_since_epoch().count(), record.limits.deadline_ns);
  armTimeout(record);
  return Turn::kWait;
}

Turn route(ExchangeRecord& record) {
  const Router::Match match = find(record, text(record.request_view.path));
  if (match.endpoint == nullptr) {
    if (match.methods == 0) return answerWith(record, 404, "not found");
    const std::string allow = allowField(match.methods);
    if (record.head.method == Method::kOptions) return answerWith(record, 204, {}, "Allow", allow);
    return answerWith(record, 405, "method not allowed", "Allow", allow);
  }
  record.endpoint = match.endpoint;
  if (const auto patience = patienceFor(record); patience > record.loop.now() - record.begun) {
    return waitAtHead(record, patience);
  }
  fillRoute(record);
  fillQueue(record);
  setDeadline(record);
  record.stage = record.gone_through ? stageBehind(record.endpoint->chain, *record.gone_through) : 0;
  return advance(record);
}

}  // namespace

Turn reroute(ExchangeRecord& record) {
  record.at_head = false;
  record.deadline().disarm();
  return route(record);
}

// The plugin of its route may have been replaced while the request waited: it gets the one that serves now.
Turn resumed(ExchangeRecord& record) {
  {
    const std::scoped_lock lock(record.mutex);
    if (record.phase != Phase::kOpen || record.in_handler) return Turn::kWait;
    lookAtLimits(record);
  }
  const Middleware& passed = *record.endpoint->chain[record.stage - 1].middleware;
  record.gone_through.emplace(ExchangeRecord::Passed{passed.order, passed.owner.plugin, passed.name});
  record.running = nullptr;
  record.endpoint = nullptr;
  record.held.end();
  return reroute(record);
}

Turn dispatch(ExchangeRecord& record) {
  const auto path = decodePath(record.head.path, record.path_storage);
  record.query_parameters.clear();
  const bool good = path && decodeQuery(record.head.query, record.query_storage, record.query_parameters);
  fillViews(record, path.value_or("*"));
  identify(record);
  if (record.head.path == "*") return answerWith(record, 204, {}, "Allow", allowField(0xff & ~1U));
  if (!good) return answerWith(record, 400, "malformed target");
  return route(record);
}

Turn advance(ExchangeRecord& record) {
  if (isLimited(record)) {
    setDeadline(record);
    if (record.loop.now().time_since_epoch().count() >= record.limits.deadline_ns)
      return answerWith(record, 504, "the request's time is over");
  }
  if (record.stage < record.endpoint->chain.size()) return runMiddleware(record);
  if (record.route == nullptr) {
    const Route* const route = choose(record);
    if (route == nullptr) return Turn::kGoOn;
    record.route = route;
    record.leases.clear();
    setDeadline(record);
    if (prepareBody(record, *route) == Turn::kGoOn) {
      if (isLimited(record)) armTimeout(record);
      return Turn::kGoOn;
    }
  }
  return invoke(record, record.route->owner, record.route->execution, std::move(record.held));
}

Turn returned(ExchangeRecord& record) {
  Phase phase;
  {
    const std::scoped_lock lock(record.mutex);
    record.in_handler = false;
    phase = record.phase;
    lookAtLimits(record);
    if (phase == Phase::kAnswered && !record.answer.foreignBody()) record.held.end();
    if (phase == Phase::kOpen && record.connection == nullptr) record.phase = phase = Phase::kEnded;
  }
  const bool goes_on = phase == Phase::kAnswered || phase == Phase::kDeferred || phase == Phase::kStreaming;
  if (goes_on && record.held) record.held.makeLasting();
  switch (phase) {
    case Phase::kAnswered:
      if (record.connection == nullptr) {
        record.loop.tellFinished(record, Ended::kShort);
        break;
      }
      keepIfGood(record);
      record.connection->answer(record);
      return Turn::kGoOn;
    case Phase::kDeferred:
      // What comes behind a middleware is looked up anew once the request goes on.
      if (record.route == nullptr) record.leases.clear();
      armTimeout(record);
      return Turn::kWait;
    case Phase::kStreaming:
      if (!record.streamOver()) return Turn::kWait;
      if (record.connection == nullptr) break;
      record.connection->stream(record);
      return Turn::kGoOn;
    case Phase::kOpen: {
      if (record.returned == REVENGE_BUSY && std::exchange(record.inlined, false))
        return onceMoreOnWorker(record);
      record.held.end();
      const bool passed = record.returned == REVENGE_OK && record.route == nullptr;
      return passed ? advance(record) : answerFailure(record);
    }
    case Phase::kEnded:
      break;
  }
  // Timed out or left by its client meanwhile; the 504 may still be on its way.
  if (record.connection == nullptr) record.loop.release(record);
  return Turn::kWait;
}

void timeOut(ExchangeRecord& record) {
  if (std::exchange(record.at_head, false)) {
    record.loop.waitsNoMore(record);
    static_cast<void>(refuseForNow(record, "the plugin did not come back in time"));
    static_cast<void>(record.connection->run());
    return;
  }
  {
    const std::scoped_lock lock(record.mutex);
    if (record.phase != Phase::kOpen && record.phase != Phase::kDeferred) return;
    record.late_reader = record.in_handler || record.phase == Phase::kDeferred;
    record.timed_out = true;
    record.phase = Phase::kEnded;
    record.answer.clear();
    record.answer.set(504, "the handler did not answer in time");
  }
  if (record.running != nullptr && !record.running->plugin.empty() && record.endpoint != nullptr)
    record.loop.core().logger.warn("handler did not answer in time", {{"plugin", record.running->plugin},
                                                                      {"pattern", record.endpoint->pattern}});
  if (record.connection != nullptr) {
    record.connection->answer(record);
    static_cast<void>(record.connection->run());
    return;
  }
  record.loop.finished(record);
}

}  // namespace revenge::http
