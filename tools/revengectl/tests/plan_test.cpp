#include <filesystem>
#include <fstream>

#include "document/json.hpp"
#include "revengectl/plan_file.hpp"
#include "revengectl/show_plan.hpp"
#include "revengectl/tests/run_fixture.hpp"

namespace revenge::ctl {
namespace {

class PlanTest : public RunTest {
 protected:
  PlanTest() {
    std::string name = (std::filesystem::temp_directory_path() / "revengectl-plan-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  ~PlanTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  std::filesystem::path folder_;
};

constexpr const char* kYaml = "generation: 4\nchanges:\n- {plugin: store, swap: ../next/store}\n";
constexpr const char* kOutlook = R"({"generation":12,"feasible":true,"changes":[
  {"plugin":"store","change":"swap","from":"1.0.0","to":"1.1.0","verdict":"unloadable","mode":"overlap",
   "state":"handover","refusal":"","way_back":"1.0.0 does not read the state of 1.1.0","vanishing":["service test.old/1"]},
  {"plugin":"index","change":"disable","from":"2.0.0","to":"","verdict":"","mode":"","state":"","refusal":"",
   "way_back":"","vanishing":["1 route"]}],"waiting":["reader will wait for test.index/1"]})";

TEST_F(PlanTest, ShowsWhatWouldHappenAndTheGenerationToApplyItOn) {
  const FakeHost host(FakeHost::json(200, kOutlook));
  EXPECT_EQ(ask(host, {"plan", write("p.yaml", kYaml)}), kWouldChange);
  EXPECT_EQ(out_,
            "  PLUGIN  CHANGE   FROM   TO     MODE     STATE     WAY BACK  VERDICT\n"
            "  store   swap     1.0.0  1.1.0  overlap  handover  closed    unloadable\n"
            "  index   disable  2.0.0  -      -        -         -         -\n"
            "  store: no way back: 1.0.0 does not read the state of 1.1.0\n"
            "  store: goes: service test.old/1\n"
            "  index: goes: 1 route\n"
            "  reader will wait for test.index/1\n"
            "  can be applied: --generation 12\n");
  EXPECT_EQ(host.asked(), std::vector<std::string>{"POST /v1/plan HTTP/1.1"});
}

TEST_F(PlanTest, C3_WhatChangesNothingEndsWithZero) {
  const std::string running = R"({"generation":3,"feasible":true,"changes":[{"plugin":"a","change":"enable",
    "from":"1.0.0","to":"1.0.0","refusal":"","vanishing":[]}],"waiting":[]})";
  EXPECT_EQ(answered(FakeHost::json(200, running), {"plan", write("p.yaml", kYaml)}), Exit::kOk);
  EXPECT_EQ(answered(FakeHost::json(500, R"({"error":{"code":"failed","message":"x"}})"),
                     {"plan", write("p.yaml", kYaml)}),
            Exit::kCannot);
}

TEST_F(PlanTest, DryRunOfAnOperationIsAPlanOfOne) {
  const FakeHost host(FakeHost::json(200, kOutlook));
  const std::string here = std::filesystem::current_path().string();
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"swap", "store", "next/store", "--dry-run"},
                                             {"rollback", "store", "--dry-run", "--generation=12"}}) {
    EXPECT_EQ(ask(host, words), kWouldChange);
    EXPECT_TRUE(out_.ends_with("can be applied: --generation 12\n")) << out_;
  }
  EXPECT_EQ(host.asked(), (std::vector<std::string>(2, "POST /v1/plan HTTP/1.1")));
  EXPECT_EQ(host.bodies(),
            (std::vector<std::string>{
                fmt::format(R"({{"changes":[{{"plugin":"store","swap":"{}/next/store"}}]}})", here),
                R"({"changes":[{"plugin":"store","rollback":true}],"generation":12})"}));
  EXPECT_EQ(answered(FakeHost::json(409, R"({"error":{"code":"stale","message":"x"}})"),
                     {"disable", "store", "--dry-run", "--generation=1"}),
            Exit::kStale);
}

TEST_F(PlanTest, SendsFoldersThatAreAbsolute) {
  const FakeHost host(FakeHost::json(200, kOutlook));
  EXPECT_EQ(ask(host, {"plan", write("p.yaml", kYaml)}), kWouldChange);
  const std::string next = (folder_.parent_path() / "next/store").string();
  EXPECT_EQ(host.bodies(), std::vector<std::string>{fmt::format(
                               R"({{"generation":4,"changes":[{{"plugin":"store","swap":"{}"}}]}})", next)});
}

