#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>

#include <gtest/gtest.h>

#include "base/manual_scheduler.hpp"
#include "ext/boundary.hpp"
#include "ext/commands.hpp"

namespace revenge::ext {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using plugin::CommandAsked;

// Commands whose functions are the test's; what comes of their runs is gathered.
class CommandsTest : public testing::Test {
 protected:
  using Function = std::function<revenge_status(const revenge_call& call, const revenge_command_run& run,
                                                std::string& answer, revenge_error& error)>;

  CommandsTest() { open("store"); }
  ~CommandsTest() override { spawner_.reset(); }

  revenge_host& open(const std::string& id) {
    revenge_host& host = hosts_.emplace_back();
    host.id = id;
    host.instance = domain_.instances().open().value();
    return host;
  }
  void show(std::vector<const revenge_host*> visible) {
    commands_.contribute({.visible = std::move(visible), .absent = {}, .held = {}, .parked = {}, .pins = {}});
    commands_.published();
  }

  base::Result<> add(revenge_host& host, const std::string& name, Function function,
                     const std::function<void(revenge_command&)>& more = {}) {
    revenge_command command{};
    command.size = sizeof command;
    command.name = view(name);
    command.context = &functions_.emplace_back(std::move(function));
    command.run = [](void* context, const revenge_call* call, const revenge_command_run* run,
                     revenge_buffer* answer, revenge_error* error) -> revenge_status {
      std::string json;
      const revenge_status status = (*static_cast<Function*>(context))(*call, *run, json, *error);
      *answer = ownedBuffer(std::move(json));
      return status;
    };
    if (more) more(command);
    return commands_.add(host, command);
  }
  revenge_host& host() { return hosts_.front(); }

  plugin::CommandRunning begin(CommandAsked asked) {
    return commands_.run(std::move(asked), nullptr, [this](base::Result<std::string> answer) {
      const std::lock_guard lock(mutex_);
      answers_.push_back(std::move(answer));
      changed_.notify_all();
    });
  }
  base::Result<std::string> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !answers_.empty(); });
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  base::Result<std::string> run(CommandAsked asked) {
    begin(std::move(asked));
    return next();
  }
  Errc refusal(CommandAsked asked) {
    const auto answer = run(std::move(asked));
    return answer ? Errc::kFailed : answer.error().code;
  }

  static Function answers(std::string json) {
    return [json](const revenge_call&, const revenge_command_run&, std::string& answer, revenge_error&) {
      answer = json;
      return revenge_status{REVENGE_OK};
    };
  }
  // Runs until somebody lets it go on; says what its call's state was then.
  Function waits() {
    return [this](const revenge_call& call, const revenge_command_run&, std::string& answer, revenge_error&) {
      std::unique_lock lock(mutex_);
      inside_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return released_; });
      inside_ = false;
      answer = commands_.stateOf(call.cancel) == http::CallState::kLive ? R"({"live": true})"
                                                                        : R"({"live": false})";
      return revenge_status{REVENGE_OK};
    };
  }
  void awaitInside() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return inside_; });
  }
  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }

  base::ManualClock clock_;
  base::ManualScheduler scheduler_{clock_};
  service::Domain domain_;
  std::optional<runtime::Spawner> spawner_{std::in_place, scheduler_};
  CommandsAdapter commands_{domain_, scheduler_, *spawner_};
  std::deque<revenge_host> hosts_;
  std::deque<Function> functions_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<base::Result<std::string>> answers_;  // guarded by mutex_
  bool inside_ = false;                            // guarded by mutex_
  bool released_ = false;                          // guarded by mutex_
};

TEST_F(CommandsTest, AreThoseOfTheInstanceThatIsVisible) {
  revenge_host& next = open("store");
  ASSERT_TRUE(add(host(), "tell", answers(R"({"version": 1})")));
  ASSERT_TRUE(add(next, "tell", answers(R"({"version": 2})")));
  EXPECT_EQ(refusal({"store", "tell", "", false, true}), Errc::kUnavailable);
  show({&host()});
  EXPECT_EQ(run({"store", "tell", "", false, true}), R"({"version": 1})");
  show({&next});
  EXPECT_EQ(run({"store", "tell", "", false, true}), R"({"version": 2})");
  show({});
  EXPECT_EQ(refusal({"store", "tell", "", false, true}), Errc::kUnavailable);
}

TEST_F(CommandsTest, WhatIsWrongWithOneIsToldWhenItIsAdded) {
  const auto refused = [&](const std::string& name, const std::function<void(revenge_command&)>& more) {
    const auto added = add(host(), name, answers("{}"), more);
    return added ? std::string() : added.error().message;
  };
  EXPECT_EQ(refused("good-1", {}), "");
  EXPECT_EQ(refused("good-1", {}), "there is a command 'good-1' already");
  for (const char* const name : {"", "Up", "1st", "-x", "a b"}) EXPECT_NE(refused(name, {}), "") << name;
  EXPECT_NE(refused("changes", [](auto& command) { command.effect = REVENGE_COMMAND_CHANGES; }), "");
  EXPECT_NE(refused("text", [](auto& command) { command.schema = view(R"({"type": "string"})"); }), "");
  EXPECT_NE(refused("long", [](auto& command) { command.timeout_ns = (24h + 1ns).count(); }), "");
  EXPECT_EQ(refused("a-day", [](auto& command) { command.timeout_ns = base::Duration(24h).count(); }), "");
}

