#include "config/load.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "config/host_schema.hpp"
#include "document/json.hpp"

namespace revenge::config {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

document::Schema schemaOf(std::string_view text) {
  return document::Schema::load(document::parseJson(text, "schema").value(), "schema").value();
}

// config/revenge.yaml of the checkout, four levels above this file.
const std::string kSample =
    (std::filesystem::path(__FILE__).parent_path() / "../../../config/revenge.yaml").string();

const char* const kStream = R"({"type": "object", "additionalProperties": false, "properties": {
  "folders": {"type": "array", "items": {"type": "string"}, "default": []},
  "max_sessions": {"type": "integer", "minimum": 1, "default": 100}}})";

class Load : public testing::Test {
 protected:
  Load() {
    std::string pattern = (std::filesystem::temp_directory_path() / "revenge-config-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    inputs_.plugins.emplace("stream", schemaOf(kStream));
  }
  ~Load() override { std::filesystem::remove_all(folder_); }

  Inputs& file(std::string_view text) {
    inputs_.file = folder_ / "revenge.yaml";
    std::ofstream(*inputs_.file) << text;
    return inputs_;
  }
  Inputs& with(std::vector<std::string> overrides) {
    inputs_.overrides = std::move(overrides);
    return inputs_;
  }
  // The messages without the folder of the test.
  Problems problems() const {
    const auto loaded = load(inputs_);
    Problems shown = loaded ? Problems{"loaded"} : loaded.error();
    for (std::string& line : shown) {
      const std::string folder = folder_.string() + "/";
      if (const auto at = line.find(folder); at != std::string::npos) line.erase(at, folder.size());
    }
    return shown;
  }
  std::shared_ptr<const Snapshot> snapshot() const {
    auto loaded = load(inputs_);
    EXPECT_TRUE(loaded) << loaded.error().front();
    return loaded ? loaded->snapshot : nullptr;
  }

  std::filesystem::path folder_;
  Inputs inputs_;
};

TEST_F(Load, WithoutInputsEverythingIsDefault) {
  const auto config = snapshot();
  EXPECT_EQ(config->integer("/http/port"), 8096);
  EXPECT_EQ(config->text("/http/address"), "127.0.0.1");
  EXPECT_EQ(config->number("/workers/plugin_share"), 0.5);
  EXPECT_TRUE(config->boolean("/http/access_log"));
  EXPECT_THAT(config->texts("/host/plugin_folders"), ElementsAre("plugins"));
  EXPECT_EQ(config->origin("/http/port"), "default");
  EXPECT_EQ(config->plugin("stream").find("max_sessions")->integer(), 100);
}

TEST_F(Load, LaterLayersWinAndValuesKnowWhereTheyCameFrom) {
  file("http:\n  port: 80\n  io_threads: 2\nplugins:\n  stream:\n    folders: [/films]\n");
  with({"http.port=81", "http.port=82", "plugins.stream.folders=[/music, /tv]"});
  const auto config = snapshot();
  EXPECT_EQ(config->integer("/http/port"), 82);
  EXPECT_EQ(config->origin("/http/port"), "--set http.port");
  EXPECT_EQ(config->integer("/http/io_threads"), 2);
  EXPECT_THAT(config->origin("/http/io_threads"), EndsWith("revenge.yaml:3"));
  EXPECT_EQ(document::writeJson(config->plugin("stream")),
            R"({"folders":["/music","/tv"],"max_sessions":100})");
  EXPECT_EQ(config->origin("/plugins/stream/folders/1"), "--set plugins.stream.folders");
  EXPECT_EQ(config->origin("/plugins/stream/max_sessions"), "default");
}

TEST_F(Load, EveryMistakeIsToldAtOnceWithItsLine) {
  file(
      "http:\n  port: 80a\n  adress: x\nplugins:\n  stream:\n    max_sesions: 5\n    folders: "
      "/films\nworkers: 3\n");
  with({"log.level=loud", "http"});
  EXPECT_THAT(
      problems(),
      ElementsAre("--set http: expected KEY=VALUE, such as http.port=8096",
                  "revenge.yaml:2: http.port: expected an integer from 0 to 65535, got \"80a\"",
                  "revenge.yaml:3: http.adress: unknown key; did you mean address?",
                  "revenge.yaml:8: workers: expected an object, got 3",
                  "--set log.level: log.level: expected \"trace\", \"debug\", \"info\", \"warning\" or "
                  "\"error\", got \"loud\"",
                  "revenge.yaml:6: plugins.stream.max_sesions: unknown key; did you mean max_sessions?",
                  "revenge.yaml:7: plugins.stream.folders: expected an array, got \"/films\""));
}

TEST_F(Load, BrokenTextAndDuplicateKeysNameTheLine) {
  file("http:\n  port: 1\n  port: 2\n");
  EXPECT_THAT(problems(),
              ElementsAre("revenge.yaml:3: duplicate key \"port\", first in line 2; remove one of them"));
  file("http:\n  port: 1\n log: 2\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("revenge.yaml:3: broken YAML: ")));
  file("- http\n");
  EXPECT_THAT(problems(),
              ElementsAre("revenge.yaml:1: expected keys such as http, workers and plugins at the top"));
}

TEST_F(Load, FilesThatCannotBeAConfigurationAreRefused) {
  file("{\"plugins\": {\"a\": [" + std::string(10 << 20, '1') + "]}}");
  EXPECT_THAT(problems(), ElementsAre("revenge.yaml: more than 1048576 bytes, which no configuration needs"));
  inputs_.file = folder_ / "absent.yaml";
  EXPECT_THAT(problems(),
              ElementsAre("absent.yaml: No such file or directory; give another file with --config"));
  inputs_.file = folder_;
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("Is a directory; expected a file")));
}

