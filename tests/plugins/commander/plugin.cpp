// A command of each kind: one that echoes, one that changes, some that misbehave. `wait` runs until a file is there, or until
// nobody waits for it any more; GET /waiting tells how many do.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

#include <revenge/plugin.hpp>

namespace {

struct Greeting {
  std::string whom;
  int times = 0;
};
REVENGE_CONFIG(Greeting, whom, times)

struct Patience {
  std::filesystem::path file;
};
REVENGE_CONFIG(Patience, file)

constexpr std::string_view kGreeting = R"({
  "type": "object", "additionalProperties": false, "required": ["whom"],
  "properties": {
    "whom": {"type": "string", "description": "Who is greeted."},
    "times": {"type": "integer", "minimum": 1, "maximum": 9, "default": 1, "description": "How often."}
  }})";

constexpr std::string_view kPatience = R"({
  "type": "object", "additionalProperties": false, "required": ["file"],
  "properties": {"file": {"type": "string", "description": "What it waits for."}}})";

using revenge::CommandRun;
using Answer = revenge::Result<std::string>;

class Commander : public revenge::Plugin<> {
 public:
  explicit Commander(revenge::Host& host) {
    using namespace std::chrono_literals;
    const auto commands = host.commands();
    commands.add<Greeting>({.name = "greet", .description = "Greets somebody.", .schema = kGreeting},
                           [](const CommandRun&, const Greeting& asked) -> Answer {
                             return R"({"greeting": "Hello )" + asked.whom + R"(", "times": )" +
                                    std::to_string(asked.times) + "}";
                           });
    commands.add(
        {.name = "count", .description = "Counts one up.", .effect = revenge::Effect::kChangesOrTells},
        [this](const CommandRun& run) -> Answer {
          const int count = run.dry() ? count_ + 1 : ++count_;
          return R"({"count": )" + std::to_string(count) + "}";
        });
    commands.add({.name = "set", .description = "Changes something.", .effect = revenge::Effect::kChanges},
                 [](const CommandRun&) -> Answer { return "{}"; });
    commands.add({.name = "throw", .description = "Throws."},
                 [](const CommandRun&) -> Answer { throw std::runtime_error("thrown by a command"); });
    commands.add({.name = "refuse", .description = "Refuses."}, [](const CommandRun&) -> Answer {
      return revenge::fail(revenge::Errc::kRefused, "not today");
    });
    commands.add({.name = "babble", .description = "Answers no JSON."},
                 [](const CommandRun&) -> Answer { return "hello"; });
    const auto wait = [this](const CommandRun& run, const Patience& asked) { return await(run, asked); };
    commands.add<Patience>(
        {.name = "wait", .description = "Waits for a file.", .schema = kPatience, .timeout = 1h}, wait);
    commands.add<Patience>(
        {.name = "late", .description = "Likewise, for 200 ms.", .schema = kPatience, .timeout = 200ms},
        wait);
    host.http().get("/waiting",
                    [this](const revenge::Request&) { return revenge::text(std::to_string(waiting_)); });
  }

 private:
  Answer await(const CommandRun& run, const Patience& asked) {
    ++waiting_;
    revenge::Status waited;
    while (!std::filesystem::exists(asked.file) && (waited = run.call().check()))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    --waiting_;
    if (!waited) return std::unexpected(waited.error());
    return R"({"version": ")" + std::string(REVENGE_PLUGIN_VERSION) + R"("})";
  }

  std::atomic<int> count_ = 0;
  std::atomic<int> waiting_ = 0;
};

}  // namespace

REVENGE_PLUGIN(Commander)
