#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace revenge {
namespace {

using testing::Ask;
using testing::FakeHost;
using testing::Reply;

class Wired : public Plugin<> {
 public:
  using Plugin::host;
  std::string left;  // written by the locals of coroutines as they end
};

struct TaskTest : ::testing::Test {
  FakeHost fake;
  testing::Loaded<Wired> plugin = fake.load<Wired>();
  Http http = plugin->host().http();

  const Reply& upload(const char* target) {
    Ask ask{.method = Method::kPost, .target = target};
    ask.moreFollows = true;
    return fake.send(ask);
  }
};

struct Leaves {
  ~Leaves() { *to += mark; }
  std::string* to;
  char mark;
};

Task<std::string> collect(BodyReader reader) {
  std::string all;
  for (;;) {
    const auto piece = co_await reader.read();
    if (!piece) throw Failure(piece.error());
    if (!*piece) co_return all;
    all += **piece;
  }
}

TEST_F(TaskTest, AnswersWhenTheLastPieceHasCome) {
  http.post("/up/{name}",
            [](const Request& request) -> Task<Response> {
              const std::string body = co_await collect(request.reader());
              co_return text(std::string(request.param("name")) + ":" + body);
            },
            {.body = Body::kStream});
  const Reply& reply = upload("/up/x");
  fake.http().feed(reply, "one");
  fake.http().feed(reply, "two");
  EXPECT_EQ(reply.status, 0);
  fake.http().feed(reply, std::nullopt);
  EXPECT_EQ(reply.body, "x:onetwo");
}

TEST_F(TaskTest, AnswersAtOnceWhatNeverWaits) {
  http.get("/now", [](const Request&) -> Task<Result<Response>> { co_return fail(Errc::kNotFound, "none"); });
  EXPECT_EQ(fake.get("/now").status, 404);
}

TEST_F(TaskTest, Answers500AndLogsWhenACoroutineThrows) {
  http.get("/bad", [](const Request&) -> Task<Response> {
    throw std::runtime_error("torn");
    co_return empty();
  });
  EXPECT_EQ(fake.get("/bad").status, 500);
  EXPECT_TRUE(fake.hasLogged("torn"));
}

TEST_F(TaskTest, WaitsForRoomInAStreamAndHearsThatTheClientHasLeft) {
  std::optional<Stream> stream;
  http.get("/s",
           [&](const Request&, Responder responder) { stream = std::move(*responder.stream(text(""))); });
  const Reply& reply = fake.get("/s");
  fake.http().setFull(reply, true);
  std::vector<bool> written;
  run(plugin->host(), [](Stream& out, std::vector<bool>& to) -> Task<> {
    for (const char* piece : {"a", "b", "c"}) to.push_back((co_await out.write(piece)).has_value());
  }(*stream, written));
  EXPECT_EQ(written, (std::vector<bool>{}));
  fake.http().setFull(reply, false);
  EXPECT_EQ(written, (std::vector{true, true, true}));
  EXPECT_EQ(reply.body, "abc");
  fake.http().leave(reply);
  run(plugin->host(), [](Stream& out, std::vector<bool>& to) -> Task<> {
    to.push_back((co_await out.write("d")).has_value());
  }(*stream, written));
  EXPECT_FALSE(written.back());
}

TEST_F(TaskTest, CompletesCancelledBeforeTheInstanceIsDestroyed) {
  std::string* left = &plugin->left;
  std::string seen;
  http.post("/up",
            [left, &seen](const Request& request) -> Task<Response> {
              const Leaves leaves{left, 'L'};
              const auto piece = co_await request.reader().read();
              seen = piece ? "piece" : std::to_string(static_cast<int>(piece.error().code));
              co_return empty();
            },
            {.body = Body::kStream});
  const Reply& reply = upload("/up");
  EXPECT_EQ(seen, "");
  plugin.unload();
  EXPECT_EQ(seen, std::to_string(static_cast<int>(Errc::kCancelled)));
  EXPECT_EQ(reply.status, 204);
}

struct Never {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  void await_resume() const noexcept {}
};

// Its coroutine's locals write to a member when they end: the member must still be there.
class Suspended : public Plugin<> {
 public:
  explicit Suspended(Host& host) {
    run(host, [](std::string* to) -> Task<> {
      const Leaves outer{to, 'o'};
      co_await [](std::string* inner) -> Task<> {
        const Leaves leaves{inner, 'i'};
        co_await Never();
      }(to);
    }(&left_));
  }
  ~Suspended() override { atEnd = left_; }
  static std::string atEnd;

 private:
  std::string left_;
};
std::string Suspended::atEnd;

TEST_F(TaskTest, DestroysWhatStillWaitsBeforeThePluginObjectInnermostFirst) {
  {
    auto loaded = fake.load<Suspended>();
  }
  EXPECT_EQ(Suspended::atEnd, "io");
}

}  // namespace
}  // namespace revenge
