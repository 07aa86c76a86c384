// Answers from other threads: deferred, streamed, read piece by piece, timed out, abandoned.
#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>

#include <poll.h>

#include "unit/http/server_fixture.hpp"

namespace revenge::http {
namespace {

class ExchangeFromAnywhere : public ServerTest {
 protected:
  // A route that defers and hands its responder to the test.
  void addDeferred(Execution execution = Execution::kInline) {
    add(
        "/later",
        [this](Exchange& exchange, revenge_error&) {
          deferred_.set_value(*exchange.exchanges().defer(exchange.owner(), exchange.handle()));
          return REVENGE_OK;
        },
        execution)
        .timeout = std::chrono::seconds(5);
  }
  void addStream() {
    add("/stream", [this](Exchange& exchange, revenge_error&) {
      deferred_.set_value(*exchange.exchanges().openStream(exchange.owner(), exchange.handle(),
                                                           {.content_type = "text/event-stream"}));
      return REVENGE_OK;
    });
  }
  Client ask(const std::string& target, const std::string& version = "1.1") {
    Client client = connect();
    client.send("GET " + target + " HTTP/" + version + "\r\nHost: a\r\n\r\n");
    return client;
  }
  Handle responder() { return deferred_.get_future().get(); }

  std::promise<Handle> deferred_;
};

TEST_F(ExchangeFromAnywhere, IsAnsweredOnceByADeferredResponder) {
  for (const Execution execution : {Execution::kInline, Execution::kWorker}) {
    routes_.clear();
    deferred_ = {};
    addDeferred(execution);
    start();
    Client client = ask("/later");
    const Handle handle = responder();
    EXPECT_GT(domain_.instances().insideApprox(instance_), 0U);
    ASSERT_NE(exchanges().call(instance_, handle), nullptr);
    EXPECT_EQ(exchanges().state(handle), CallState::kLive);
    EXPECT_EQ(exchanges().respond({}, handle, {}).error().code, base::Errc::kGone);
    std::thread other(
        [&] { EXPECT_TRUE(exchanges().respond(instance_, handle, {.body = Bytes(std::string("late"))})); });
    EXPECT_EQ(client.read().body, "late");
    other.join();
    EXPECT_EQ(client.get("/nothing").status, 404);
    EXPECT_FALSE(exchanges().respond(instance_, handle, {}));
    EXPECT_EQ(exchanges().state(handle), CallState::kGone);
    EXPECT_EQ(domain_.instances().insideApprox(instance_), 0U);
  }
}

TEST_F(ExchangeFromAnywhere, IsAnswered500WhenDropped) {
  addDeferred();
  start();
  Client client = ask("/later");
  EXPECT_TRUE(exchanges().drop(instance_, responder()));
  EXPECT_EQ(client.read().status, 500);
}

TEST_F(ExchangeFromAnywhere, IsAnswered504WhenLost) {
  addDeferred();
  start();
  Client client = ask("/later");
  const Handle handle = responder();
  std::promise<int> status;
  auto answered = status.get_future();
  std::thread reader([&] { status.set_value(client.read().status); });
  advanceUntil([&] { return answered.wait_for(std::chrono::milliseconds(0)) == std::future_status::ready; });
  EXPECT_EQ(answered.get(), 504);
  reader.join();
  EXPECT_EQ(exchanges().respond(instance_, handle, {}).error().code, base::Errc::kGone);
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(domain_.instances().insideApprox(instance_), 0U);
}

TEST_F(ExchangeFromAnywhere, HoldsTheInstanceWhileATimedOutHandlerStillRuns) {
  std::latch leave(1);
  std::latch inside(1);
  add(
      "/blocked",
      [&](Exchange&, revenge_error&) {
        inside.count_down();
        leave.wait();
        return REVENGE_OK;
      },
      Execution::kWorker)
      .timeout = std::chrono::seconds(5);
  start();
  Client client = ask("/blocked");
  inside.wait();
  std::promise<int> status;
  auto answered = status.get_future();
  std::thread reader([&] { status.set_value(client.read().status); });
  advanceUntil([&] { return answered.wait_for(std::chrono::milliseconds(0)) == std::future_status::ready; });
  EXPECT_EQ(answered.get(), 504);
  reader.join();
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(domain_.instances().insideApprox(instance_), 1U);
  leave.count_down();
  EXPECT_TRUE(domain_.instances().drain(instance_, base::SystemClock().now() + std::chrono::seconds(20)));
}

TEST_F(ExchangeFromAnywhere, TellsAWatcherThatTheClientHasLeft) {
  addDeferred();
  start();
  Client client = ask("/later");
  const Handle handle = responder();
  std::promise<void> gone;
  ASSERT_TRUE(exchanges().watch(instance_, handle, [&] { gone.set_value(); }));
  const linger reset{1, 0};
  ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  client.close();
  gone.get_future().get();
  EXPECT_EQ(exchanges().respond(instance_, handle, {}).error().code, base::Errc::kGone);
}

TEST_F(ExchangeFromAnywhere, StreamsWithBackpressureToASlowReader) {
  addStream();
  start();
  Client client = ask("/stream");
  const Handle stream = responder();
  std::string sent;
  std::atomic<int> waits{0};
  std::thread writer([&] {
    for (int i = 0; i < 400; ++i) {
      const std::string piece(64U << 10U, static_cast<char>('a' + i % 26));
      sent += piece;
      std::promise<revenge_status> room;
      const revenge_status status = exchanges().write(
          instance_, stream, piece, [&](revenge_status said, std::string_view) { room.set_value(said); });
      if (status == REVENGE_PENDING) {
        waits.fetch_add(1);
        ASSERT_EQ(room.get_future().get(), REVENGE_OK);
      } else {
        ASSERT_EQ(status, REVENGE_OK);
      }
    }
    EXPECT_TRUE(exchanges().close(instance_, stream, StreamEnd::kComplete));
  });
  while (waits.load() == 0) std::this_thread::yield();
  const Reply reply = client.read();
  writer.join();
  EXPECT_EQ(reply.field("Transfer-Encoding"), "chunked");
  EXPECT_TRUE(reply.body == sent);
  EXPECT_EQ(client.get("/nothing").status, 404);
  EXPECT_EQ(domain_.instances().insideApprox(instance_), 0U);
}

TEST_F(ExchangeFromAnywhere, StreamsEventsAndCutsWhenAsked) {
  addStream();
  start();
  Client client = ask("/stream");
  const Handle stream = responder();
  EXPECT_EQ(exchanges().event(instance_, stream, {.name = "n", .id = "1", .data = "a\nb", .retry_ms = 5}, {}),
            REVENGE_OK);
  EXPECT_EQ(exchanges().event(instance_, stream, {.name = "n\nx"}, {}), REVENGE_INVALID);
  client.readUntil("data: b\n\n");
  EXPECT_TRUE(exchanges().close(instance_, stream, StreamEnd::kCut));
  EXPECT_EQ(client.read().status, -1);
}

TEST_F(ExchangeFromAnywhere, StreamsToOldClientsUntilTheEnd) {
  addStream();
  start();
  Client client = ask("/stream", "1.0");
  const Handle stream = responder();
  EXPECT_EQ(exchanges().write(instance_, stream, "plain", {}), REVENGE_OK);
  EXPECT_TRUE(exchanges().close(instance_, stream, StreamEnd::kComplete));
  const Reply reply = client.read();
  EXPECT_EQ(reply.field("Connection"), "close");
  EXPECT_EQ(reply.body, "plain");
}

TEST_F(ExchangeFromAnywhere, KeepsTheRequestForAHandlerThatClosedItsStream) {
  std::promise<void> go;
  std::promise<std::string> seen;
  add(
      "/s",
      [&](Exchange& exchange, revenge_error&) {
        const auto stream = exchange.exchanges().openStream(exchange.owner(), exchange.handle(), {});
        EXPECT_TRUE(exchange.exchanges().close(exchange.owner(), *stream, StreamEnd::kComplete));
        go.get_future().wait();
        seen.set_value(std::string(text(exchange.request().query)));
        return REVENGE_OK;
      },
      Execution::kWorker);
  addText("/next", "next");
  start();
  Client client = ask("/s?which=the-first");
  EXPECT_EQ(client.read().status, 200);
  client.send("GET /next?which=an0ther1 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(connect().get("/next").body, "next");
  go.set_value();
  EXPECT_EQ(seen.get_future().get(), "which=the-first");
  EXPECT_EQ(client.read().body, "next");
}

TEST_F(ExchangeFromAnywhere, MixesUpNoStreamsThatHandlersCloseThemselves) {
  add(
      "/s",
      [](Exchange& exchange, revenge_error&) {
        Exchanges& all = exchange.exchanges();
        const std::string piece(text(exchange.request().query));
        const auto stream = all.openStream(exchange.owner(), exchange.handle(), {});
        for (int i = 0; stream && i < 3; ++i)
          static_cast<void>(all.write(exchange.owner(), *stream, piece, {}));
        return stream && all.close(exchange.owner(), *stream, StreamEnd::kComplete) ? REVENGE_OK
                                                                                    : REVENGE_FAILED;
      },
      Execution::kWorker);
  start();
  std::vector<std::thread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&, c] {
      Client client = connect();
      for (int i = 0; i < 500; ++i) {
        const std::string mine = fmt::format("{}-{}.", c, i);
        ASSERT_EQ(client.get("/s?" + mine).body, mine + mine + mine);
      }
    });
  }
  for (std::thread& each : clients) each.join();
}

