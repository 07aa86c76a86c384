// Ends the process it runs in. GET /crash/{how} does it in a handler; `where` and `how` of its configuration elsewhere.
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include <unistd.h>

#include <revenge/plugin.hpp>

namespace {

struct Config {
  std::string where = "nowhere";
  std::string how = "fault";
};
REVENGE_CONFIG(Config, where, how)

[[gnu::noinline]] int overflow(volatile int* up) {
  volatile int here[256] = {};
  here[0] = *up + 1;
  return here[0] < 0 ? 0 : overflow(here) + here[1];
}

// A sanitizer would end the process in its own way.
__attribute__((noinline, no_sanitize("undefined"))) void divide() {
  volatile int zero = 0;
  zero = 100 / zero;
}

[[gnu::noinline]] void tear() { throw std::runtime_error("the reel is torn"); }

void endProcess(std::string_view how) noexcept {
  volatile int zero = 0;
  if (how == "fault") *reinterpret_cast<volatile int*>(0x10) = 1;
  if (how == "abort") std::abort();
  if (how == "terminate") tear();
  if (how == "overflow") static_cast<void>(overflow(&zero));
  if (how == "divide") divide();
  if (how == "exit") std::exit(3);
  if (how == "_exit") ::_exit(3);
  if (how == "kill") ::kill(::getpid(), SIGKILL);
}

class Crasher : public revenge::Plugin<Config> {
 public:
  explicit Crasher(revenge::Host& host) {
    at("create");
    host.http().get("/crash/{how}", [](const revenge::Request& request) {
      endProcess(request.param("how"));
      return revenge::text("it lives");
    });
    host.http().get("/alive", [](const revenge::Request&) { return revenge::text("yes"); });
    if (config().where == "timer")
      host.timers().every(std::chrono::milliseconds(20), [this] { at("timer"); });
  }
  revenge::Status start() override {
    at("start");
    if (config().where == "thread")
      host().spawn().thread("reel", [this](const revenge::StopToken&) { at("thread"); });
    return {};
  }
  revenge::Status stop() override {
    at("stop");
    return {};
  }
  revenge::Status health() override {
    at("health");
    return {};
  }

 private:
  void at(std::string_view where) {
    if (config().where == where) endProcess(config().how);
  }
};

}  // namespace

REVENGE_PLUGIN(Crasher)
