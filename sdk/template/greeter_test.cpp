#include "greeter.hpp"

#include <gtest/gtest.h>

namespace hello {
namespace {

using namespace std::chrono_literals;

struct GreeterTest : testing::Test {
  std::chrono::steady_clock::time_point now{};
  Greeter greeter{[this] { return now; }};
};

TEST_F(GreeterTest, NumbersTheGreetings) {
  EXPECT_EQ(greeter.greet("ada"), "Hello, ada (1 in 0 s)");
  now += 20s;
  EXPECT_EQ(greeter.greet("bob"), "Hello, bob (2 in 20 s)");
}

TEST_F(GreeterTest, StartsAgainAfterARefresh) {
  greeter.greet("ada");
  now += 60s;
  greeter.refresh();
  EXPECT_EQ(greeter.greet("ada"), "Hello, ada (1 in 0 s)");
}

TEST_F(GreeterTest, RefusesAnEmptyGreeting) {
  EXPECT_EQ(Greeter::accepts("").error(), "greeting: must not be empty");
  EXPECT_TRUE(Greeter::accepts("Hi"));
}

}  // namespace
}  // namespace hello
