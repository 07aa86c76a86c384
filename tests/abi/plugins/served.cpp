// GET /<id>/text, ticks, caught and thrown: a plugin of the C++ SDK, for whatever compiler, flags and standard library it is built with.
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>

#include <revenge/plugin.hpp>

namespace served {

struct Config {
  std::string text = "first";
};
REVENGE_CONFIG(Config, text)

// Out of line, so that the exception crosses frames that the compiler cannot see through.
[[gnu::noinline]] int thrower(const std::string& kind) {
  if (kind == "standard") throw std::runtime_error("a " + kind + " one");
  if (kind == "library") return kind.at(99);
  throw 7;
}

revenge::Task<int> later(std::string kind) { co_return thrower(kind); }

std::string caught(const std::string& kind) {
  try {
    thrower(kind);
  } catch (const std::exception& error) {
    return kind == "library" ? "out of range" : error.what();
  } catch (int number) {
    return std::to_string(number);
  }
  return "nothing";
}

class Served : public revenge::Plugin<Config> {
 public:
  explicit Served(revenge::Host& host) {
    const std::string at = "/" REVENGE_PLUGIN_ID;
    host.http().get(at + "/text", [this](const revenge::Request&) { return revenge::text(config().text); });
    host.http().get(at + "/ticks",
                    [this](const revenge::Request&) { return revenge::text(std::to_string(ticks_)); });
    host.http().get(at + "/caught/{kind}", [](const revenge::Request& request) {
      return revenge::text(caught(std::string(request.param("kind"))));
    });
    // Kept as std::exception_ptr between the coroutines, and thrown again.
    host.http().get(at + "/kept/{kind}",
                    [](const revenge::Request& request) -> revenge::Task<revenge::Response> {
                      std::string text;
                      try {
                        text = std::to_string(co_await later(std::string(request.param("kind"))));
                      } catch (const std::exception& error) {
                        text = std::string("kept: ") + error.what();
                      } catch (int number) {
                        text = "kept: " + std::to_string(number);
                      }
                      co_return revenge::text(std::move(text));
                    });
    host.http().get(at + "/thrown/{kind}", [](const revenge::Request& request) {
      return revenge::text(std::to_string(thrower(std::string(request.param("kind")))));
    });
    host.timers().every(std::chrono::milliseconds(10), [this] { ++ticks_; });
  }

  revenge::Status check(const Config& next) override {
    if (next.text == "refused") return revenge::fail(revenge::Errc::kInvalid, "text: not this one");
    return {};
  }
  void configure(const Config&) override {}

 private:
  std::atomic<unsigned> ticks_ = 0;
};

}  // namespace served

REVENGE_PLUGIN(served::Served)
