#include "revengectl/run.hpp"

#include <gtest/gtest.h>

#include "revengectl/tests/run_fixture.hpp"

namespace revenge::ctl {
namespace {

constexpr const char* kListing = R"json({"generation":7,"plugins":[
  {"id":"stream","version":"0.2.0","state":"running","note":"","gate":{"flag":"stream","says":"on","closed":""},"instances":[
    {"load":2,"version":"0.2.0","state":"running","note":"","inside":3,"since":0,"holders":[]},
    {"load":1,"version":"0.1.0","state":"draining","note":"replaced by 0.2.0","inside":1,"since":0,
     "holders":["1 event stream (41 min)"]
}]
},
  {"id":"metadata-tmdb","version":"0.10.0","state":"failed","note":"start: no\u001b[2J space\nleft \u202e",
   "gate":{"flag":"tmdb","says":"off","closed":"x"},"instances":[]}]
})json";

TEST_F(RunTest, ListsPluginsAndBelowThemWhatStillDrains) {
  EXPECT_EQ(answered(FakeHost::json(200, kListing)), Exit::kOk);
  EXPECT_EQ(out_,
            "  PLUGIN         VERSION  STATE     GATE         REQ/S  ERR  P99  CPU  INSIDE  NOTE\n"
            "  stream         0.2.0    running   stream (on)  0      0    -    0 %  3\n"
            "    load 1       0.1.0    draining               -      -    -    -    1       replaced by "
            "0.2.0; held by 1 event "
            "stream (41 min)\n"
            "  metadata-tmdb  0.10.0   failed    tmdb (off)   -      -    -    -    -       start: "
            "no\\x1b[2J space\\nleft \\u{202e}\n");
  EXPECT_EQ(err_, "");
}

TEST_F(RunTest, ColoursStatesWithoutMovingColumns) {
  colours_ = Colours::kOn;
  EXPECT_EQ(answered(FakeHost::json(200, kListing)), Exit::kOk);
  EXPECT_NE(out_.find("\n  stream         0.2.0    \x1b[32mrunning\x1b[0m   stream (on)  0  "),
            std::string::npos)
      << out_;
}

TEST_F(RunTest, JsonIsTheAnswerAsItIs) {
  EXPECT_EQ(answered(FakeHost::json(200, R"({"plugins":[]})"), {"list", "--json"}), Exit::kOk);
  EXPECT_EQ(out_, "{\"plugins\":[]}\n");
}

TEST_F(RunTest, ShowsOnePlugin) {
  const FakeHost host(FakeHost::json(200, R"({"id":"stream","version":"0.1.0","description":"Plays.",
    "state":"running","wanted":true,"note":"","folder":"/p/stream","sha256":"ab","rollback":null,"since":5,
    "restarts":0,"instances":[{"load":1,"version":"0.1.0","state":"running","note":"","inside":0,"since":5.5,
    "holders":[]}]})"));
  EXPECT_EQ(ask(host, {"show", "a b/c"}), Exit::kOk);
  EXPECT_EQ(host.asked(), std::vector<std::string>{"GET /v1/plugins/a%20b%2Fc HTTP/1.1"});
  EXPECT_EQ(out_,
            "  stream 0.1.0  running\n"
            "  description   Plays.\n"
            "  wanted        yes\n"
            "  since         1970-01-01 00:00:05\n"
            "  folder        /p/stream\n"
            "  sha256        ab\n"
            "  rollback to   -\n"
            "\n"
            "  LOAD  VERSION  STATE    INSIDE  SINCE                NOTE\n"
            "  1     0.1.0    running  0       1970-01-01 00:00:05\n");
}

