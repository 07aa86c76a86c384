#include <cctype>
#include <ranges>

#include <gmock/gmock.h>

#include "folder_fixture.hpp"

namespace revenge::config {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const char* const kBase = R"({"type": "object", "additionalProperties": false, "properties": {
  "password": {"type": "string", "pattern": "^[a-z]+$", "writeOnly": true},
  "size": {"type": "integer", "default": 1}}})";

class Layers : public ConfigFolder {
 protected:
  Layers() {
    inputs_.file = path("revenge.yaml");
    inputs_.plugins.emplace("data-base", schemaOf(kBase));
    write("revenge.yaml", "");
  }
  void variable(std::string name, std::string value) {
    inputs_.environment.emplace_back(std::move(name), std::move(value));
  }
  std::shared_ptr<const Snapshot> snapshot() const {
    const auto loaded = load(inputs_);
    EXPECT_TRUE(loaded) << loaded.error().front();
    return loaded ? loaded->snapshot : load({})->snapshot;
  }
  Problems problems() const {
    const auto loaded = load(inputs_);
    Problems lines = loaded ? Problems{"loaded"} : loaded.error();
    for (std::string& line : lines) line = shown(line);
    return lines;
  }
  // The port that wins, and where it comes from.
  std::string port() const {
    const auto config = snapshot();
    return shown(fmt::format("{} {}", config->integer("/http/port"), config->origin("/http/port")));
  }

  Inputs inputs_;
};

TEST_F(Layers, EachStandsAboveTheOneBefore) {
  EXPECT_EQ(port(), "8096 default");
  write("revenge.yaml", "http: {port: 1}\n");
  EXPECT_EQ(port(), "1 revenge.yaml:1");
  write("revenge.local.yaml", "\nhttp: {port: 2}\n");
  EXPECT_EQ(port(), "2 revenge.local.yaml:2");
  write("revenge.d/20.yaml", "http: {port: 3}\n");
  EXPECT_EQ(port(), "3 revenge.d/20.yaml:1");
  variable("REVENGE_HTTP__PORT", "4");
  EXPECT_EQ(port(), "4 REVENGE_HTTP__PORT");
  inputs_.overrides = {"http.port=5"};
  EXPECT_EQ(port(), "5 --set http.port");
}

TEST_F(Layers, DropInsAreReadInTheOrderOfTheirNames) {
  write("revenge.d/2.yaml", "http: {port: 2}\n");
  write("revenge.d/10.yaml", "http: {port: 10, io_threads: 7}\n");
  for (const char* other : {".hidden.yaml", "3.yml", "4.yaml~", "5.yaml.swp"})
    write(std::string("revenge.d/") + other, "http: {port: 99}\n");
  EXPECT_EQ(port(), "2 revenge.d/2.yaml:1");
  EXPECT_EQ(snapshot()->integer("/http/io_threads"), 7);
}

