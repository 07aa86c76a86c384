// Takes more than its share: of an I/O thread, a worker, the processor, the log, threads, descriptors; and answers with errors. Each
// ends by itself, or with the instance.
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <thread>

#include <revenge/plugin.hpp>

namespace {

using Clock = std::chrono::steady_clock;

struct Config {
  std::int64_t health_ms = 0;
};
REVENGE_CONFIG(Config, health_ms)

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

class Greedy : public revenge::Plugin<Config> {
 public:
  explicit Greedy(revenge::Host& host) {
    host.http().get("/greedy/alive", [](const revenge::Request&) { return revenge::text("yes"); });
    host.http().get("/greedy/inline/{ms}",
                    [this](const revenge::Request& request) {
                      holdTheLoop(number(request.param("ms")));
                      return revenge::text(request.mayBlock() ? "on a worker" : "on the loop");
                    },
                    {.run = revenge::Run::kInline});
    host.http().get("/greedy/worker/{ms}", [this](const revenge::Request& request) {
      holdAWorker(number(request.param("ms")));
      return revenge::text("");
    });
    host.http().get("/greedy/burn/{ms}", [this](const revenge::Request& request) {
      burn(number(request.param("ms")));
      return revenge::text("");
    });
    host.http().get("/greedy/log/{lines}", [this](const revenge::Request& request) {
      for (int i = number(request.param("lines")); i > 0; --i) this->host().log().info("more", {{"left", i}});
      return revenge::text("");
    });
    host.http().get("/greedy/fail", [](const revenge::Request&) -> revenge::Result<revenge::Response> {
      return revenge::fail(revenge::Errc::kFailed, "as asked");
    });
    host.http().get("/greedy/send/{bytes}", [](const revenge::Request& request) {
      return revenge::text(std::string(static_cast<std::size_t>(number(request.param("bytes"))), 'x'));
    });
    host.http().get("/greedy/threads/{count}", [this](const revenge::Request& request) {
      for (int i = number(request.param("count")); i > 0; --i)
        this->host().spawn().thread("idler", [](const revenge::StopToken& stop) {
          while (stop.sleep(std::chrono::hours(1))) {
          }
        });
      return revenge::text("");
    });
  }

 private:
  // What follows the call keeps it from being the last thing they do, which would leave no frame of theirs.
  [[gnu::noinline]] void holdTheLoop(int ms) {
    rest(ms);
    ++held_;
  }
  [[gnu::noinline]] void holdAWorker(int ms) {
    rest(ms);
    --held_;  // other code than that of the one above, or the compiler makes one of both
  }
  [[gnu::noinline]] void burn(int ms) {
    const auto end = Clock::now() + std::chrono::milliseconds(ms);
    while (Clock::now() < end && !stopping_) {
    }
  }
  [[gnu::noinline]] void rest(int ms) {
    const auto end = Clock::now() + std::chrono::milliseconds(ms);
    while (Clock::now() < end && !stopping_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  revenge::Status stop() override {
    stopping_ = true;
    return {};
  }
  revenge::Status health() override {
    rest(static_cast<int>(config().health_ms));
    return {};
  }

  std::atomic<bool> stopping_{false};
  std::atomic<int> held_{0};
};

}  // namespace

REVENGE_PLUGIN(Greedy)
