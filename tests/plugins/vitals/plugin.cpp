// A check of a database that is up, down or hung as its routes say, and one metric of each kind. GET /cache is what still serves
// when the database is down.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include <revenge/plugin.hpp>

namespace {

struct Config {
  bool critical = false;
  std::int64_t answer_ms = 0;
};
REVENGE_CONFIG(Config, critical, answer_ms)

class Vitals : public revenge::Plugin<Config> {
 public:
  explicit Vitals(revenge::Host& host) {
    using namespace std::chrono_literals;
    host.health().check(
        "database", [this](const revenge::Call& call) { return ping(call); },
        {.criticality = config().critical ? revenge::Criticality::kCritical : revenge::Criticality::kDetail,
         .period = 200ms,
         .timeout = 200ms,
         .failure_threshold = 2});
    host.http().post("/database/{mode}",
                     [this](const revenge::Request& request) {
                       const std::string_view mode = request.param("mode");
                       mode_ = mode == "up" ? Mode::kUp : mode == "down" ? Mode::kDown : Mode::kHung;
                       return revenge::text("");
                     },
                     {.run = revenge::Run::kInline});
    host.http().get("/cache", [this](const revenge::Request& request) {
      const revenge::Stopwatch stopwatch = lookups_.time();
      served_.add(1, request.call());
      return revenge::text("cached");
    });
    host.http().get("/burn", [](const revenge::Request&) {
      const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
      while (std::chrono::steady_clock::now() < end) {
      }
      return revenge::text("");
    });
  }

 private:
  enum class Mode { kUp, kDown, kHung };

  revenge::Status ping(const revenge::Call& call) {
    if (mode_ == Mode::kDown) return revenge::fail(revenge::Errc::kUnavailable, "connection refused");
    std::this_thread::sleep_for(std::chrono::milliseconds(config().answer_ms));
    while (mode_ == Mode::kHung && !stopping_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return call.check();
  }
  revenge::Status stop() override {
    stopping_ = true;
    return {};
  }

  std::atomic<Mode> mode_ = Mode::kUp;
  std::atomic<bool> stopping_ = false;
  revenge::Counter served_ = host().metrics().counter("served_total", "Answers out of the cache.");
  revenge::Histogram lookups_ = host().metrics().histogram("lookup_seconds", "How long a look-up took.");
};

}  // namespace

REVENGE_PLUGIN(Vitals)
