#include "config/picture.hpp"

#include <gmock/gmock.h>

#include "config/key_path.hpp"
#include "folder_fixture.hpp"

namespace revenge::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kSchema = R"({"type": "object", "additionalProperties": false, "properties": {
  "size": {"type": "integer", "default": 5},
  "password": {"type": "string", "writeOnly": true},
  "users": {"type": "array", "items": {"type": "object", "properties": {
    "name": {"type": "string"}, "token": {"type": "string", "writeOnly": true}}}},
  "login": {"anyOf": [{"type": "object", "properties": {"key": {"writeOnly": true}}}, {"type": "object"}]}}})";
constexpr std::string_view kNext = R"({"type": "object", "additionalProperties": false, "properties": {
  "size": {"type": "integer"}, "depth": {"type": "integer"}}})";

class Pictures : public ConfigFolder {
 protected:
  Picture of(std::string_view text, std::vector<document::Schema> others = {}) {
    write("revenge.yaml", text);
    Inputs inputs{.file = path("revenge.yaml"), .overrides = {}, .plugins = {}};
    inputs.plugins.emplace("db", *document::Schema::load(document::Value(document::Object{}), "db"));
    const auto loaded = load(inputs);
    EXPECT_TRUE(loaded) << loaded.error()[0];
    return {loaded->snapshot, {{"db", "1.0.0", schemaOf(kSchema), "", Effect::kLive, std::move(others)}}};
  }
  using ConfigFolder::shown;
  static std::vector<std::string> shown(const Picture& picture, std::string_view key) {
    std::vector<std::string> lines;
    for (const Entry& entry : picture.entries(pointerTo(*stepsOfKey(key))))
      lines.push_back(
          fmt::format("{} {}{}", entry.key, document::writeJson(entry.value), entry.secret ? " secret" : ""));
    return lines;
  }
};

TEST_F(Pictures, DefaultsOfPluginsAreInIt) {
  EXPECT_THAT(shown(of("plugins: {db: {}}"), "plugins.db"), ElementsAre("plugins.db.size 5"));
}

TEST_F(Pictures, A9_WhatASchemaCallsSecretIsNullWhereverItStands) {
  const Picture picture =
      of("plugins:\n  db:\n    password: Sesame\n    users: [{name: ada, token: Sesame}]\n    login: {key: "
         "Sesame}\n");
  EXPECT_THAT(shown(picture, "plugins.db"),
              ElementsAre("plugins.db.password null secret",
                          R"(plugins.db.users [{"name":"ada","token":null}] secret)",
                          "plugins.db.login.key null secret", "plugins.db.size 5"));
}

TEST_F(Pictures, WhatNoSchemaSpeaksOfIsNotShown) {
  const Picture picture = of("plugins: {absent: {password: Sesame}}");
  EXPECT_THAT(shown(picture, "plugins.absent"), ElementsAre("plugins.absent.password null secret"));
  EXPECT_TRUE(picture.explain(*stepsOfKey("plugins.absent.password")).secret);
}

TEST_F(Pictures, DifferencesTellOfSecretsThatTheyChanged) {
  const Picture before = of("plugins: {db: {password: Sesame, size: 5}}");
  const Picture after = of("plugins: {db: {password: Sesame2, size: 6}}");
  const auto found = differences(before, after);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].key, "plugins.db.password");
  EXPECT_TRUE(found[0].secret && found[0].before->isNull() && found[0].after->isNull());
  EXPECT_EQ(found[1].after->integer(), 6);
  EXPECT_EQ(shown(after, "plugins.db.size"), (std::vector<std::string>{"plugins.db.size 6"}));
}

TEST_F(Pictures, AKeyOfAnotherVersionIsKeptWithAWarning) {
  const Picture alone = of("plugins: {db: {depth: 3}}");
  EXPECT_THAT(alone.problems(), ElementsAre(testing::HasSubstr("plugins.db.depth: unknown key")));
  const Picture picture = of("plugins: {db: {depth: 3, size: 4}}", {schemaOf(kNext)});
  EXPECT_THAT(picture.problems(), IsEmpty());
  EXPECT_EQ(shown(picture.warnings()[0]),
            "revenge.yaml:1: plugins.db.depth: only another version of db knows it; kept");
  // The version that runs does not get it.
  EXPECT_THAT(shown(picture, "plugins.db"), ElementsAre("plugins.db.size 4"));
  // What nobody knows is a mistake still.
  EXPECT_THAT(of("plugins: {db: {depht: 3}}", {schemaOf(kNext)}).problems(), testing::SizeIs(1));
}

TEST_F(Pictures, KeysAreExplainedByTheirSchema) {
  const Picture picture = of("http: {port: 1}");
  const Explained told = picture.explain(*stepsOfKey("http.port"));
  EXPECT_EQ(told.type, "an integer from 0 to 65535");
  EXPECT_EQ(told.effect, Effect::kHostRestart);
  EXPECT_EQ(told.layers.size(), 2U);
  EXPECT_EQ(picture.explain(*stepsOfKey("log.level")).effect, Effect::kLive);
  EXPECT_EQ(picture.unknown(*stepsOfKey("http.prot")), "http.prot: unknown key; did you mean port?");
  EXPECT_EQ(picture.unknown(*stepsOfKey("plugins.db.siez")),
            "plugins.db.siez: unknown key; did you mean size?");
  EXPECT_FALSE(picture.knows(*stepsOfKey("http.prot")));
}

}  // namespace
}  // namespace revenge::config
