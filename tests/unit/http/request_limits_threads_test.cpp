// Limits of one request, word of its end, and middleware that waits without a thread.
#include <latch>
#include <mutex>
#include <thread>

#include "unit/http/server_fixture.hpp"

namespace revenge::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RequestLimit : public ServerTest {
 protected:
  void addBefore(Handler before, Execution execution = Execution::kInline, std::int32_t order = 0) {
    middleware_.push_back({.name = "m" + std::to_string(order),
                           .order = order,
                           .owner = plugin(),
                           .before = std::move(before),
                           .execution = execution});
  }
  void addLimit(RequestLimits limits, Execution execution = Execution::kInline) {
    addBefore(
        [limits](Exchange& exchange, revenge_error&) {
          const auto limited = exchange.exchanges().limit(exchange.owner(), exchange.handle(), limits);
          return limited ? REVENGE_OK : REVENGE_FAILED;
        },
        execution);
  }
  void addTelling() {
    addBefore([](Exchange& exchange, revenge_error&) {
      const auto told = exchange.exchanges().tellEnd(exchange.owner(), exchange.handle(), "p", 7);
      return told ? REVENGE_OK : REVENGE_FAILED;
    });
  }
  // Defers each request and hands its responder to the test.
  void addWaiting(std::int32_t order = 0) {
    addBefore(
        [this](Exchange& exchange, revenge_error&) {
          waiting_.set_value(*exchange.exchanges().defer(exchange.owner(), exchange.handle()));
          return REVENGE_OK;
        },
        Execution::kInline, order);
  }
  void addPost(BodyMode mode) {
    routes_.push_back(
        {.method = Method::kPost,
         .pattern = "/post",
         .owner = plugin(),
         .handle = [](Exchange& exchange,
                      revenge_error&) { return answer(exchange, text(exchange.request().body)); },
         .execution = Execution::kInline,
         .body = mode});
  }
  void addHanging() {
    add("/later", [this](Exchange& exchange, revenge_error&) {
      waiting_.set_value(*exchange.exchanges().defer(exchange.owner(), exchange.handle()));
      return REVENGE_OK;
    });
  }
  Handle responder() { return waiting_.get_future().get(); }
  Client ask(const std::string& target) {
    Client client = connect();
    client.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    return client;
  }
  // An end of what it sends alone might be a client that still reads.
  static void reset(Client& client) {
    const linger now{1, 0};
    ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    client.close();
  }
  void pass(base::Duration time) {
    for (base::Duration passed{}; passed < time; passed += milliseconds(50)) {
      scheduler_.advance(milliseconds(50));
      letLoopsFollow(reactor_);
    }
  }
  Reply readWhileTimePasses(Client& client) {
    std::promise<Reply> reply;
    auto read = reply.get_future();
    std::thread reader([&] { reply.set_value(client.read()); });
    advanceUntil([&] { return read.wait_for(milliseconds(0)) == std::future_status::ready; });
    reader.join();
    return read.get();
  }
  RequestEnd end() {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (ends().empty() && std::chrono::steady_clock::now() < until) letLoopsFollow(reactor_);
    EXPECT_EQ(ends().size(), 1U);
    return ends().empty() ? RequestEnd{} : ends().front();
  }

  std::promise<Handle> waiting_;
};

TEST_F(RequestLimit, ShowsWhenTheHeadWasThere) {
  std::int64_t received = 0;
  add("/a", [&](Exchange& exchange, revenge_error&) {
    received = exchange.request().received_ns;
    return answer(exchange, "x");
  });
  start();
  scheduler_.advance(seconds(3));
  connect().get("/a");
  EXPECT_EQ(received, clock_.now().time_since_epoch().count());
}

