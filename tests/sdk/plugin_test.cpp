#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace plugin_tested {

using namespace std::chrono_literals;
using revenge::testing::FakeHost;

struct Config {
  std::string greeting = "Hello";
  std::chrono::seconds refresh{60};
};
REVENGE_CONFIG(Config, greeting, refresh)

std::vector<std::string> events;

class Recorder : public revenge::Plugin<Config> {
 public:
  explicit Recorder(revenge::Host&) { events = {"create " + config().greeting}; }
  ~Recorder() override { events.push_back("destroy"); }

  revenge::Status start() override {
    events.push_back("start");
    if (config().greeting == "throw") throw std::runtime_error("no disk");
    return {};
  }
  revenge::Status stop() override { return events.push_back("stop"), revenge::Status(); }
  revenge::Status health() override { return revenge::fail(revenge::Errc::kUnavailable, "half the disks"); }
  revenge::Status check(const Config& next) override {
    if (next.greeting.empty()) return revenge::fail(revenge::Errc::kRefused, "greeting: must not be empty");
    return {};
  }
  void configure(const Config& next) override {
    events.push_back("configure " + next.greeting);
    if (next.greeting == "throw later") throw 7;
  }
  revenge::Result<std::string> save() override { return "state of " + config().greeting; }
  revenge::Status restore(std::string_view state, std::string_view version) override {
    events.push_back(std::string(state) + " by " + std::string(version));
    return {};
  }

  const Config& seen() const { return config(); }
  using Plugin::host;
};
REVENGE_PLUGIN(Recorder)

namespace {

using Events = std::vector<std::string>;

TEST(Plugin, LivesThroughItsLifecycleInOrder) {
  FakeHost host;
  {
    auto plugin = host.load<Recorder>(R"({"greeting": "Hi"})");
    EXPECT_EQ(plugin.health().error().message, "half the disks");
    EXPECT_EQ(*plugin.save(), "state of Hi");
    EXPECT_TRUE(plugin.restore("old", "0.0.9"));
  }
  EXPECT_EQ(events, (Events{"create Hi", "configure Hi", "start", "old by 0.0.9", "stop", "destroy"}));
}

TEST(Plugin, IsGoneWhenItRefusesItsFirstConfiguration) {
  FakeHost host;
  EXPECT_EQ(host.tryLoad<Recorder>(R"({"greeting": ""})").error().message, "greeting: must not be empty");
  EXPECT_EQ(events, (Events{"create ", "destroy"}));
  EXPECT_EQ(host.tryLoad<Recorder>(R"({"greeting": 1})").error().message,
            "configuration /greeting: expected a text, got 1");
}

TEST(Plugin, IsDestroyedWithoutStopWhenStartThrows) {
  FakeHost host;
  EXPECT_EQ(host.tryLoad<Recorder>(R"({"greeting": "throw"})").error().message, "no disk");
  EXPECT_EQ(events.back(), "destroy");
  EXPECT_EQ(std::ranges::count(events, "stop"), 0);
}

TEST(Plugin, KeepsTheRunningConfigurationWhenTheNextIsRefused) {
  FakeHost host;
  auto plugin = host.load<Recorder>(R"({"greeting": "Hi"})");
  const Config& first = plugin->seen();
  EXPECT_EQ(plugin.configure(R"({"greeting": ""})").error().message, "greeting: must not be empty");
  EXPECT_EQ(plugin->seen().greeting, "Hi");
  ASSERT_TRUE(plugin.configure(R"({"greeting": "Ho"})"));
  EXPECT_EQ(plugin->seen().greeting, "Ho");
  EXPECT_EQ(first.greeting, "Hi");
}

TEST(Plugin, LogsWhatACallbackWithoutAnAnswerThrows) {
  FakeHost host;
  auto plugin = host.load<Recorder>();
  ASSERT_TRUE(plugin.configure(R"({"greeting": "throw later"})"));
  ASSERT_EQ(host.logged().size(), 1U);
  EXPECT_EQ(host.logged()[0].attributes.at("in"), "configure");
  EXPECT_EQ(host.logged()[0].level, static_cast<std::uint32_t>(REVENGE_LOG_ERROR));
}

TEST(Plugin, FillsOnlyAsMuchOfAnInstanceAsAnOlderHostKnows) {
  FakeHost host;
  auto plugin = host.load<Recorder>();
  struct Older {
    revenge_instance instance;
    char beyond;
  } older{};
  older.instance.size = offsetof(revenge_instance, save);
  revenge_host_api api = revenge::boundary::sized<revenge_host_api>();
  api.host = plugin->host().raw();
  api.query = [](const revenge_host*, revenge_view) -> const void* { return nullptr; };
  const revenge::testing::ConfigText config("{}");
  const auto create = revenge_plugin_entry(REVENGE_ABI_GENERATION, nullptr)->create;
  ASSERT_EQ(create(&api, nullptr, &config.raw(), &older.instance, nullptr), REVENGE_OK);
  EXPECT_EQ(older.instance.size, offsetof(revenge_instance, save));
  EXPECT_EQ(older.instance.save, nullptr);
  older.instance.destroy(older.instance.self);
}

TEST(Plugin, DescribesItselfByItsManifest) {
  const revenge_plugin* plugin = revenge_plugin_entry(REVENGE_ABI_GENERATION, nullptr);
  ASSERT_NE(plugin, nullptr);
  EXPECT_EQ(revenge::boundary::text(plugin->id), "tested");
  EXPECT_EQ(revenge::boundary::text(plugin->version), "0.1.0");
  EXPECT_EQ(revenge::boundary::text(plugin->sdk_version), REVENGE_VERSION_STRING);
  revenge::boundary::ErrorText error;
  EXPECT_EQ(revenge_plugin_entry(0, &error), nullptr);
  EXPECT_EQ(revenge::boundary::text(error),
            "built for a newer generation of the plugin ABI than this host has");
}

class Bare : public revenge::Plugin<> {};

TEST(Plugin, NeedsNeitherConfigurationNorConstructor) {
  FakeHost host;
  EXPECT_TRUE(host.tryLoad<Bare>());
}

class Demanding : public revenge::Plugin<> {
 public:
  explicit Demanding(revenge::Host& host) {
    host.http().get("no slash", [](const revenge::Request&) { return revenge::text(""); });
  }
};

TEST(Plugin, IsRefusedWithTheReasonOfAFailedRegistration) {
  FakeHost host;
  EXPECT_EQ(host.tryLoad<Demanding>().error().message, "route no slash: a pattern begins with '/'");
}

TEST(HelloInC, RunsOnTheFakeHost) {
  const revenge::testing::Library library(HELLO_LIBRARY);
  FakeHost host;
  auto plugin = host.load(library, R"({"greeting": "Good day"})");
  EXPECT_EQ(host.get("/hello/ada").body, "Good day, ada");
  EXPECT_EQ(host.get("/hello/" + std::string(600, 'x')).status, 400);
  EXPECT_TRUE(host.hasLogged("ready to greet"));
}

TEST(LibraryTest, SaysWhyItCannotBeLoaded) {
  try {
    const revenge::testing::Library library("nowhere.so");
    FAIL() << "loaded";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string_view(error.what()).find("nowhere.so"), std::string_view::npos);
  }
  try {
    const revenge::testing::Library library("libm.so.6");
    FAIL() << "loaded";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "libm.so.6: exports no revenge_plugin_entry");
  }
}

}  // namespace
}  // namespace plugin_tested
