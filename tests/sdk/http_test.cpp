#include <fstream>

#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace revenge {
namespace {

using testing::Ask;
using testing::FakeHost;
using testing::Reply;

// Lets each test wire the plugin in place.
class Wired : public Plugin<> {
 public:
  using Plugin::host;
};

struct HttpTest : ::testing::Test {
  FakeHost fake;
  testing::Loaded<Wired> plugin = fake.load<Wired>();
  Http http = plugin->host().http();
};

TEST_F(HttpTest, AnswersWithStatusTypeHeadersAndBody) {
  http.get("/film/{id}", [](const Request& request) {
    return json("{\"id\": \"" + std::string(request.param("id")) + "\"}")
        .withStatus(203)
        .withHeader("x-a", "b");
  });
  const Reply& reply = fake.get("/film/a%20b");
  EXPECT_EQ(reply.status, 203);
  EXPECT_EQ(reply.contentType, "application/json");
  EXPECT_EQ(reply.body, "{\"id\": \"a b\"}");
  EXPECT_EQ(reply.headers.at("x-a"), "b");
}

TEST_F(HttpTest, ReadsEveryPartOfARequest) {
  std::string seen;
  http.post("/x/{rest...}", [&](const Request& request) {
    seen = std::string(request.param("rest")) + "|" + std::string(*request.query("q")) + "|" +
           std::string(*request.header("accept")) + "|" + std::string(request.body()) + "|" +
           std::string(request.remoteAddress()) + "|" + std::string(request.call().requestId()) + "|" +
           std::string(request.call().userKey());
    EXPECT_EQ(request.query("none"), std::nullopt);
    EXPECT_THROW(request.param("none"), Failure);
    EXPECT_EQ(request.contentLength(), 4U);
    return empty();
  });
  Ask ask{.method = Method::kPost, .target = "/x/a/b?q=1%2B1"};
  ask.headers = {{"accept", "*/*"}};
  ask.body = "body";
  ask.userKey = "alice";
  EXPECT_EQ(fake.send(ask).status, 204);
  EXPECT_EQ(seen, "a/b|1+1|*/*|body|192.0.2.1|test-1|alice");
}

TEST_F(HttpTest, TurnsFailuresIntoTheirStatusAndHidesInternalOnes) {
  http.get("/{code}", [](const Request& request) -> Result<Response> {
    const std::string_view code = request.param("code");
    if (code == "missing") return fail(Errc::kNotFound, "no film of that name");
    if (code == "busy") return fail(Errc::kLimit, "too many");
    throw std::runtime_error("secret");
  });
  EXPECT_EQ(fake.get("/missing").status, 404);
  EXPECT_EQ(fake.get("/missing").body, "no film of that name");
  EXPECT_EQ(fake.get("/busy").status, 429);
  EXPECT_EQ(fake.get("/other").status, 500);
  EXPECT_EQ(fake.get("/other").body, "internal error");
  EXPECT_EQ(fake.get("/other").error, "secret");
}

TEST_F(HttpTest, MovesALargeBodyWithoutCopyingAndReleasesIt) {
  const std::string large(1'000'000, 'x');
  http.get("/large", [&](const Request&) { return text(large); });
  EXPECT_EQ(fake.get("/large").body, large);
}

TEST_F(HttpTest, SendsARegionOfAFileAndAnswers404ForAMissingOne) {
  const std::string path = (fake.folder() / "film").string();
  std::ofstream(path) << "0123456789";
  http.get("/film", [&](const Request&) -> Result<Response> {
    Result<Response> response = file(path, "video/x-matroska");
    if (!response) return response;
    return std::move(*response).withRegion(2, 5).withSession("s1");
  });
  http.get("/none", [&](const Request&) { return file(path + "x", "video/x-matroska"); });
  EXPECT_EQ(fake.get("/film").body, "23456");
  EXPECT_EQ(fake.get("/film").session, "s1");
  EXPECT_EQ(fake.get("/none").status, 404);
}

TEST_F(HttpTest, PassesTheTraceOfACallOn) {
  auto origin = boundary::sized<revenge_origin>();
  origin.trace_flags = 3;
  origin.trace_id_high = 0x4bf92f3577b34da6;
  origin.trace_id_low = 0xa3ce929d0e0e4736;
  origin.span_id = 0x00f067aa0ba902b7;
  revenge_call raw{};
  EXPECT_EQ(Call(plugin->host(), &raw).traceparent(), "");
  raw.origin = &origin;
  EXPECT_EQ(Call(plugin->host(), &raw).traceparent(),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03");
  origin.trace_id_high = origin.trace_id_low = 0;
  EXPECT_EQ(Call(plugin->host(), &raw).traceparent(), "");
}

TEST_F(HttpTest, AnswersLaterThroughAResponder) {
  std::optional<Responder> kept;
  http.get("/later", [&](const Request&, Responder responder) { kept = std::move(responder); });
  const Reply& reply = fake.get("/later");
  EXPECT_EQ(reply.status, 0);
  EXPECT_EQ(kept->call().requestId(), "test-1");
  EXPECT_TRUE(kept->send(text("done")));
  EXPECT_EQ(reply.body, "done");
  EXPECT_EQ(kept->send(text("twice")).error().code, Errc::kGone);
}

TEST_F(HttpTest, Answers500AtOnceForADroppedResponder) {
  http.get("/drop", [](const Request&, const Responder&) {});
  http.get("/throw", [](const Request&, Responder) { throw std::runtime_error("oops"); });
  EXPECT_EQ(fake.get("/drop").body, "dropped");
  EXPECT_EQ(fake.get("/drop").status, 500);
  EXPECT_EQ(fake.get("/throw").status, 500);
}

TEST_F(HttpTest, StreamsUntilClosedAndCutsADroppedStream) {
  http.get("/{how}", [](const Request& request, Responder responder) {
    const bool well = request.param("how") == "well";
    Result<Stream> stream = responder.stream(content("text/event-stream", ""));
    EXPECT_TRUE(stream->write("a").wait());
    EXPECT_TRUE(stream->event({.data = "b", .name = "n"}).wait());
    if (well) stream->close();
  });
  EXPECT_EQ(fake.get("/well").body, "aevent: n\ndata: b\n\n");
  EXPECT_TRUE(fake.get("/well").complete);
  EXPECT_TRUE(fake.get("/cut").cut);
  EXPECT_FALSE(fake.get("/cut").complete);
}

TEST_F(HttpTest, RefusesABlockingWaitWhereTheHostForbidsIt) {
  fake.refuseBlocking();
  Errc seen{};
  http.get("/s", [&](const Request&, Responder responder) {
    Result<Stream> stream = responder.stream(text(""));
    seen = stream->write("a").wait().error().code;
  });
  EXPECT_EQ(fake.get("/s").body, "");
  EXPECT_EQ(seen, Errc::kBusy);
}

TEST_F(HttpTest, TellsOnceThatTheClientHasLeft) {
  int told = 0;
  std::optional<Responder> kept;
  http.get("/wait", [&](const Request&, Responder responder) {
    responder.onClientGone([&](const Call& call) { told += call.requestId() == "test-1" ? 1 : 100; });
    kept = std::move(responder);
  });
  const Reply& left = fake.get("/wait");
  fake.http().leave(left);
  fake.http().leave(left);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(kept->send(text("too late")).error().code, Errc::kGone);
  EXPECT_EQ(fake.get("/wait").status, 0);
  EXPECT_TRUE(kept->send(text("in time")));
  EXPECT_EQ(told, 1);
}

TEST_F(HttpTest, LetsMiddlewareAnswerRefuseOrPassInOrder) {
  http.get("/private/x", [](const Request&) { return text("x"); });
  http.before("second",
              [](const Request& request) -> Result<std::optional<Response>> {
                EXPECT_TRUE(request.addHeader("x-second", "yes"));
                return std::nullopt;
              },
              {.order = 2});
  http.before("guard",
              [](const Request& request) -> Result<std::optional<Response>> {
                if (request.query("key") == "open") return std::nullopt;
                if (request.query("key")) return fail(Errc::kRefused, "wrong key");
                return empty(401);
              },
              {.prefix = "/private", .order = 1});
  EXPECT_EQ(fake.get("/private/x").status, 401);
  EXPECT_EQ(fake.get("/private/x?key=no").status, 403);
  EXPECT_EQ(fake.get("/private/x?key=no").headers.count("x-second"), 0U);
  EXPECT_EQ(fake.get("/private/x?key=open").headers.at("x-second"), "yes");
}

TEST_F(HttpTest, HearsHowResponsesWithASessionEnded) {
  std::string heard;
  http.onFinished([&](const Finished& finished) {
    heard = std::string(finished.session) + " " + std::to_string(finished.bytesSent) +
            (finished.complete ? " whole" : " cut");
  });
  http.get("/f", [](const Request&) { return text("abc").withSession("s7"); });
  fake.http().finished(fake.get("/f"), 2, false);
  EXPECT_EQ(heard, "s7 2 cut");
}

TEST_F(HttpTest, KeepsARouteUntilItsOwnerEndsIt) {
  http.get("/kept", [](const Request&) { return text("kept"); });
  {
    const Route route = http.get("/owned", [](const Request&) { return text("owned"); });
    EXPECT_EQ(fake.get("/owned").status, 200);
  }
  EXPECT_EQ(fake.get("/owned").status, 404);
  EXPECT_EQ(fake.get("/kept").status, 200);
  plugin.unload();
  EXPECT_EQ(fake.http().registrations(), 0U);
}

}  // namespace
}  // namespace revenge