TEST_F(RequestLimit, ShowsHowLongTheRoutesWorkersLetWait) {
  std::latch leave(1);
  std::latch busy(4);
  std::vector<std::int64_t> seen;
  std::vector<std::uint64_t> queues;
  addBefore([&](Exchange& exchange, revenge_error&) {
    if (text(exchange.request().path) == "/blocked") return REVENGE_OK;
    seen.push_back(exchange.request().queue_delay_ns);
    queues.push_back(exchange.request().queue);
    return REVENGE_OK;
  });
  add(
      "/blocked",
      [&](Exchange& exchange, revenge_error&) {
        busy.count_down();
        leave.wait();
        return answer(exchange, "x");
      },
      Execution::kWorker);
  add(
      "/worker", [](Exchange& exchange, revenge_error&) { return answer(exchange, "x"); },
      Execution::kWorker);
  addText("/inline", "x");
  start();
  std::vector<Client> blocking;
  for (int i = 0; i < 4; ++i) blocking.push_back(ask("/blocked"));
  busy.wait();
  Client first = ask("/worker");  // nothing waits yet
  while (lanes_.laneStats(lane_)->queued == 0) letLoopsFollow(reactor_);
  letLoopsFollow(reactor_);
  scheduler_.advance(seconds(2));
  connect().get("/inline");
  Client second = ask("/worker");
  while (lanes_.laneStats(lane_)->queued == 1) letLoopsFollow(reactor_);
  leave.count_down();
  EXPECT_EQ(first.read().status, 200);
  EXPECT_EQ(second.read().status, 200);
  for (Client& each : blocking) EXPECT_EQ(each.read().status, 200);
  EXPECT_EQ(seen, (std::vector<std::int64_t>{0, 0, 2'000'000'000}));
  ASSERT_NE(queues[0], 0U);
  EXPECT_EQ(queues, (std::vector{queues[0], std::uint64_t{0}, queues[0]})) << "inline it waits in none";
}

TEST_F(RequestLimit, EndsAHandlerAtTheNearerDeadline) {
  for (const Execution execution : {Execution::kInline, Execution::kWorker}) {
    routes_.clear();
    middleware_.clear();
    waiting_ = {};
    const base::Instant begun = clock_.now();
    addLimit({.deadline_ns = (begun + seconds(2)).time_since_epoch().count()}, execution);
    addHanging();
    start();
    Client client = ask("/later");
    const Handle handle = responder();
    EXPECT_EQ(exchanges().call(instance_, handle)->deadline_ns,
              (begun + seconds(2)).time_since_epoch().count());
    letLoopsFollow(reactor_);
    pass(milliseconds(1900));
    EXPECT_EQ(exchanges().state(handle), CallState::kLive);
    pass(milliseconds(300));
    EXPECT_EQ(exchanges().state(handle), CallState::kTimedOut);
    EXPECT_EQ(client.read().status, 504);
  }
}

TEST_F(RequestLimit, NeverMovesADeadlineLater) {
  addLimit({.deadline_ns = (clock_.now() + seconds(300)).time_since_epoch().count()});
  add("/a", [this](Exchange& exchange, revenge_error&) {
    EXPECT_EQ(exchange.call().deadline_ns, (clock_.now() + seconds(30)).time_since_epoch().count());
    return answer(exchange, "x");
  });
  start();
  EXPECT_EQ(connect().get("/a").status, 200);
}

TEST_F(RequestLimit, AnswersAtOnceWhatIsLateAlready) {
  addLimit({.deadline_ns = 0});
  add("/a", [](Exchange&, revenge_error&) -> revenge_status {
    ADD_FAILURE() << "a late request reached its handler";
    return REVENGE_FAILED;
  });
  start();
  EXPECT_EQ(connect().get("/a").status, 504);
}

TEST_F(RequestLimit, HoldsABodyWhileItIsRead) {
  addLimit({.deadline_ns = (clock_.now() + seconds(2)).time_since_epoch().count()});
  addPost(BodyMode::kWhole);
  start();
  Client client = connect();
  client.send("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\npart");
  EXPECT_EQ(readWhileTimePasses(client).status, 504);
}

TEST_F(RequestLimit, RefusesABodyBeyondIt) {
  addLimit({.body_bytes = 4});
  addPost(BodyMode::kWhole);
  start();
  Client client = connect();
  client.send("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
  EXPECT_EQ(client.read().body, "body");
  client.send("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nbody!");
  EXPECT_EQ(client.read().status, 413);
  Client chunked = connect();
  chunked.send("POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbod\r\n2\r\ny!\r\n");
  EXPECT_EQ(chunked.read().status, 413);
}

TEST_F(RequestLimit, LetsAWaitingRequestGoOnToWhatComesBehind) {
  addWaiting(1);
  std::string order;
  addBefore(
      [&](Exchange&, revenge_error&) {
        order += "first";
        return REVENGE_OK;
      },
      Execution::kInline, 0);
  addBefore(
      [&](Exchange&, revenge_error&) {
        order += " last";
        return REVENGE_OK;
      },
      Execution::kWorker, 2);
  addText("/a", "served");
  start();
  Client client = ask("/a");
  const Handle handle = responder();
  letLoopsFollow(reactor_);
  EXPECT_EQ(domain_.instances().insideApprox(instance_),
            1U);  // the middleware's own, nothing of what comes behind
  std::thread other([&] { EXPECT_TRUE(exchanges().resume(instance_, handle)); });
  EXPECT_EQ(client.read().body, "served");
  other.join();
  EXPECT_EQ(order, "first last");
  letLoopsFollow(reactor_);
  EXPECT_EQ(exchanges().resume(instance_, handle).error().code, base::Errc::kGone);
  EXPECT_EQ(domain_.instances().insideApprox(instance_), 0U);
}

TEST_F(RequestLimit, GoesOnWhenMiddlewareLetsItGoBeforeItReturns) {
  addBefore([](Exchange& exchange, revenge_error&) {
    const Handle handle = *exchange.exchanges().defer(exchange.owner(), exchange.handle());
    return exchange.exchanges().resume(exchange.owner(), handle) ? REVENGE_OK : REVENGE_FAILED;
  });
  addText("/a", "served");
  start();
  EXPECT_EQ(connect().get("/a").body, "served");
}

TEST_F(RequestLimit, IsNoneOfTheRoutesToResume) {
  addHanging();
  start();
  Client client = ask("/later");
  const Handle handle = responder();
  letLoopsFollow(reactor_);
  EXPECT_EQ(exchanges().resume(instance_, handle).error().code, base::Errc::kInvalid);
  EXPECT_TRUE(exchanges().respond(instance_, handle, {.status = 204}));
  EXPECT_EQ(client.read().status, 204);
}

TEST_F(RequestLimit, EndsARequestThatWaitsInMiddlewareTooLong) {
  addWaiting();
  addText("/a", "served");
  start();
  Client client = ask("/a");
  const Handle handle = responder();
  EXPECT_EQ(readWhileTimePasses(client).status, 504);
  EXPECT_EQ(exchanges().resume(instance_, handle).error().code, base::Errc::kGone);
}

TEST_F(RequestLimit, AppliesWhileTheRequestWaits) {
  addWaiting();
  addText("/a", "served");
  start();
  const base::Instant begun = clock_.now();
  Client client = ask("/a");
  const Handle handle = responder();
  letLoopsFollow(reactor_);
  EXPECT_TRUE(
      exchanges().limit(instance_, handle, {.deadline_ns = (begun + seconds(1)).time_since_epoch().count()}));
  letLoopsFollow(reactor_);
  pass(milliseconds(1200));
  EXPECT_EQ(exchanges().state(handle), CallState::kTimedOut);
  EXPECT_EQ(client.read().status, 504);
}

TEST_F(RequestLimit, IsGoneWithItsClient) {
  addTelling();
  addWaiting(1);
  addText("/a", "served");
  start();
  Client client = ask("/a");
  const Handle handle = responder();
  letLoopsFollow(reactor_);
  reset(client);
  EXPECT_EQ(end().status, 0U);
  EXPECT_EQ(exchanges().resume(instance_, handle).error().code, base::Errc::kGone);
  EXPECT_EQ(exchanges().limit(instance_, handle, {}).error().code, base::Errc::kGone);
}

TEST_F(RequestLimit, TellsTheEndWithWhatWasSent) {
  addTelling();
  addText("/a", "served");
  start();
  scheduler_.advance(seconds(1));
  EXPECT_EQ(connect().get("/a").status, 200);
  const RequestEnd told = end();
  EXPECT_EQ(told.plugin, "p");
  EXPECT_EQ(told.tag, 7U);
  EXPECT_EQ(told.status, 200U);
  EXPECT_EQ(told.bytes_sent, 6U);
  EXPECT_EQ(told.received_ns, clock_.now().time_since_epoch().count());
  EXPECT_EQ(told.answered_ns, told.received_ns);
  EXPECT_TRUE(told.complete);
}

TEST_F(RequestLimit, TellsTheEndOfWhatTimedOut) {
  addTelling();
  addHanging();
  start();
  Client client = ask("/later");
  responder();
  EXPECT_EQ(readWhileTimePasses(client).status, 504);
  EXPECT_EQ(end().status, 504U);
}

TEST_F(RequestLimit, TellsTheEndOfAStreamWhoseClientLeft) {
  addTelling();
  add("/stream", [this](Exchange& exchange, revenge_error&) {
    waiting_.set_value(*exchange.exchanges().openStream(exchange.owner(), exchange.handle(), {}));
    return REVENGE_OK;
  });
  start();
  Client client = ask("/stream");
  const Handle stream = responder();
  EXPECT_EQ(exchanges().write(instance_, stream, "piece", {}), REVENGE_OK);
  client.readUntil("piece");
  EXPECT_TRUE(ends().empty());
  client.close();
  const RequestEnd told = end();
  EXPECT_EQ(told.status, 200U);
  EXPECT_FALSE(told.complete);
  EXPECT_GE(told.bytes_sent, 5U);
  EXPECT_TRUE(exchanges().close(instance_, stream, StreamEnd::kComplete));
  letLoopsFollow(reactor_);
  EXPECT_EQ(ends().size(), 1U);
}

TEST_F(RequestLimit, TellsOneEndOnceForEachPlugin) {
  addBefore([](Exchange& exchange, revenge_error&) {
    Exchanges& all = exchange.exchanges();
    EXPECT_TRUE(all.tellEnd(exchange.owner(), exchange.handle(), "p", 1));
    EXPECT_EQ(all.tellEnd(exchange.owner(), exchange.handle(), "p", 2).error().code, base::Errc::kExists);
    EXPECT_TRUE(all.tellEnd(exchange.owner(), exchange.handle(), "q", 3));
    return REVENGE_OK;
  });
  addText("/a", "served");
  start();
  connect().get("/a");
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (ends().size() < 2 && std::chrono::steady_clock::now() < until) letLoopsFollow(reactor_);
  ASSERT_EQ(ends().size(), 2U);
  EXPECT_EQ(ends()[0].tag, 1U);
  EXPECT_EQ(ends()[1].plugin, "q");
}

TEST_F(RequestLimit, TellsEveryEndBeforeItHasDrained) {
  addTelling();
  addHanging();
  start();
  Client client = ask("/later");
  const Handle handle = responder();
  letLoopsFollow(reactor_);
  std::promise<std::size_t> drained;
  server_->stop([&] { drained.set_value(ends().size()); });
  EXPECT_TRUE(exchanges().respond(instance_, handle, {.status = 204}));
  EXPECT_EQ(client.read().status, 204);
  client.close();
  EXPECT_EQ(drained.get_future().get(), 1U);
}

TEST_F(RequestLimit, TellsEveryEndBeforeItIsForced) {
  addTelling();
  addHanging();
  start();
  Client client = ask("/later");
  responder();
  letLoopsFollow(reactor_);
  server_->force();
  EXPECT_EQ(ends().size(), 1U);
}

TEST_F(RequestLimit, LetsARequestGoOnToTheInstanceThatServesThen) {
  const auto facet = domain_.generations().facet<Router>();
  const service::InstanceRef next = *domain_.instances().open();
  addWaiting();
  addText("/a", "old");
  routes_.back().owner = {.plugin = "r", .instance = *domain_.instances().open(), .lane = lane_};
  const service::InstanceRef old = routes_.back().owner.instance;
  server_ = std::make_unique<Server>(
      Server::Parts{reactor_, lanes_, domain_, scheduler_, log_.log(), log_.metrics()}, options_, facet);
  address_ = *server_->listenTcp("127.0.0.1", 0);
  ASSERT_TRUE(domain_.build().set(facet, *Router::build(routes_, middleware_)).publish());
  Client client = ask("/a");
  const Handle handle = responder();
  letLoopsFollow(reactor_);
  routes_.clear();
  addText("/a", "new");
  routes_.back().owner = {.plugin = "r", .instance = next, .lane = lane_};
  ASSERT_TRUE(domain_.build().set(facet, *Router::build(routes_, middleware_)).publish());
  domain_.instances().close(old, service::Door::kEnding);
  EXPECT_TRUE(domain_.instances().drain(old, base::SystemClock().now() + seconds(20)));
  EXPECT_TRUE(exchanges().resume(instance_, handle));
  EXPECT_EQ(client.read().body, "new");
}

}  // namespace
}  // namespace revenge::http