// Every kind of wrong value, at every layer: the place, the key, what was expected and what stands there.
TEST_F(Layers, EveryKindOfMistakeIsToldAtEveryLayer) {
  struct Mistake {
    const char* steps;
    const char* value;
    const char* told;
  };
  constexpr Mistake kMistakes[] = {
      {"http port", "abc", R"(http.port: expected an integer from 0 to 65535, got "abc")"},
      {"http port", "70000", "http.port: expected an integer from 0 to 65535, got 70000"},
      {"http port", "80.5", "http.port: expected an integer from 0 to 65535, got 80.5"},
      {"http port", "[80]", "http.port: expected an integer from 0 to 65535, got an array"},
      {"http port", "~", "http.port: expected an integer from 0 to 65535, got null"},
      {"http access_log", "yes", R"(http.access_log: expected true or false, got "yes")"},
      {"http address", "''", R"(http.address: expected a string that is not empty, got "")"},
      {"workers plugin_share", "1.5",
       "workers.plugin_share: expected a number above 0 and of at most 1, got 1.5"},
      {"log level", "loud",
       R"(log.level: expected "trace", "debug", "info", "warning" or "error", got "loud")"},
      {"host plugin_folders", "[a, a]", "host.plugin_folders[1]: "},
      {"http", "5", "http: expected an object, got 5"},
      {"http prot", "80", "http.prot: unknown key; did you mean port?"},
      {"plugins data-base size", "big", R"(plugins.data-base.size: expected an integer, got "big")"},
      {"plugins data-base siz", "1", "plugins.data-base.siz: unknown key; did you mean size?"},
  };
  for (const Mistake& mistake : kMistakes) {
    std::vector<std::string> steps;
    for (const auto step : std::string_view(mistake.steps) | std::views::split(' '))
      steps.emplace_back(step.begin(), step.end());
    std::string yaml;
    std::string name = "REVENGE";
    std::string key;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      yaml += fmt::format("{:{}}{}:{}", "", 2 * i, steps[i],
                          i + 1 == steps.size() ? fmt::format(" {}\n", mistake.value) : "\n");
      name += i == 0 ? "_" : "__";
      for (const char c : steps[i]) name += c == '-' ? '_' : static_cast<char>(std::toupper(c));
      key += (i == 0 ? "" : ".") + steps[i];
    }
    const std::string line = std::to_string(steps.size());
    for (const char* const file : {"revenge.yaml", "revenge.local.yaml", "revenge.d/1.yaml"}) {
      write(file, yaml);
      EXPECT_THAT(problems(),
                  ElementsAre(testing::StartsWith(fmt::format("{}:{}: {}", file, line, mistake.told))))
          << yaml;
      write(file, "");
    }
    inputs_.overrides = {fmt::format("{}={}", key, mistake.value)};
    EXPECT_THAT(problems(), ElementsAre(testing::StartsWith(fmt::format("--set {}: {}", key, mistake.told))));
    inputs_.overrides.clear();
    if (steps.size() < 2) continue;
    variable(name, mistake.value);
    EXPECT_THAT(problems(), ElementsAre(testing::StartsWith(fmt::format("{}: {}", name, mistake.told))));
    inputs_.environment.clear();
    // What comes from a file of a secret is a text, and is not told.
    write("secret", "abc1");
    variable(name + "_FILE", path("secret"));
    for (const std::string& problem : problems()) {
      EXPECT_THAT(problem, Not(HasSubstr("abc1")));
      EXPECT_TRUE(problem == "loaded" || problem.starts_with(name + "_FILE: " + key)) << problem;
    }
    inputs_.environment.clear();
  }
}

TEST_F(Layers, AMistakeIsToldAlsoWhereALayerAboveHidesIt) {
  write("revenge.yaml", "http: {port: 80a}\n");
  inputs_.overrides = {"http.port=5"};
  EXPECT_THAT(problems(),
              ElementsAre(R"(revenge.yaml:1: http.port: expected an integer from 0 to 65535, got "80a")"));
}

TEST_F(Layers, ADropInThatIsNoFileIsNamed) {
  std::filesystem::create_directories(folder_ / "revenge.d/1.yaml");
  EXPECT_THAT(problems(), ElementsAre("revenge.d/1.yaml: Is a directory; expected a file"));
  std::filesystem::remove_all(folder_ / "revenge.d");
  write("revenge.d", "");
  EXPECT_THAT(problems(), ElementsAre("revenge.d: Not a directory; expected a folder of files named *.yaml"));
}

TEST_F(Layers, WithoutAMainFileTheOthersStillCount) {
  std::filesystem::remove(folder_ / "revenge.yaml");
  write("revenge.local.yaml", "http: {port: 2}\n");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("revenge.yaml: No such file or directory")));
  inputs_.need = Need::kOptional;
  EXPECT_EQ(port(), "2 revenge.local.yaml:1");
}

TEST_F(Layers, A6_DuplicateKeyNamesBothLines) {
  write("revenge.d/a.yaml", "http:\n  port: 1\n  io_threads: 2\n  port: 3\n");
  EXPECT_THAT(problems(),
              ElementsAre("revenge.d/a.yaml:4: duplicate key \"port\", first in line 2; remove one of them"));
}

TEST_F(Layers, A7_UnknownKeySuggestsTheRightOne) {
  write("revenge.local.yaml", "http:\n  prot: 80\n");
  variable("REVENGE_LOG__LEVLE", "info");
  EXPECT_THAT(problems(), ElementsAre("revenge.local.yaml:2: http.prot: unknown key; did you mean port?",
                                      "REVENGE_LOG__LEVLE: log.levle: unknown key; did you mean level?"));
}

TEST_F(Layers, A8_WrongVariableNamesItselfKeyExpectedAndGot) {
  variable("REVENGE_HTTP__PORT", "abc");
  EXPECT_THAT(problems(),
              ElementsAre("REVENGE_HTTP__PORT: http.port: expected an integer from 0 to 65535, got \"abc\""));
}

