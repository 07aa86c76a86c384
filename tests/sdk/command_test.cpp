// Commands as a plugin makes them.
#include <stdexcept>

#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace revenge {
namespace {

using testing::FakeHost;

struct Greeting {
  std::string whom = "nobody";
};
REVENGE_CONFIG(Greeting, whom)

class Greeter : public Plugin<> {
 public:
  explicit Greeter(Host& host) {
    host.commands().add<Greeting>({.name = "greet", .description = "Greets."},
                                  [](const CommandRun& run, const Greeting& asked) -> Result<std::string> {
                                    return "{\"" + std::string(run.dry() ? "would greet" : "greets") +
                                           "\": \"" + asked.whom + "\"}";
                                  });
    host.commands().add({.name = "throw", .description = "Throws."},
                        [](const CommandRun&) -> Result<std::string> { throw std::runtime_error("thrown"); });
    host.commands().add({.name = "refuse", .description = "Refuses."},
                        [](const CommandRun&) -> Result<std::string> { return fail(Errc::kRefused, "no"); });
  }
};

class Twice : public Plugin<> {
 public:
  explicit Twice(Host& host) {
    for (int i = 0; i < 2; ++i)
      host.commands().add({.name = "same", .description = "."},
                          [](const CommandRun&) -> Result<std::string> { return "{}"; });
  }
};

TEST(Command, ReadsItsArgumentsAndSaysHowItIsRun) {
  FakeHost fake;
  const auto plugin = fake.load<Greeter>();
  EXPECT_EQ(fake.run("greet", R"({"whom": "ada"})"), R"({"greets": "ada"})");
  EXPECT_EQ(fake.run("greet", "{}", true), R"({"would greet": "nobody"})");
}

TEST(Command, WhatItThrowsOrRefusesIsItsAnswer) {
  FakeHost fake;
  const auto plugin = fake.load<Greeter>();
  EXPECT_EQ(fake.run("throw").error().message, "thrown");
  EXPECT_EQ(fake.run("refuse").error().code, Errc::kRefused);
  EXPECT_EQ(fake.run("nothing").error().code, Errc::kNotFound);
}

TEST(Command, ANameThatIsTakenStopsTheLoad) {
  FakeHost fake;
  const auto loaded = fake.tryLoad<Twice>();
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(loaded.error().message.contains("command 'same'")) << loaded.error().message;
}

TEST(Command, IsGoneWithItsInstance) {
  FakeHost fake;
  {
    const auto plugin = fake.load<Greeter>();
  }
  EXPECT_EQ(fake.run("greet").error().code, Errc::kNotFound);
}

TEST(Command, WhatChangesIsForThoseWhoSteerUnlessSaidOtherwise) {
  EXPECT_EQ((CommandOptions{.name = "x", .description = "."}.role), For::kLookers);
  EXPECT_EQ((CommandOptions{.name = "x", .description = ".", .effect = Effect::kChanges}.role),
            For::kSteerers);
}

}  // namespace
}  // namespace revenge
