// GET /call?pipeline=p&does=good|fail|slow: an attempt that does as it is asked, under that pipeline. /count: the attempts so far.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <revenge/plugin.hpp>
#include <revenge/resilience.hpp>

namespace {

class Resilient : public revenge::Plugin<> {
 public:
  explicit Resilient(revenge::Host& host) : resilience_(host) {
    host.health().check("resilience", [this] { return resilience_.health(); },
                        {.period = std::chrono::milliseconds(100), .failure_threshold = 1});
    host.http().get("/call", [this](const revenge::Request& request) { return call(request); });
    host.http().get("/count",
                    [this](const revenge::Request&) { return revenge::text(std::to_string(attempts_)); });
  }

 private:
  revenge::Result<revenge::Response> call(const revenge::Request& request) {
    const std::string pipeline(request.query("pipeline").value_or("p"));
    const std::string does(request.query("does").value_or("good"));
    const auto value = resilience_.run(request.call(), {.pipeline = pipeline, .repeatable = true},
                                       [&](const revenge::Call&) -> revenge::Result<std::string> {
                                         ++attempts_;
                                         if (does == "fail")
                                           return revenge::fail(revenge::Errc::kIo, "it failed");
                                         if (does == "slow")
                                           std::this_thread::sleep_for(std::chrono::milliseconds(20));
                                         return "good";
                                       });
    if (!value) return std::unexpected(value.error());
    return revenge::text(*value);
  }

  revenge::Resilience resilience_;
  std::atomic<int> attempts_ = 0;
};

}  // namespace

REVENGE_PLUGIN(Resilient)
