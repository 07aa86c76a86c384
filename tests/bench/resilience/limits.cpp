// A decision of http-limits as its middleware makes it: the fields taken over from the boundary, a rule out of a dozen, the
// client's address through a trusted proxy, an API key hashed, and for every request but the probe's a permit by key and a
// place, which is given back. Against a loop that takes the same requests and decides nothing.
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "clock.hpp"
#include "limits/decision.hpp"
#include "limits/settings.hpp"
#include "policy/bulkhead.hpp"
#include "policy/keyed_limiter.hpp"
#include "recorded.hpp"
#include "subjects.hpp"
#include "wiring/request_fields.hpp"

namespace revenge::bench {
namespace {

namespace limits = revenge::http_limits;
namespace policies = revenge::resilience;

// What the pipeline [keyed_rate, bulkhead] of the plugin resilience is made of.
class LinkedGate final : public limits::Gate {
 public:
  limits::GateAnswer acquire(const limits::GateRequest& request, limits::Instant now) override {
    const Moment moment(now.time_since_epoch());
    const auto grant = rate_.allow(request.key, moment);
    if (!grant) return {.kind = limits::GateAnswer::Kind::kRateLimited};
    const auto place = places_.acquire(moment);
    if (!place) return {.kind = limits::GateAnswer::Kind::kOverloaded};
    held_ = place->permit;
    const policies::RateLevel level = rate_.levelOf(*grant);
    return {.permit = {1}, .limit = level.limit, .remaining = level.remaining, .reset = level.full_in};
  }
  bool giveBack(limits::Instant now) { return places_.release(held_, Moment(now.time_since_epoch())); }

 private:
  static policies::KeyedRateSettings generous() {
    policies::KeyedRateSettings settings;
    settings.rate.permits = 1'000'000'000;
    settings.rate.burst = 1'000'000'000;
    return settings;
  }
  policies::KeyedLimiter rate_{"clients", generous(), policies::HashSeed{1, 2}};
  policies::Bulkhead places_{"places", policies::BulkheadSettings{}};
  policies::BulkheadPermit held_{};
};

limits::Settings settings() {
  limits::Settings settings;
  for (const char* name :
       {"auth", "artwork", "items", "search", "users", "sessions", "subtitles", "trickplay", "scan"})
    settings.rules.push_back(
        {.name = name, .pattern = "/api/" + std::string(name) + "/*", .pipeline = "p", .window_s = 60});
  settings.rules.push_back({.name = "library", .pattern = "/api/library/*", .pipeline = "p", .window_s = 60});
  settings.rules.push_back(
      {.name = "play", .pattern = "/stream/*", .traffic_class = "playback", .pipeline = "p"});
  settings.trust = {.proxies = {"10.0.0.0/8"}, .field = "x-forwarded-for"};
  settings.api_key = {.header = "X-Api-Key", .query = "api_key", .known = {"4dd1c5ae09b84b7f8e1f"}};
  return settings;
}

class Limited {
 public:
  // A key that comes for the first time makes its bucket.
  Limited() {
    for (std::size_t i = 0; i < requests_.size(); ++i) (void)once();
  }
  bool once() {
    const Recorded& request = requests_[next_ = (next_ + 1) % requests_.size()];
    const limits::Instant now = std::chrono::steady_clock::now();
    const limits::RequestFields headers(request.headers.data(), request.headers.size());
    const limits::RequestFields query(request.query.data(), request.query.size());
    const limits::RequestView view{.method = static_cast<limits::Method>(request.method),
                                   .path = request.path,
                                   .remote_address = request.remote_address,
                                   .user_key = request.user,
                                   .headers = headers.span(),
                                   .query = query.span(),
                                   .content_length = request.content_length,
                                   .age = limits::Duration(20'000),
                                   .queue_delay = limits::Duration(1'000)};
    limits::Decision decision;
    limits::Admission(policy_, codel_, gate_, tally_).decide(view, now, decision);
    return decision.admitted && (decision.permit.token == 0 || gate_.giveBack(now));
  }
  bool nothing() {
    const Recorded& request = requests_[next_ = (next_ + 1) % requests_.size()];
    return !request.headers.empty();
  }

 private:
  const std::vector<Recorded> requests_ = recordedRequests(REVENGE_RECORDED_REQUESTS);
  const limits::Policy policy_ = limits::policyOf(settings(), {1, 2});
  limits::Codel codel_{limits::CodelOptions{}};
  LinkedGate gate_;
  limits::Tally tally_;
  std::size_t next_ = 0;
};

}  // namespace

std::vector<Subject> requestLimits() {
  const auto limited = std::make_shared<Limited>();
  return {{"http-limits on a request", repeated([limited](unsigned) { return limited->once(); }),
           repeated([limited](unsigned) { return limited->nothing(); })}};
}

}  // namespace revenge::bench
