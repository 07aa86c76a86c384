#include "wiring/gatekeeper.hpp"

#include <coroutine>
#include <limits>
#include <utility>

#include "wiring/request_fields.hpp"

namespace revenge::http_limits {
namespace {

// Before what others put before routes, so that they are spared what is refused.
constexpr std::int32_t kOrder = -1000;
constexpr int kMostAsks = 4;

// The gate for the request of one call.
class CallGate final : public Gate {
 public:
  CallGate(ResilienceGate& gate, Call call) : gate_(gate), call_(call) {}
  GateAnswer acquire(const GateRequest& request, Instant) override { return gate_.ask(call_, request); }

 private:
  ResilienceGate& gate_;
  const Call call_;
};

// One that has been asked already.
class AnsweredGate final : public Gate {
 public:
  GateAnswer acquire(const GateRequest&, Instant) override { return {.kind = GateAnswer::Kind::kLater}; }
};

// Goes on with a coroutine on a worker. Answers false where there is none.
class OnWorker {
 public:
  explicit OnWorker(Host& host) : host_(host) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting) {
    // Once it is taken, the frame that holds this may be gone.
    if (host_.timers().submit([waiting](const Call&) { waiting.resume(); })) return true;
    is_refused_ = true;
    return false;
  }
  bool await_resume() const noexcept { return !is_refused_; }

 private:
  Host& host_;
  bool is_refused_ = false;
};

// Of the fields that belong to an answer, those that are there.
template <class Add>
void eachField(const Answer& answer, Add add) {
  if (!answer.rate_limit.empty()) add("RateLimit", answer.rate_limit.view());
  if (!answer.rate_limit_policy.empty()) add("RateLimit-Policy", answer.rate_limit_policy.view());
  if (!answer.retry_after.empty()) add("Retry-After", answer.retry_after.view());
}

// None where the route needs no worker.
std::optional<Duration> delayOf(const Request& request) {
  if (request.queue() == 0) return std::nullopt;
  return request.queueDelay();
}

Response responseOf(const Answer& answer) {
  Response response = json(std::string(answer.body.view()));
  response.status = answer.status;
  response.headers.emplace_back("Cache-Control", "no-store");
  eachField(answer, [&](std::string_view name, std::string_view value) {
    response.headers.emplace_back(name, value);
  });
  return response;
}

Verdict verdictOf(const Ended& end) {
  if (end.status == 0 || !end.complete) return Verdict::kIgnored;  // the client's doing
  if (end.status >= 500) return Verdict::kFailure;
  return end.status >= 400 ? Verdict::kIgnored : Verdict::kSuccess;
}

}  // namespace

Gatekeeper::Gatekeeper(Host& host, const HashSecret& secret)
    : host_(host), clock_(host.clock()), secret_(secret), queues_(CodelOptions{}), gate_(host), log_(host) {
  host.http().before("http-limits", [this](const Request& request) { return before(request); },
                     {.prefix = "/", .order = kOrder, .run = Run::kInline, .absence = Absence::kBypass});
  host.http().onEnded([this](const Ended& end) { ended(end); });
}

void Gatekeeper::use(const Settings& settings) {
  policies_.push_back(std::make_unique<const Policy>(policyOf(settings, secret_)));
  queues_.use(policies_.back()->shedding);
  policy_.store(policies_.back().get(), std::memory_order_release);
}

void Gatekeeper::resume(const HashSecret& secret, const std::vector<Queues::Level>& levels) {
  secret_ = secret;
  queues_.resume(levels);
}

void Gatekeeper::letGo() {
  for (const std::uint64_t token : held_.close()) gate_.settle(token, Verdict::kIgnored);
}

Result<std::optional<Response>> Gatekeeper::before(const Request& request) {
  const Policy& policy = this->policy();
  const revenge_http_request& raw = request.raw();
  const RequestFields headers(raw.headers, raw.header_count);
  const bool reads_query = !policy.api_key_query.empty();
  const RequestFields query(raw.query_parameters, reads_query ? raw.query_parameter_count : 0);
  const Instant now = clock_.now();
  const Call call = request.call();
  const RequestView view{.method = static_cast<Method>(raw.method),
                         .path = request.path(),
                         .remote_address = request.remoteAddress(),
                         .user_key = call.userKey(),
                         .headers = headers.span(),
                         .query = query.span(),
                         .content_length = raw.content_length,
                         .age = now - request.receivedAt(),
                         .queue_delay = delayOf(request)};
  CallGate gate(gate_, call);
  Decision decision;
  Admission(policy, queues_.of(request.queue(), now), gate, tally_).decide(view, now, decision);
  if (!decision.admitted) return carriedOut(request, decision);
  limit(request, decision);
  if (!decision.waits) return carriedOut(request, decision);
  if (Status waits = wait(request, policy, decision); !waits) return std::unexpected(waits.error());
  return std::nullopt;
}