TEST_F(CommandsTest, ArgumentsArriveFilledInAsLeaves) {
  std::map<std::string, std::string> leaves;
  const auto reads = [&](const revenge_call&, const revenge_command_run& asked, std::string& answer,
                         revenge_error&) {
    for (std::size_t i = 0; i < asked.arguments->value_count; ++i) {
      const revenge_config_value& leaf = asked.arguments->values[i];
      leaves[std::string(text(leaf.pointer))] = std::string(text(leaf.text)) + std::to_string(leaf.integer);
    }
    answer = "{}";
    return revenge_status{REVENGE_OK};
  };
  ASSERT_TRUE(add(host(), "greet", reads, [](auto& command) {
    command.schema = view(R"({"type": "object", "additionalProperties": false, "properties":
                              {"whom": {"type": "string"}, "times": {"type": "integer", "default": 3}}})");
  }));
  show({&host()});
  EXPECT_TRUE(run({"store", "greet", R"({"whom": "ada"})"}));
  EXPECT_EQ(leaves, (std::map<std::string, std::string>{{"/whom", "ada0"}, {"/times", "3"}}));
  EXPECT_EQ(refusal({"store", "greet", R"({"who": "ada"})"}), Errc::kInvalid);
  EXPECT_EQ(refusal({"store", "greet", "{"}), Errc::kInvalid);
}

TEST_F(CommandsTest, IsRefusedToWhoMayNotAndToWhoAsksForADryRunOfWhatHasNone) {
  const auto changes = [](auto& command) {
    command.role = REVENGE_COMMAND_FOR_STEERERS;
    command.effect = REVENGE_COMMAND_CHANGES;
  };
  ASSERT_TRUE(add(host(), "set", answers("{}"), changes));
  show({&host()});
  EXPECT_EQ(refusal({"store", "set", "", false, false}), Errc::kDenied);
  EXPECT_EQ(refusal({"store", "set", "", true, true}), Errc::kInvalid);
  EXPECT_TRUE(run({"store", "set", "", false, true}));
}

TEST_F(CommandsTest, WhatItAnswersIsOneObjectOrAFailure) {
  ASSERT_TRUE(add(host(), "babble", answers("hello")));
  ASSERT_TRUE(add(host(), "list", answers("[]")));
  ASSERT_TRUE(add(host(), "error", answers(R"({"error": 1})")));
  ASSERT_TRUE(add(host(), "throw", [](const auto&, const auto&, auto&, auto&) -> revenge_status {
    throw std::runtime_error("thrown");
  }));
  show({&host()});
  for (const char* const name : {"babble", "list", "error"})
    EXPECT_EQ(refusal({"store", name}), Errc::kFailed);
  const auto thrown = run({"store", "throw"});
  ASSERT_FALSE(thrown);
  EXPECT_EQ(thrown.error().message, "command 'throw' of 'store': thrown");
}

TEST_F(CommandsTest, PastItsTimeoutItIsToldAndGoesOnInsideUntilItReturns) {
  ASSERT_TRUE(
      add(host(), "wait", waits(), [](auto& command) { command.timeout_ns = base::Duration(10s).count(); }));
  show({&host()});
  begin({"store", "wait"});
  awaitInside();
  scheduler_.advance(10s - 1ns);
  EXPECT_TRUE(answers_.empty());
  scheduler_.advance(1ns);
  const auto late = next();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::kTimedOut);
  EXPECT_EQ(commands_.holders(host()), std::vector<std::string>{"command wait (10 s)"});
  EXPECT_EQ(domain_.instances().drain(host().instance, {}).inside, 1U);
  release();
  EXPECT_TRUE(domain_.instances().drain(host().instance, base::Instant::max()));
  EXPECT_TRUE(answers_.empty());
}

TEST_F(CommandsTest, WhoLeavesAndWhoStopsTheInstanceAreSeenByTheCommand) {
  ASSERT_TRUE(add(host(), "wait", waits()));
  show({&host()});
  const auto running = begin({"store", "wait"});
  awaitInside();
  EXPECT_EQ(commands_.stateOf(running), http::CallState::kLive);
  EXPECT_EQ(commands_.cancelAll(host()), 1U);
  commands_.cancel(running);
  release();
  EXPECT_EQ(next(), R"({"live": false})");
  EXPECT_TRUE(domain_.instances().drain(host().instance, base::Instant::max()));
  EXPECT_EQ(commands_.stateOf(running), http::CallState::kGone);
  EXPECT_EQ(commands_.stateOf(1), std::nullopt);
}

TEST_F(CommandsTest, BehindAClosedGateItWaitsAndTakesWhoeverIsVisibleThen) {
  revenge_host& next_one = open("store");
  ASSERT_TRUE(add(host(), "tell", answers(R"({"version": 1})")));
  ASSERT_TRUE(add(next_one, "tell", answers(R"({"version": 2})")));
  show({&host()});
  host().held = true;
  begin({"store", "tell"});
  scheduler_.advance(1s);
  EXPECT_TRUE(answers_.empty());
  show({&next_one});
  scheduler_.advance(2ms);
  EXPECT_EQ(next(), R"({"version": 2})");
}

}  // namespace
}  // namespace revenge::ext