TEST_F(Layers, VariablesAreYamlAndReachWholeSections) {
  variable("REVENGE_HOST__PLUGIN_FOLDERS", "[a, b]");
  variable("REVENGE_PLUGINS__DATA_BASE__SIZE", "3");
  variable("REVENGE_PLUGINS__DATA_BASE", "{size: 2, password: abc}");
  const auto config = snapshot();
  EXPECT_THAT(config->texts("/host/plugin_folders"), ElementsAre("a", "b"));
  EXPECT_EQ(config->plugin("data-base").find("size")->integer(), 3);
  EXPECT_EQ(*config->plugin("data-base").find("password")->text(), "abc");
  EXPECT_EQ(config->origin("/plugins/data-base/size"), "REVENGE_PLUGINS__DATA_BASE__SIZE");
}

TEST_F(Layers, ANameThatFitsTwoPluginsIsRefused) {
  write("revenge.yaml", "plugins: {data.base: {size: 1}}\n");
  variable("REVENGE_PLUGINS__DATA_BASE__SIZE", "3");
  EXPECT_THAT(problems(),
              ElementsAre("REVENGE_PLUGINS__DATA_BASE__SIZE: may mean the plugin data-base or data.base; "
                          "configure it in a file"));
  inputs_.plugins.emplace("data_base", schemaOf(kBase));
  EXPECT_EQ(snapshot()->plugin("data_base").find("size")->integer(), 3);
}

TEST_F(Layers, NamesThatAreNoKeysAreLeftAloneOrExplained) {
  variable("REVENGE_SOCKET", "/run/x");
  variable("REVENGE_HTTP_PORT", "80");
  const auto loaded = load(inputs_);
  ASSERT_TRUE(loaded);
  EXPECT_THAT(loaded->warnings, ElementsAre("REVENGE_HTTP_PORT: no key; did you mean REVENGE_HTTP__PORT?"));
  EXPECT_EQ(loaded->snapshot->integer("/http/port"), 8096);
  variable("REVENGE_HTTP____PORT", "80");
  variable("REVENGE_HTTP__PORT__", "80");
  variable("REVENGE_LOG__LEVEL", "[");
  EXPECT_THAT(problems(),
              ElementsAre("REVENGE_HTTP__PORT__: expected a name such as REVENGE_HTTP__PORT",
                          "REVENGE_HTTP____PORT: expected a name such as REVENGE_HTTP__PORT",
                          "REVENGE_LOG__LEVEL: a key that is no text, or a bracket that is not closed"));
}

TEST_F(Layers, ASecretComesFromAFile) {
  write("password", "hunter\n");
  variable("REVENGE_PLUGINS__DATA_BASE__PASSWORD_FILE", path("password"));
  const auto config = snapshot();
  EXPECT_EQ(*config->plugin("data-base").find("password")->text(), "hunter");
  EXPECT_EQ(config->origin("/plugins/data-base/password"), "REVENGE_PLUGINS__DATA_BASE__PASSWORD_FILE");
  variable("REVENGE_PLUGINS__DATA_BASE__PASSWORD", "other");
  EXPECT_THAT(
      problems(),
      ElementsAre("REVENGE_PLUGINS__DATA_BASE__PASSWORD_FILE: REVENGE_PLUGINS__DATA_BASE__PASSWORD is "
                  "set as well; expected one of them"));
}

TEST_F(Layers, ASecretThatIsNotThereIsNamed) {
  variable("REVENGE_PLUGINS__DATA_BASE__PASSWORD_FILE", path("password"));
  EXPECT_THAT(problems(),
              ElementsAre("REVENGE_PLUGINS__DATA_BASE__PASSWORD_FILE: password: No such file or directory; "
                          "expected the file that holds the secret"));
}

TEST_F(Layers, A9_NoMessageShowsASecret) {
  write("password", "Sesame1");
  write("revenge.yaml", "plugins: {data-base: {password: Sesame2}}\n");
  EXPECT_THAT(problems(),
              ElementsAre("revenge.yaml:1: plugins.data-base.password: expected a string matching "
                          "^[a-z]+$, got a secret that does not fit"));
  variable("REVENGE_PLUGINS__DATA_BASE__PASSWORD_FILE", path("password"));
  EXPECT_THAT(problems(), Each(Not(HasSubstr("Sesame"))));
  inputs_.environment.clear();
  variable("REVENGE_HTTP__PORT_FILE", path("password"));
  inputs_.overrides = {"plugins.data-base.password=Sesame3"};
  EXPECT_THAT(problems(),
              Contains("REVENGE_HTTP__PORT_FILE: http.port: expected an integer from 0 to 65535"));
  EXPECT_THAT(problems(), Each(Not(HasSubstr("Sesame"))));
}

}  // namespace
}  // namespace revenge::config
