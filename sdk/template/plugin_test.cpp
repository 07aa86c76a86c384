// The wiring, on a host in this process whose clock stands still.
#include "plugin.cpp"  // NOLINT(bugprone-suspicious-include): the class under test has no header

#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace hello {
namespace {

using namespace std::chrono_literals;

TEST(HelloPlugin, GreetsByName) {
  revenge::testing::FakeHost host;
  auto plugin = host.load<HelloPlugin>(R"({"greeting": "Good day"})");
  EXPECT_EQ(host.get("/hello/ada").body, "Good day, ada (1 in 0 s)");
  EXPECT_EQ(host.metric("greetings_total"), 1);
}

TEST(HelloPlugin, StartsItsCountAgainAsConfigured) {
  revenge::testing::FakeHost host;
  auto plugin = host.load<HelloPlugin>(R"({"refresh": 30})");
  host.get("/hello/ada");
  host.clock().advance(29s);
  EXPECT_EQ(host.get("/hello/ada").body, "Hello, ada (2 in 29 s)");
  host.clock().advance(1s);
  EXPECT_EQ(host.get("/hello/ada").body, "Hello, ada (1 in 0 s)");
}

TEST(HelloPlugin, KeepsItsGreetingWhenTheNextOneIsRefused) {
  revenge::testing::FakeHost host;
  auto plugin = host.load<HelloPlugin>();
  EXPECT_EQ(plugin.configure(R"({"greeting": ""})").error().message, "greeting: must not be empty");
  EXPECT_EQ(host.get("/hello/ada").body, "Hello, ada (1 in 0 s)");
  EXPECT_TRUE(plugin.configure(R"({"greeting": "Hi"})"));
  EXPECT_EQ(host.get("/hello/ada").body, "Hi, ada (2 in 0 s)");
}

}  // namespace
}  // namespace hello
