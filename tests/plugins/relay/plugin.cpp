// GET /relay?url=U: asks U under the pipeline "relay" and answers with what came; x-attempts says how often U was asked, which is 0
// where a policy refused the call. GET /relay/attempts: by all calls so far.
#include <atomic>
#include <string>

#include <revenge/plugin.hpp>
#include <revenge/resilience.hpp>

using namespace revenge;

class Relay : public Plugin<> {
 public:
  explicit Relay(Host& host) : resilience_(host) {
    host.http().get("/relay", [this](const Request& request) { return relayed(request); },
                    {.run = Run::kInline});
    host.http().get("/relay/attempts", [this](const Request&) { return text(std::to_string(attempts_)); });
  }

 private:
  Task<Response> relayed(const Request& request) {
    const std::string url(request.query("url").value_or(""));
    int attempts = 0;
    auto ask = [&](const Call& attempt) -> Task<Result<std::string>> {
      ++attempts;
      ++attempts_;
      const auto response = co_await host().httpClient().get(attempt, url);
      if (!response) co_return std::unexpected(response.error());
      if (response->status() >= 500)
        co_return fail(Errc::kUnavailable, url + " answered " + std::to_string(response->status()));
      co_return std::string(response->body());
    };
    const auto value =
        co_await resilience_.start(request.call(), {.pipeline = "relay", .repeatable = true}, ask);
    const int status = value ? 200 : attempts == 0 ? 503 : 502;
    co_return text(value ? *value : value.error().message)
        .withStatus(status)
        .withHeader("x-attempts", std::to_string(attempts));
  }

  Resilience resilience_;
  std::atomic<std::uint64_t> attempts_ = 0;
};
REVENGE_PLUGIN(Relay)