TEST_F(RunTest, SwapTellsEachStepAndWhatStillDrains) {
  const FakeHost host(FakeHost::chunked(
      {"{\"step\":\"loaded\",\"took_ms\":3.2}\n{\"step\":\"config", "ured\",\"took_ms\":0.1}\n",
       "{\"step\":\"started\",\"took_ms\":1.9}\n{\"step\":\"healthy\",\"took_ms\":0}\n",
       "{\"id\":\"stream\",\"from\":\"0.1.0\",\"to\":\"0.2.0\",\"took_ms\":11.2,\"warnings\":[],"
       "\"draining\":[\"1 event stream (41 min)\",\"2 requests\"]}\n"}));
  EXPECT_EQ(ask(host, {"swap", "stream", "/new dir"}), Exit::kOk);
  EXPECT_EQ(out_,
            "  loaded 3 ms · configured · started 2 ms · healthy · serving 0.2.0 after 11 ms\n"
            "  draining 0.1.0: 1 event stream (41 min); 2 requests\n");
  EXPECT_EQ(host.asked(),
            std::vector<std::string>{"POST /v1/plugins/stream/swap?path=%2Fnew%20dir&progress=1 HTTP/1.1"});
}

TEST_F(RunTest, SwapMakesItsPathAbsolute) {
  const FakeHost host(FakeHost::json(200, R"({"id":"stream","from":"","to":"1"})"));
  EXPECT_EQ(ask(host, {"swap", "stream", "x", "--json"}), Exit::kOk);
  const std::string path = (std::filesystem::current_path() / "x").string();
  std::string encoded;
  for (const char c : path) encoded += c == '/' ? "%2F" : std::string(1, c);
  ASSERT_EQ(host.asked().size(), 1U);
  EXPECT_NE(host.asked()[0].find(encoded + " HTTP"), std::string::npos) << host.asked()[0];
}

TEST_F(RunTest, SwapThatFailsAfterSomeStepsSaysWhyAndEndsItsLine) {
  const FakeHost host(FakeHost::chunked({"{\"step\":\"loaded\",\"took_ms\":3}\n",
                                         R"({"error":{"code":"failed","message":"start: disk\u0007 full"}})"
                                         "\n"}));
  EXPECT_EQ(ask(host, {"swap", "stream", "/x"}), Exit::kFailed);
  EXPECT_EQ(out_, "  loaded 3 ms · \n");
  EXPECT_EQ(err_, "revengectl: start: disk\\x07 full\n");
}

TEST_F(RunTest, DisableFirstSaysWhoWillWait) {
  const FakeHost host(FakeHost::chunked(
      {"{\"note\":\"reader will wait for test.store/1\"}\n{\"note\":\"index will\\nwait\"}\n",
       R"({"id":"store","from":"1.0.0","to":"","took_ms":6,"waiting":["reader will wait for test.store/1"]})"
       "\n"}));
  EXPECT_EQ(ask(host, {"disable", "store"}), Exit::kOk);
  EXPECT_EQ(out_,
            "  reader will wait for test.store/1\n"
            "  index will\\nwait\n"
            "  no longer serving 1.0.0 after 6 ms\n");
}

TEST_F(RunTest, OperationsCarryTheGenerationTheyWereDecidedOn) {
  const FakeHost host(FakeHost::json(200, "{\"id\":\"a\",\"from\":\"\",\"to\":\"1\"}\n"));
  EXPECT_EQ(ask(host, {"enable", "a", "--generation", "7"}), Exit::kOk);
  EXPECT_EQ(ask(host, {"swap", "a", "/x", "--generation=8", "--json"}), Exit::kOk);
  EXPECT_EQ(host.asked(),
            (std::vector<std::string>{"POST /v1/plugins/a/enable?generation=7&progress=1 HTTP/1.1",
                                      "POST /v1/plugins/a/swap?path=%2Fx&generation=8 HTTP/1.1"}));
}

