#include "module/manifest.hpp"

#include <random>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "unit/module/package_fixture.hpp"

namespace revenge::module {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// A valid manifest with `rest` appended to its members.
std::string manifest(std::string_view rest = "") {
  return fmt::format(R"({{
  "id": "thumbs",
  "version": "1.2.3",
  "abi": 1,
  "licence": "MIT",
  "description": "Makes pictures."{}{}
}})",
                     rest.empty() ? "" : ",\n  ", rest);
}

base::Result<Manifest> parse(std::string_view text) {
  return parseManifest(text, "plugins/thumbs/plugin.json", "thumbs");
}
std::string refusal(std::string_view text) {
  const auto parsed = parse(text);
  return parsed ? "accepted" : parsed.error().message;
}

TEST(Manifest, FillsInWhatItLeavesOut) {
  const auto parsed = parse(manifest());
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->id, "thumbs");
  EXPECT_EQ(parsed->version.text(), "1.2.3");
  EXPECT_EQ(parsed->library, "thumbs.so");
  EXPECT_EQ(parsed->flag, "");
  EXPECT_TRUE(parsed->offers.empty() && parsed->needs.empty() && !parsed->config && !parsed->sha256);
  const Timeouts defaults;
  EXPECT_EQ(parsed->timeouts.start, defaults.start);
  EXPECT_EQ(parsed->timeouts.stop, defaults.stop);
  EXPECT_EQ(parsed->timeouts.drain, defaults.drain);
  EXPECT_EQ(parsed->timeouts.health, defaults.health);
  EXPECT_EQ(parsed->timeouts.call, defaults.call);
  EXPECT_EQ(parsed->swap.mode, SwapMode::kOverlap);
  EXPECT_EQ(parsed->swap.state, SwapState::kNone);
}