TEST_F(ExchangeFromAnywhere, TellsAStreamThatItsReaderHasLeft) {
  addStream();
  start();
  Client client = ask("/stream");
  const Handle stream = responder();
  std::promise<void> gone;
  ASSERT_TRUE(exchanges().watch(instance_, stream, [&] { gone.set_value(); }));
  client.readUntil("\r\n\r\n");
  client.close();
  gone.get_future().get();
  EXPECT_EQ(exchanges().write(instance_, stream, "x", {}), REVENGE_GONE);
  EXPECT_TRUE(exchanges().close(instance_, stream, StreamEnd::kComplete));
}

TEST_F(ExchangeFromAnywhere, ReadsABodyPieceByPiece) {
  routes_.push_back(
      {.method = Method::kPost,
       .pattern = "/up",
       .owner = plugin(),
       .handle =
           [](Exchange& exchange, revenge_error&) {
             std::size_t total = 0;
             for (;;) {
               std::promise<std::pair<revenge_status, std::size_t>> done;
               std::string_view piece;
               revenge_status status = exchange.exchanges().bodyRead(
                   exchange.owner(), exchange.handle(), piece,
                   [&](revenge_status said, std::string_view got) { done.set_value({said, got.size()}); });
               std::size_t size = piece.size();
               if (status == REVENGE_PENDING) std::tie(status, size) = done.get_future().get();
               if (status == REVENGE_END) return answer(exchange, fmt::format("{}", total));
               if (status != REVENGE_OK) return status;
               total += size;
             }
           },
       .body = BodyMode::kStream,
       .max_body_bytes = 8U << 20U});
  start();
  Client client = connect();
  client.send("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  client.send(std::string(4'000'000, 'u'));
  EXPECT_EQ(client.read().body, "4000000");
  client.send("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(client.read().body, "3");
  client.send("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(client.read().body, "0");
}

TEST_F(ExchangeFromAnywhere, KeepsAThousandIdleConnections) {
  addText("/a", "x");
  start();
  std::vector<Client> clients;
  for (int i = 0; i < 1000; ++i) clients.push_back(connect());
  for (Client& client : clients) client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
  for (Client& client : clients) ASSERT_EQ(client.read().body, "x");
  EXPECT_EQ(server_->connectionsApprox(), 1000U);
  EXPECT_EQ(clients.back().get("/a").body, "x");
}

TEST_F(ExchangeFromAnywhere, Answers503AtOnceWhenTheLaneIsFull) {
  std::latch running(2);
  std::promise<void> go;
  const std::shared_future<void> wait = go.get_future().share();
  runtime::Lanes narrow({.workers = 2, .queue = 2}, scheduler_);
  const auto lane = *narrow.openLane({.name = "n", .plugin = base::PluginMark(2), .share = 1.0});
  add(
      "/first",
      [&](Exchange& exchange, revenge_error&) {
        running.count_down();
        wait.wait();
        return answer(exchange, "first");
      },
      Execution::kWorker)
      .owner.lane = lane;
  add(
      "/next", [](Exchange& exchange, revenge_error&) { return answer(exchange, "next"); },
      Execution::kWorker)
      .owner.lane = lane;
  server_ = std::make_unique<Server>(
      Server::Parts{reactor_, narrow, domain_, scheduler_, log_.log(), log_.metrics()}, options_,
      *Router::build(routes_, {}));
  address_ = *server_->listenTcp("127.0.0.1", 0);
  std::vector<Client> blocked;
  blocked.push_back(ask("/first"));
  blocked.push_back(ask("/first"));
  running.wait();
  // Two more wait in the queue; whoever comes then is told at once, while all workers are still blocked.
  std::vector<Client> others;
  for (int i = 0; i < 6; ++i) others.push_back(ask("/next"));
  for (int refused = 0; refused < 4; ++refused) {
    std::vector<pollfd> ready;
    for (const Client& client : others) ready.push_back({client.fd(), POLLIN, 0});
    ASSERT_GT(::poll(ready.data(), ready.size(), 20'000), 0);
    const auto told =
        std::ranges::find_if(ready, [](const pollfd& one) { return one.revents != 0; }) - ready.begin();
    const Reply reply = others[static_cast<std::size_t>(told)].read();
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(reply.field("Retry-After"), "1");
    others.erase(others.begin() + told);
  }
  go.set_value();
  for (Client& client : blocked) EXPECT_EQ(client.read().body, "first");
  for (Client& client : others) EXPECT_EQ(client.read().body, "next");
  server_.reset();
  narrow.stop(std::chrono::seconds(5));
}

TEST_F(ExchangeFromAnywhere, SurvivesClientsThatComeAndGo) {
  addText("/a", "x");
  add("/w", [](Exchange& exchange, revenge_error&) { return answer(exchange, "w"); }, Execution::kWorker);
  start();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        Client client = connect();
        client.send("GET /w HTTP/1.1\r\nHost: a\r\n\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n");
        if ((i + t) % 2 == 0) continue;
        EXPECT_EQ(client.read().body, "w");
        EXPECT_EQ(client.read().body, "x");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(connect().get("/a").body, "x");
}

}  // namespace
}  // namespace revenge::http
