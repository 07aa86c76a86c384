#include <chrono>
#include <string>

#include <revenge/plugin.hpp>

#include "greeter.hpp"

namespace hello {

struct Config {
  std::string greeting = "Hello";
  std::chrono::seconds refresh{60};
};
REVENGE_CONFIG(Config, greeting, refresh)

class HelloPlugin : public revenge::Plugin<Config> {
 public:
  explicit HelloPlugin(revenge::Host& host) : greeter_(host.clock()) {
    host.http().get("/hello/{name}", [this](const revenge::Request& request) {
      greetings_.add();
      return revenge::text(greeter_.greet(request.param("name")));
    });
    host.timers().every([this] { return config().refresh; }, [this] { greeter_.refresh(); });
  }

  revenge::Status check(const Config& next) override { return Greeter::accepts(next.greeting); }
  void configure(const Config& next) override {
    greeter_.use(next.greeting);
    host().log().info("greeting", {{"greeting", next.greeting}});
  }

 private:
  Greeter greeter_;
  revenge::Counter greetings_ = host().metrics().counter("greetings_total", "Greetings given.");
};

}  // namespace hello

REVENGE_PLUGIN(hello::HelloPlugin)