TEST(Manifest, ReadsEveryField) {
  const auto parsed = parse(manifest(R"("provides": [{"interface": "acme.store/2"}],
    "requires": [{"interface": "revenge.http/1"}, {"interface": "revenge.sql/3", "optional": true}],
    "config": {"type": "object", "properties": {"width": {"type": "integer", "default": 320}}},
    "flag": "new-thumbs", "library": "other.so", "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "swap": {"mode": "exclusive", "state": "handover", "reads": ["0.9", "1"], "readable_by": ["1.2.2"]},
    "timeouts": {"start_s": 0.25, "drain_s": 1800})"));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->offers.at(0).name(), "acme.store");
  EXPECT_EQ(parsed->offers.at(0).revision(), 2u);
  EXPECT_FALSE(parsed->needs.at(0).optional);
  EXPECT_TRUE(parsed->needs.at(1).optional);
  EXPECT_EQ(parsed->config->withDefaults(document::Object{}).find("width")->integer(), 320);
  EXPECT_EQ(parsed->flag, "new-thumbs");
  EXPECT_EQ(parsed->library, "other.so");
  EXPECT_EQ(parsed->sha256->size(), 64u);
  EXPECT_EQ(parsed->swap.mode, SwapMode::kExclusive);
  EXPECT_EQ(parsed->swap.state, SwapState::kHandover);
  EXPECT_EQ(parsed->swap.reads, (std::vector<std::string>{"0.9", "1"}));
  EXPECT_EQ(parsed->swap.readableBy, std::vector<std::string>{"1.2.2"});
  EXPECT_EQ(parsed->timeouts.start, 250ms);
  EXPECT_EQ(parsed->timeouts.drain, 30min);
}

TEST(Manifest, NamesFileLineKeyExpectedAndGot) {
  EXPECT_THAT(refusal(manifest(R"("flags": "x")")),
              AllOf(StartsWith("plugins/thumbs/plugin.json:7: "), HasSubstr("flags")));
  EXPECT_THAT(
      refusal(manifest(R"("timeouts": {"start_s": "5"})")),
      AllOf(StartsWith("plugins/thumbs/plugin.json:7: timeouts.start_s: expected "), HasSubstr("got \"5\"")));
  EXPECT_THAT(refusal(R"({"id": "thumbs"})"),
              AllOf(StartsWith("plugins/thumbs/plugin.json:1: "), HasSubstr("version")));
}

TEST(Manifest, RefusesValuesThatLeaveTheirRange) {
  for (const std::string_view bad :
       {R"("timeouts": {"start_s": 0})", R"("timeouts": {"start_s": -1})", R"("timeouts": {"stop_s": 1e9})",
        R"("library": "../x.so")", R"("library": "/lib/x.so")", R"("library": "x\u0000.so")",
        R"("library": ".so")", R"("sha256": "abc")", R"("swap": {"mode": "Overlap"})",
        R"("swap": {"reads": ["latest"]})", R"("requires": [{"interface": "store"}])",
        R"("requires": [{"interface": "acme.store/0"}])",
        R"("provides": [{"interface": "acme.store/1"}, {"interface": "acme.store/1"}])",
        R"("provides": [{"interface": "acme.store/1"}], "requires": [{"interface": "acme.store/1"}])",
        R"("config": {"type": "nonsense"})", R"("config": [])", R"("flag": "")", R"("abi": 1)"}) {
    EXPECT_THAT(refusal(manifest(bad)), StartsWith("plugins/thumbs/plugin.json:")) << bad;
  }
}

TEST(Manifest, HoldsTheIdAgainstTheFolderAndTheVersionAgainstSemver) {
  auto text = manifest();
  text.replace(text.find("thumbs"), 6, "Thumbs");
  EXPECT_THAT(refusal(text), StartsWith("plugins/thumbs/plugin.json:2: id: "));
  text = manifest();
  text.replace(text.find("thumbs"), 6, "thumbz");
  EXPECT_EQ(refusal(text),
            "plugins/thumbs/plugin.json:2: id: expected \"thumbs\", the name of the plugin's folder, got "
            "\"thumbz\"");
  text = manifest();
  text.replace(text.find("1.2.3"), 5, "1.2");
  EXPECT_THAT(refusal(text),
              StartsWith("plugins/thumbs/plugin.json:3: version: expected a semantic version"));
}

TEST(Manifest, RefusesHostileTextByBoundedWork) {
  EXPECT_THAT(refusal(""), StartsWith("plugins/thumbs/plugin.json:1"));
  EXPECT_THAT(refusal("\xff\xfe{}"), StartsWith("plugins/thumbs/plugin.json:1"));
  EXPECT_THAT(refusal(manifest().substr(0, 40)), StartsWith("plugins/thumbs/plugin.json:3"));
  EXPECT_THAT(refusal(manifest(R"("abi": 2)")), StartsWith("plugins/thumbs/plugin.json:7"));
  EXPECT_THAT(refusal(std::string(100'000, '[')), StartsWith("plugins/thumbs/plugin.json:1"));
  EXPECT_NE(refusal(std::string(kMaxManifestBytes + 1, ' ')), "accepted");
  EXPECT_THAT(refusal("[]"), StartsWith("plugins/thumbs/plugin.json:1"));
}

TEST(Manifest, SurvivesDamageAnywhere) {
  const auto whole = manifest(R"("swap": {"reads": ["0.1"]}, "provides": [{"interface": "a.b/1"}])");
  std::mt19937 random(5);
  for (int round = 0; round < 500; ++round) {
    auto text = whole;
    for (int k = 0; k < 1 + round % 3; ++k)
      text[random() % text.size()] = "{}[]\",:0e-\\u\x01\xff"[random() % 14];
    (void)parse(text);
  }
}

TEST(Manifest, IsReadFromItsFolderAsARegularFileOfBoundedSize) {
  const TempDir root;
  const auto folder = root / "thumbs";
  fs::create_directories(folder);
  EXPECT_THAT(readManifest(folder).error().message, HasSubstr((folder / "plugin.json").string()));
  writeFile(folder / "plugin.json", manifest());
  EXPECT_TRUE(readManifest(folder));
  writeFile(folder / "plugin.json", std::string(kMaxManifestBytes + 1, ' '));
  EXPECT_THAT(readManifest(folder).error().message, HasSubstr("larger than"));
  fs::remove(folder / "plugin.json");
  ASSERT_EQ(::mkfifo((folder / "plugin.json").c_str(), 0600), 0);
  EXPECT_THAT(readManifest(folder).error().message, HasSubstr("is a pipe"));
  fs::remove(folder / "plugin.json");
  fs::create_symlink("/etc/passwd", folder / "plugin.json");
  EXPECT_THAT(readManifest(folder).error().message, HasSubstr("is a symbolic link"));
}

TEST(Manifest, CoversVersionsByWholeParts) {
  const std::vector<std::string> versions{"0.1", "2", "3.4.5"};
  for (const auto* covered : {"0.1.0", "0.1.9", "2.0.0", "2.7.1", "3.4.5"}) {
    EXPECT_TRUE(coversVersion(versions, *Semver::parse(covered))) << covered;
  }
  for (const auto* other : {"0.10.0", "0.2.0", "1.0.0", "20.0.0", "3.4.50"}) {
    EXPECT_FALSE(coversVersion(versions, *Semver::parse(other))) << other;
  }
}

TEST(ManifestSchema, EqualsThePublishedFile) { EXPECT_EQ(manifestSchema(), readFile(REVENGE_SCHEMA_FILE)); }

}  // namespace
}  // namespace revenge::module