TEST_F(RunTest, TellsHowEveryOtherOperationEnded) {
  const auto report = [](const std::string& members) {
    return FakeHost::chunked({"{\"id\":\"stream\"," + members + "}\n"});
  };
  EXPECT_EQ(answered(report(R"("from":"0.1.0","to":"","took_ms":6)"), {"disable", "stream"}), Exit::kOk);
  EXPECT_EQ(out_, "  no longer serving 0.1.0 after 6 ms\n");
  EXPECT_EQ(answered(report(R"("from":"1","to":"2","took_ms":9,"held_ms":3.2)"), {"swap", "stream", "/x"}),
            Exit::kOk);
  EXPECT_EQ(out_, "  serving 2 after 9 ms, callers waited 3 ms\n");
  EXPECT_EQ(answered(report(R"("from":"","to":"","took_ms":0)"), {"disable", "stream"}), Exit::kOk);
  EXPECT_EQ(out_, "  was not serving\n");
  EXPECT_EQ(answered(report(R"("from":"1","to":"1","took_ms":0,"warnings":["nothing changed"])"),
                     {"reload", "stream"}),
            Exit::kOk);
  EXPECT_EQ(out_, "  serving 1\n  note: nothing changed\n");
  EXPECT_EQ(answered(report(R"("from":"2","to":"1","took_ms":1500)"), {"rollback", "stream"}), Exit::kOk);
  EXPECT_EQ(out_, "  serving 1 after 1.50 s\n");
}

TEST_F(RunTest, TheErrorOfTheHostDecidesTheExitCode) {
  const std::pair<const char*, Exit> codes[] = {{"not_found", Exit::kNotFound}, {"busy", Exit::kBusy},
                                                {"timed_out", Exit::kTimedOut}, {"stale", Exit::kStale},
                                                {"refused", Exit::kFailed},     {"failed", Exit::kFailed},
                                                {"unavailable", Exit::kFailed}};
  for (const auto& [code, exit] : codes) {
    const auto error = fmt::format(R"({{"error":{{"code":"{}","message":"why"}}}})", code);
    EXPECT_EQ(answered(FakeHost::json(409, error), {"enable", "x"}), exit) << code;
    EXPECT_EQ(err_, "revengectl: why\n");
    EXPECT_EQ(answered(FakeHost::json(409, error), {"enable", "x", "--json"}), exit) << code;
    EXPECT_EQ(out_, error + "\n");
    EXPECT_EQ(err_, "revengectl: why\n");
  }
  EXPECT_EQ(answered(FakeHost::json(504, "late\n", "text/plain"), {"enable", "x"}), Exit::kTimedOut);
}

TEST_F(RunTest, UnreachableHostNamesSocketAndRemedy) {
  EXPECT_EQ(ask("/nonexistent/r.sock", {"list"}), Exit::kUnreachable);
  EXPECT_EQ(err_,
            "revengectl: cannot reach the host at /nonexistent/r.sock: No such file or directory; is it "
            "running? start it with tools/run, or name its socket with --socket or REVENGE_SOCKET\n");
  EXPECT_EQ(ask("/" + std::string(200, 'x'), {"list"}), Exit::kUnreachable);
  EXPECT_NE(err_.find("longer than a socket's may be"), std::string::npos) << err_;
}

TEST_F(RunTest, AsksTheSocketOfTheEnvironmentUnlessTold) {
  const FakeHost host(FakeHost::json(202, R"({"stopping":true})"));
  const std::vector<std::string> words{"stop"};
  const auto into_out = [this](std::string_view text) { out_ += text; };
  EXPECT_EQ(run(words, {.clock = clock_, .socket = host.socket(), .out = into_out, .err = into_out}),
            Exit::kOk);
  EXPECT_EQ(out_, "  stopping\n");
  EXPECT_EQ(host.asked(), std::vector<std::string>{"POST /v1/stop HTTP/1.1"});
}

