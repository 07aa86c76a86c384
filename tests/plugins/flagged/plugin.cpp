// GET /player, for whom the plugin's own flag takes, and /trick, for whom "trick" takes: "new" and the user's key. GET
// /flagged/{user}: the flags "switch", "theme" and "limit" for that user, and how often "switch" has changed.
#include <atomic>

#include <revenge/plugin.hpp>

class Flagged : public revenge::Plugin<> {
 public:
  void configure(const revenge::NoConfig& /*none*/) override {}  // a reload goes on with this instance

  explicit Flagged(revenge::Host& host) {
    host.flags().onChange("switch", [this] { ++changes_; });
    const auto play = [](const revenge::Request& request) {
      return revenge::text("new " + std::string(request.call().userKey()));
    };
    host.http().get("/player", play);
    host.http().get("/trick", play, {.flag = "trick"});
    host.http().get("/flagged/{user}", [this](const revenge::Request& request) {
      const std::string_view user = request.param("user");
      const auto answer = theme_.evaluate(user, {{"client", "2.1.0"}});
      return revenge::text(std::string(switch_.value(user) ? "on " : "off ") + answer.value + " " +
                           answer.variant + " " + std::to_string(static_cast<int>(answer.reason)) + " " +
                           std::to_string(limit_.value(user)) + " " + std::to_string(changes_.load()));
    });
  }

 private:
  revenge::Flag<bool> switch_ = host().flags().get("switch", false);
  revenge::Flag<std::string> theme_ = host().flags().get("theme", "plain");
  revenge::Flag<std::int64_t> limit_ = host().flags().get("limit", 7);
  std::atomic<int> changes_ = 0;
};
REVENGE_PLUGIN(Flagged)