TEST_F(PlanTest, C3_InfeasibleIsNoChangeAlsoInJson) {
  const std::string outlook = R"({"generation":3,"feasible":false,"changes":[{"plugin":"a","change":"enable",
    "from":"","to":"","refusal":"plugin 'a' refused: no\u001b","vanishing":[]}],"waiting":[]})";
  EXPECT_EQ(answered(FakeHost::json(200, outlook), {"plan", write("p.yaml", kYaml)}), Exit::kCannot);
  EXPECT_NE(out_.find("refused\n  a: plugin 'a' refused: no\\x1b\n  cannot be applied\n"), std::string::npos)
      << out_;
  EXPECT_EQ(answered(FakeHost::json(200, outlook), {"plan", write("p.yaml", kYaml), "--json"}),
            Exit::kCannot);
  EXPECT_EQ(out_, outlook + "\n");
}

TEST_F(PlanTest, ApplyTellsWhoseStepsTheyAreAndHowEachEnded) {
  const FakeHost host(FakeHost::chunked(
      {R"({"note":"reader will wait for test.index/1"})"
       "\n"
       R"({"step":"verified","plugin":"store","took_ms":3})"
       "\n",
       R"({"step":"loaded","plugin":"store","took_ms":0})"
       "\n"
       R"({"step":"verified","plugin":"index","took_ms":2})"
       "\n",
       R"({"generation":13,"reports":[{"id":"store","from":"1","to":"2","took_ms":9,"warnings":["w"]},)"
       R"({"id":"index","from":"1","to":"","took_ms":9,"draining":["1 request"]}]})"
       "\n"}));
  EXPECT_EQ(ask(host, {"apply", write("p.yaml", kYaml), "--generation", "9"}), Exit::kOk);
  EXPECT_EQ(out_,
            "  reader will wait for test.index/1\n"
            "  store verified 3 ms · loaded · index verified 2 ms · \n"
            "  store: serving 2 after 9 ms\n"
            "  note: w\n"
            "  index: no longer serving 1 after 9 ms\n"
            "  draining 1: 1 request\n"
            "  generation 13\n");
  EXPECT_EQ(host.asked(), std::vector<std::string>{"POST /v1/apply?progress=1 HTTP/1.1"});
  EXPECT_NE(host.bodies().at(0).find(R"("generation":9)"), std::string::npos) << host.bodies().at(0);
}

TEST_F(PlanTest, AStalePlanHasItsOwnExitCode) {
  const std::string error = R"({"error":{"code":"stale","message":"decided on generation 4, but 5 runs"}})";
  EXPECT_EQ(answered(FakeHost::json(409, error), {"apply", write("p.yaml", kYaml), "--json"}), Exit::kStale);
  EXPECT_EQ(answered(FakeHost::chunked({error + "\n"}), {"apply", write("p.yaml", kYaml)}), Exit::kStale);
  EXPECT_EQ(err_, "revengectl: decided on generation 4, but 5 runs\n");
}

TEST_F(PlanTest, AFileThatIsNoPlanIsNotSent) {
  const FakeHost host("");
  for (const auto& [name, text, why] :
       {std::tuple{"a.yaml", "changes: [", "a.yaml:1: "},
        {"b.json", "changes: []", "b.json:1: "},
        {"c.yaml", "- plugin: a\n", "expected an object with the key changes"}}) {
    for (const char* verb : {"plan", "apply"}) {
      EXPECT_EQ(ask(host, {verb, write(name, text)}), Exit::kUsage) << name;
      EXPECT_NE(err_.find(why), std::string::npos) << err_;
    }
  }
  EXPECT_EQ(ask(host, {"plan", folder_ / "none.yaml"}), Exit::kUsage);
  EXPECT_NE(err_.find("none.yaml: No such file or directory"), std::string::npos) << err_;
  EXPECT_EQ(ask(host, {"plan", write("d.yaml", std::string(2'000'000, ' '))}), Exit::kUsage);
  EXPECT_EQ(ask(host, {"plan", folder_}), Exit::kUsage);
  EXPECT_TRUE(host.asked().empty());
}

TEST_F(PlanTest, OnlyFoldersOfSwapsAreTouched) {
  const auto plan = readPlan(
      write("p.json", R"({"changes":[{"plugin":"a","swap":"/abs/x"},{"plugin":"b","config":{"swap":"x"}},
        {"swap":""},{"swap":3},7],"more":1})"),
      5);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(*plan, R"({"changes":[{"plugin":"a","swap":"/abs/x"},{"plugin":"b","config":{"swap":"x"}},)"
                   R"({"swap":""},{"swap":3},7],"more":1,"generation":5})");
  EXPECT_TRUE(readPlan(write("q.json", R"({"changes":{"swap":"x"}})"), {}));
}