TEST_F(RunTest, GarbageIsAFailureAndNeverAWait) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  for (const std::string& bytes :
       {std::string("SSH-2.0-OpenSSH\r\n"), std::string(), std::string("HTTP/1.1 2x0 OK\r\n\r\n{}"),
        head + "no field\r\n\r\n", head + "Content-Length: -1\r\n\r\n", head + "Content-Length: 5\r\n\r\n{}",
        head + "Transfer-Encoding: gzip\r\n\r\n", head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx",
        head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}", FakeHost::json(200, "[]"),
        FakeHost::json(200, "{\"a\":"), FakeHost::json(200, "\xff"), FakeHost::json(500, "oops"),
        head + "X: " + std::string(100'000, 'x')}) {
    EXPECT_EQ(answered(bytes), Exit::kFailed) << bytes.substr(0, 80);
    EXPECT_EQ(out_, "");
    EXPECT_TRUE(err_.starts_with("revengectl: ")) << err_;
  }
}

TEST_F(RunTest, HangingHostIsGivenUpAtTheDeadline) {
  for (const std::string& begin :
       {std::string(), std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")}) {
    const FakeHost host(begin, FakeHost::Then::kHold);
    EXPECT_EQ(ask(host, {"list", "--timeout", "0.05"}), Exit::kTimedOut);
    EXPECT_EQ(err_, fmt::format("revengectl: the host at {} did not answer within 0.05 s (--timeout)\n",
                                host.socket()));
  }
}

TEST_F(RunTest, EventsAreShownALineEach) {
  const std::string event =
      R"({"sequence":4,"time":61.25,"kind":"plugin.state","plugin":"s","text":"s: a -> b\n","attributes":{}})"
      "\n";
  const FakeHost host(FakeHost::json(200, "{\"missed\":3}\n" + event, "application/x-ndjson"));
  EXPECT_EQ(ask(host, {"events", "--from", "4"}), Exit::kOk);
  EXPECT_EQ(out_,
            "  ... 3 events fell out of the host's memory\n"
            "       4  00:01:01.250  plugin.state      s: a -> b\\n\n");
  EXPECT_EQ(ask(host, {"events", "--json", "--follow"}), Exit::kOk);
  EXPECT_EQ(out_, "{\"missed\":3}\n" + event);
  EXPECT_EQ(host.asked()[1], "GET /v1/events?from=0&follow=1 HTTP/1.1");
}

TEST_F(RunTest, EndOfAFollowedStreamIsSaid) {
  const std::string whole = FakeHost::chunked({"{\"missed\":1}\n"});
  EXPECT_EQ(answered(whole.substr(0, whole.size() - 5), {"events", "--follow"}), Exit::kFailed);
  EXPECT_EQ(err_, "revengectl: the host has ended the stream\n");
}

TEST_F(RunTest, StatusIsOneLine) {
  EXPECT_EQ(
      answered(FakeHost::json(200, R"({"version":"0.1.0","pid":7,"generation":2,"live":true,"ready":false,
    "degraded":true,"urls":["http://127.0.0.1:8096"]})"),
               {"status"}),
      Exit::kOk);
  EXPECT_EQ(out_, "  revenge 0.1.0   not ready   pid 7   http://127.0.0.1:8096\n");
}

TEST_F(RunTest, WrongCommandLineAsksNobody) {
  const FakeHost host("");
  EXPECT_EQ(ask(host, {"swap", "stream"}), Exit::kUsage);
  EXPECT_EQ(err_, "revengectl: expected: revengectl swap ID PATH; see revengectl --help\n");
  EXPECT_EQ(ask(host, {"\x1b[31m"}), Exit::kUsage);
  EXPECT_EQ(err_, "revengectl: unknown command '\\x1b[31m'; see revengectl --help\n");
  EXPECT_EQ(ask(host, {"version"}), Exit::kOk);
  EXPECT_TRUE(host.asked().empty());
}

TEST(Escaped, ShowsWhatIsNoUtf8AsBytes) {
  EXPECT_EQ(escaped("caf\u00e9 \xff\xc3"), "caf\u00e9 \\xff\\xc3");
  EXPECT_EQ(escaped("\xed\xa0\x80\xc0\xaf\xc2\x9b"), "\\xed\\xa0\\x80\\xc0\\xaf\\u{9b}");
  EXPECT_EQ(escaped(escaped("a\nb")), escaped("a\nb"));
}

}  // namespace
}  // namespace revenge::ctl