void Gatekeeper::limit(const Request& request, const Decision& decision) {
  if (decision.rule->enforcement == Enforcement::kDryRun) return;
  const bool bounds_body = decision.max_body_bytes != std::numeric_limits<std::int64_t>::max();
  if (decision.deadline == kNever && !bounds_body) return;
  RequestLimits limits{.deadline = decision.deadline};
  if (bounds_body) limits.bodyBytes = static_cast<std::uint64_t>(decision.max_body_bytes);
  (void)request.limit(limits);  // the client has left: there is nothing to limit
}

// What was decided, done: a response, or the request goes on.
std::optional<Response> Gatekeeper::carriedOut(const Request& request, const Decision& decision) {
  if (decision.refusal) log_.tell(decision, clock_.now());
  if (!decision.admitted) return responseOf(decision.answer);
  admit(request, decision);
  return std::nullopt;
}

void Gatekeeper::admit(const Request& request, const Decision& decision) {
  eachField(decision.answer, [&](std::string_view name, std::string_view value) {
    (void)request.addHeader(name, value);  // there is no answer any more that it could stand in
  });
  const std::uint64_t token = decision.permit.token;
  if (token == 0) return;
  if (!held_.add(token)) return gate_.settle(token, Verdict::kIgnored);
  if (request.tellEnd(token)) return;
  if (held_.take(token)) gate_.settle(token, Verdict::kIgnored);
}

void Gatekeeper::ended(const Ended& end) {
  if (held_.take(end.tag)) gate_.settle(end.tag, verdictOf(end));
}

Status Gatekeeper::wait(const Request& request, const Policy& policy, const Decision& decision) {
  revenge_http_request raw = boundary::known(request.raw());
  boundary::ErrorText error;
  const revenge_status status =
      host_.httpTable().defer(host_.raw(), request.raw().exchange, &raw.exchange, &error);
  if (status < 0) return boundary::status(status, &error);
  const Waiting waiting{.policy = policy,
                        .rule = *decision.rule,
                        .queue = request.queue(),
                        .deadline = decision.deadline,
                        .key = decision.key};
  revenge::run(host_, letIn(Resumer(Responder(host_, raw.exchange)), raw, waiting));
  return {};
}

Task<void> Gatekeeper::letIn(Resumer resumer, revenge_http_request raw, Waiting waiting) {
  waiting_.fetch_add(1, std::memory_order_relaxed);
  const GateAnswer answer = co_await answerFor(resumer, waiting);
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  // The request may be over by now: none of its views is looked at any more.
  const Request request(host_, resumer.call().raw(), raw);
  Decision decision;
  decision.rule = &waiting.rule;
  decision.key = waiting.key;
  AnsweredGate nobody;
  Admission(waiting.policy, queues_.of(waiting.queue, clock_.now()), nobody, tally_)
      .conclude(answer, decision);
  if (auto refused = carriedOut(request, decision))
    (void)resumer.answer(std::move(*refused));
  else
    (void)resumer.goOn();
}

// Asks again where the provider is being replaced, on a worker that may wait for its successor.
Task<GateAnswer> Gatekeeper::answerFor(Resumer& resumer, const Waiting& waiting) {
  const auto end = std::make_shared<WaitEnd>(host_);  // shared: with the watch of the client
  resumer.onClientGone([end](const Call&) { end->cancel(); });
  const GateRequest request{waiting.rule.pipeline, waiting.key.view(), waiting.rule.traffic,
                            waiting.deadline};
  for (int asks = 1;; ++asks) {
    const GateAnswer answer = co_await gate_.later(resumer.call(), request, end);
    if (answer.kind != GateAnswer::Kind::kLater) co_return answer;
    if (asks == kMostAsks || !co_await OnWorker(host_)) break;
  }
  co_return GateAnswer{.kind = GateAnswer::Kind::kUnavailable};
}

}  // namespace revenge::http_limits