TEST_F(PlanTest, WhyIsAnIndentedTree) {
  const FakeHost host(FakeHost::json(200, R"({"text":"reader 1 is waiting: needs x","behind":[
    {"text":"needs x","behind":[{"text":"store 1 is failed: disk\nfull","behind":[]}]}]})"));
  EXPECT_EQ(ask(host, {"why", "reader"}), Exit::kOk);
  EXPECT_EQ(out_,
            "  reader 1 is waiting: needs x\n"
            "  <- needs x\n"
            "    <- store 1 is failed: disk\\nfull\n");
  EXPECT_EQ(host.asked(), std::vector<std::string>{"GET /v1/plugins/reader/why HTTP/1.1"});
}

constexpr const char* kGraph = R"json({"generation":1,"plugins":[
  {"id":"cache","version":"2.0.0","state":"running"},{"id":"index","version":"1.0.0","state":"running"},
  {"id":"reader","version":"1.0.0","state":"waiting"},{"id":"store","version":"1.0.0","state":"running"},
  {"id":"x","version":"","state":"refused"},{"id":"y","version":"1","state":"refused"}],"links":[
  {"consumer":"index","provider":"store","interface":"test.store/1","optional":false,"why":""},
  {"consumer":"reader","provider":"index","interface":"test.index/1","optional":false,"why":""},
  {"consumer":"cache","provider":"index","interface":"test.index/1","optional":true,"why":""},
  {"consumer":"reader","provider":"","interface":"test.gone/1","optional":false,"why":"which no plugin \"offers\""},
  {"consumer":"x","provider":"y","interface":"a/1","optional":false,"why":""},
  {"consumer":"y","provider":"x","interface":"b/1","optional":false,"why":""}]})json";

TEST_F(PlanTest, GraphShowsProvidersBelowTheirConsumers) {
  EXPECT_EQ(answered(FakeHost::json(200, kGraph), {"graph"}), Exit::kOk);
  EXPECT_EQ(out_,
            "  cache 2.0.0  running\n"
            "    test.index/1 (optional): index 1.0.0  running\n"
            "      test.store/1: store 1.0.0  running\n"
            "  reader 1.0.0  waiting\n"
            "    test.index/1: index 1.0.0  running  (see above)\n"
            "    test.gone/1: nobody: which no plugin \"offers\"\n"
            "  x  refused\n"
            "    a/1: y 1  refused\n"
            "      b/1: x  refused  (see above)\n");
  EXPECT_EQ(answered(FakeHost::json(200, R"({"plugins":[]})"), {"graph"}), Exit::kOk);
  EXPECT_EQ(out_, "  no plugins\n");
}

TEST_F(PlanTest, DotEscapesNames) {
  EXPECT_EQ(answered(FakeHost::json(200, R"json({"plugins":[{"id":"a\"\\\n","version":"1","state":"running"}],
    "links":[{"consumer":"a","provider":"b","interface":"i/1","optional":true},
             {"consumer":"a","provider":"","interface":"j/1","optional":false,"why":"w"}]})json"),
                     {"graph", "--dot"}),
            Exit::kOk);
  EXPECT_EQ(out_,
            "digraph revenge {\n"
            "  rankdir=LR;\n"
            "  node [shape=box];\n"
            R"(  "a\"\\\\n" [label="a\"\\\\n 1", xlabel="running"];)"
            "\n"
            R"(  "a" -> "b" [label="i/1", style=dashed];)"
            "\n"
            R"(  "nobody offers j/1" [shape=plaintext];)"
            "\n"
            R"(  "a" -> "nobody offers j/1" [color=red];)"
            "\n}\n");
}

TEST_F(PlanTest, ADeepTreeIsCutAndNotFollowedForEver) {
  document::Array plugins;
  document::Array links;
  for (int i = 0; i < 100'000; ++i) {
    document::Value plugin;
    plugin.set("id", fmt::format("p{}", i));
    plugins.push_back(std::move(plugin));
    document::Value link;
    link.set("consumer", fmt::format("p{}", i));
    link.set("provider", fmt::format("p{}", i + 1));
    links.push_back(std::move(link));
  }
  document::Value graph;
  graph.set("plugins", std::move(plugins));
  graph.set("links", std::move(links));
  const std::string shown = showGraph(graph, Colours::kOff);
  EXPECT_NE(shown.find("p64  (see below)\n  p64\n"), std::string::npos) << shown.substr(0, 9000);
  EXPECT_NE(shown.find(": p99999\n"), std::string::npos);
}

}  // namespace
}  // namespace revenge::ctl
