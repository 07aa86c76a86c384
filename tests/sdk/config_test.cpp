#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include <revenge/config.hpp>
#include <revenge/testing/json.hpp>

namespace config_tested {

using namespace std::chrono_literals;

enum class Mode { kept, dropped };
REVENGE_CONFIG_ENUM(Mode, kept, dropped)

struct Folder {
  std::filesystem::path path;
  std::vector<std::string> types{"mkv"};
};
REVENGE_CONFIG(Folder, path, types)

struct Config {
  bool enabled = true;
  std::uint16_t port = 80;
  std::int64_t offset = -1;
  double ratio = 0.5;
  std::string name = "none";
  std::chrono::seconds refresh{60};
  std::chrono::duration<double> delay{0.25};
  Mode mode = Mode::kept;
  std::optional<int> limit = 3;
  std::optional<Folder> inbox;
  std::vector<Folder> folders;
  std::vector<int> numbers{1, 2};
  std::map<std::string, int> weights;
  Folder main;
};
REVENGE_CONFIG(Config, enabled, port, offset, ratio, name, refresh, delay, mode, limit, inbox, folders,
               numbers, weights, main)

namespace {

Config read(const char* json) {
  return revenge::readConfig<Config>(revenge::testing::ConfigText(json).raw());
}

std::string refusal(const char* json) {
  try {
    read(json);
  } catch (const revenge::Failure& failure) {
    EXPECT_EQ(failure.error().code, revenge::Errc::kInvalid);
    return failure.what();
  }
  return "accepted";
}

TEST(Config, KeepsTheDefaultsOfTheDeclarationForAbsentKeys) {
  const Config config = read("{}");
  EXPECT_EQ(config.port, 80);
  EXPECT_EQ(config.refresh, 60s);
  EXPECT_EQ(config.limit, 3);
  EXPECT_EQ(config.numbers, (std::vector{1, 2}));
  EXPECT_FALSE(config.inbox);
}

TEST(Config, ReadsScalars) {
  const Config config = read(
      R"({"enabled": false, "port": 65535, "offset": -9, "ratio": 2, "name": "x\ny", "mode": "dropped"})");
  EXPECT_FALSE(config.enabled);
  EXPECT_EQ(config.port, 65535);
  EXPECT_EQ(config.offset, -9);
  EXPECT_EQ(config.ratio, 2.0);
  EXPECT_EQ(config.name, "x\ny");
  EXPECT_EQ(config.mode, Mode::dropped);
}

TEST(Config, CountsDurationsInTheUnitOfTheField) {
  const Config config = read(R"({"refresh": 90, "delay": 1.5})");
  EXPECT_EQ(config.refresh, 90s);
  EXPECT_EQ(config.delay, 1500ms);
}

TEST(Config, ReadsListsOfStructsInOrder) {
  const Config config =
      read(R"({"folders": [{"path": "/a", "types": []}, {"path": "/b", "types": ["avi", "mp4"]}],
                                 "numbers": [], "main": {"path": "/m"}})");
  ASSERT_EQ(config.folders.size(), 2U);
  EXPECT_TRUE(config.folders[0].types.empty());
  EXPECT_EQ(config.folders[1].path, "/b");
  EXPECT_EQ(config.folders[1].types, (std::vector<std::string>{"avi", "mp4"}));
  EXPECT_TRUE(config.numbers.empty());
  EXPECT_EQ(config.main.path, "/m");
}

TEST(Config, ReadsOptionalsAsNullOrPresent) {
  const Config config = read(R"({"limit": null, "inbox": {"path": "/in"}})");
  EXPECT_EQ(config.limit, std::nullopt);
  ASSERT_TRUE(config.inbox);
  EXPECT_EQ(config.inbox->path, "/in");
  EXPECT_EQ(config.inbox->types, (std::vector<std::string>{"mkv"}));
}

TEST(Config, ReadsMapsWithEscapedKeys) {
  const Config config = read(R"({"weights": {"a/b": 1, "c~d": 2, "e": 3}})");
  EXPECT_EQ(config.weights, (std::map<std::string, int>{{"a/b", 1}, {"c~d", 2}, {"e", 3}}));
}

TEST(Config, TellsElementTenFromElementOne) {
  const Config config = read(R"({"numbers": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]})");
  EXPECT_EQ(config.numbers.size(), 11U);
  EXPECT_EQ(config.numbers.back(), 10);
}

TEST(Config, NamesKeyAndValueOfWhatDoesNotFit) {
  EXPECT_EQ(refusal(R"({"port": 65536})"),
            "configuration /port: expected an integer from 0 to 65535, got 65536");
  EXPECT_EQ(refusal(R"({"enabled": "yes"})"), R"(configuration /enabled: expected true or false, got "yes")");
  EXPECT_EQ(refusal(R"({"refresh": 1.5})").substr(0, 45), "configuration /refresh: expected an integer f");
  EXPECT_EQ(refusal(R"({"mode": "lost"})"),
            R"(configuration /mode: expected one of kept, dropped, got "lost")");
  EXPECT_EQ(refusal(R"({"folders": [{"path": 7}]})"),
            "configuration /folders/0/path: expected a text, got 7");
}

}  // namespace
}  // namespace config_tested