TEST_F(Load, EmptyFileIsAllDefaults) {
  file("# nothing yet\n");
  EXPECT_EQ(snapshot()->integer("/http/port"), 8096);
}

TEST_F(Load, SectionOfAPluginThatIsNotInstalledIsKeptWithAWarning) {
  file("plugins:\n  thumbs: {size: 3}\n");
  const auto loaded = load(inputs_);
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->warnings,
              ElementsAre(EndsWith(
                  "revenge.yaml:2: plugins.thumbs: plugin not installed; its keys are kept, unchecked")));
  EXPECT_EQ(loaded->snapshot->plugin("thumbs").find("size")->integer(), 3);
  EXPECT_THAT(load(file("plugins: {thumbs: 3}")).error(),
              ElementsAre(EndsWith("plugins.thumbs: expected an object, got 3")));
}

TEST_F(Load, OverridesAreYamlAndStrictAboutTheirKeys) {
  with({"host.state_dir='12'", "log={level: debug}"});
  EXPECT_EQ(snapshot()->text("/host/state_dir"), "12");
  EXPECT_EQ(snapshot()->text("/log/level"), "debug");
  with({"host.state_dir=12"});
  EXPECT_THAT(
      problems(),
      ElementsAre("--set host.state_dir: host.state_dir: expected a string that is not empty, got 12"));
  with({".port=1", "http..port=1", "http.=1", "=1"});
  EXPECT_EQ(problems().size(), 4U);
  with({"http.port=[1"});
  EXPECT_THAT(problems(),
              ElementsAre("--set http.port: a key that is no text, or a bracket that is not closed"));
}

TEST_F(Load, ANewVersionsSchemaJudgesTheSectionAlone) {
  file("plugins:\n  stream:\n    max_sessions: 500\n");
  const auto config = snapshot();
  const auto fits = config->pluginUnder(
      "stream",
      schemaOf(
          R"({"properties": {"max_sessions": {"maximum": 500}, "trick_interval_s": {"default": 10}}, "additionalProperties": false})"));
  ASSERT_TRUE(fits);
  EXPECT_EQ(document::writeJson(*fits), R"({"max_sessions":500,"trick_interval_s":10})");
  const auto refused = config->pluginUnder(
      "stream",
      schemaOf(
          R"({"properties": {"max_sessions": {"type": "integer", "maximum": 499}}, "required": ["key"]})"));
  ASSERT_FALSE(refused);
  EXPECT_THAT(
      refused.error(),
      ElementsAre(
          EndsWith(
              "revenge.yaml:3: plugins.stream.max_sessions: expected an integer of at most 499, got 500"),
          EndsWith("revenge.yaml:3: plugins.stream: missing key key")));
}

TEST_F(Load, AskingForAKeyThatDoesNotExistIsAMistakeOfTheCaller) {
  const auto config = snapshot();
  EXPECT_THROW(config->integer("/http/prot"), std::logic_error);
  EXPECT_THROW(config->integer("/http/address"), std::logic_error);
  EXPECT_EQ(config->origin("/http/prot"), "not set");
  EXPECT_EQ(config->plugin("absent"), document::Value(document::Object()));
}

TEST(Sample, IsWhatTheSchemaSaysAndLoads) {
  std::ifstream file(kSample);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_THAT(text, EndsWith(document::sampleYaml(hostSchema())));
  const auto loaded = load({.file = kSample, .overrides = {}, .plugins = {}});
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_EQ(loaded->snapshot->values(), load({})->snapshot->values());
}

TEST(HostSchema, EveryKeyIsDescribedAndHasADefault) {
  for (const auto& key : document::describeKeys(hostSchema())) {
    if (key.path.ends_with("<key>")) continue;  // the names are whoever writes them's
    EXPECT_FALSE(key.description.empty()) << key.path;
    const bool chosen_by_name =
        key.path.contains("<key>");  // what stands below a name has no default of its own
    EXPECT_TRUE(key.fallback != nullptr || key.type == "an object" || chosen_by_name) << key.path;
  }
}

}  // namespace
}  // namespace revenge::config
