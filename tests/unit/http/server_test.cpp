#include "http/server.hpp"

#include <algorithm>
#include <filesystem>

#include <sys/stat.h>

#include "observe/trace_context.hpp"
#include "unit/http/server_fixture.hpp"

namespace revenge::http {
namespace {

class ServerAnswers : public ServerTest {};

TEST_F(ServerAnswers, RequestsInTurnOnOneConnection) {
  addText("/hello/{name}", "hi");
  start();
  Client client = connect();
  for (int i = 0; i < 3; ++i) {
    const Reply reply = client.get("/hello/ada");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "hi");
    EXPECT_EQ(reply.field("Content-Type"), "text/plain");
    EXPECT_EQ(reply.field("Date").size(), 29U);
    EXPECT_EQ(reply.field("Connection"), "");
  }
}

TEST_F(ServerAnswers, GivesTheHandlerTheRequestDecoded) {
  add(
      "/f/{id}/{rest...}",
      [](Exchange& exchange, revenge_error&) {
        const auto& request = exchange.request();
        std::string said =
            fmt::format("{} {} {}", text(request.path), text(request.pattern), text(request.query));
        for (std::size_t i = 0; i < request.path_parameter_count; ++i) {
          said += fmt::format(" {}={}", text(request.path_parameters[i].name),
                              text(request.path_parameters[i].value));
        }
        said += fmt::format(" q={} {} {}", text(request.query_parameters[0].value),
                            text(request.remote_address), text(exchange.call().origin->request_id));
        return answer(exchange, said);
      },
      Execution::kWorker);
  start();
  EXPECT_EQ(connect().get("/f/a%20b/c/./d?q=%41+b", "X-Request-Id: id-7\r\n").body,
            "/f/a b/c/d /f/{id}/{rest...} q=%41+b id=a b rest=c/d q=A b 127.0.0.1 id-7");
}

TEST_F(ServerAnswers, UnknownPathsMethodsAndOptions) {
  addText("/a", "x");
  start();
  Client client = connect();
  EXPECT_EQ(client.get("/b").status, 404);
  EXPECT_EQ(client.get("/a/%2e%2e/%2e%2e/x").status, 400);
  client.send("DELETE /a HTTP/1.1\r\nHost: a\r\n\r\n");
  const Reply refused = client.read();
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.field("Allow"), "GET, HEAD, OPTIONS");
  client.send("OPTIONS /a HTTP/1.1\r\nHost: a\r\n\r\n");
  const Reply options = client.read();
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.field("Allow"), "GET, HEAD, OPTIONS");
  client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read().status, 204);
}

TEST_F(ServerAnswers, PipelinedRequestsInOrderWhoeverIsFaster) {
  addText("/inline", "inline");
  add(
      "/worker", [](Exchange& exchange, revenge_error&) { return answer(exchange, "worker"); },
      Execution::kWorker);
  routes_.push_back({.method = Method::kPost,
                     .pattern = "/post",
                     .owner = plugin(),
                     .handle = [](Exchange& exchange,
                                  revenge_error&) { return answer(exchange, text(exchange.request().body)); },
                     .execution = Execution::kInline,
                     .body = BodyMode::kWhole});
  start();
  Client client = connect();
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += "GET /worker HTTP/1.1\r\nHost: a\r\n\r\nGET /inline HTTP/1.1\r\nHost: a\r\n\r\n";
    all += "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";
    all +=
        "POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n2\r\nch\r\n4\r\nunks\r\n0\r\n\r\n";
    all += "HEAD /inline HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.read().body, "worker");
    EXPECT_EQ(client.read().body, "inline");
    EXPECT_EQ(client.read().body, "body");
    EXPECT_EQ(client.read().body, "chunks");
    EXPECT_EQ(client.read(Client::Body::kNone).field("Content-Length"), "6");
  }
}

TEST_F(ServerAnswers, MorePipelinedRequestsThanOneTurnTakes) {
  addText("/a", "x");
  start();
  Client client = connect();
  std::string all;
  for (int i = 0; i < 1000; ++i) all += "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
  client.send(all);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(client.read().body, "x");
}

TEST_F(ServerAnswers, RequestsThatArriveByteByByte) {
  addText("/a", "x");
  start();
  Client client = connect();
  for (const char c : std::string("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")) client.send({&c, 1});
  EXPECT_EQ(client.read().body, "x");
}

TEST_F(ServerAnswers, MalformedHeadsAndThenClose) {
  addText("/a", "x");
  start();
  for (const char* bytes : {"GET / HTTP/1.1\nHost: a\n\n",
                            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: "
                            "chunked\r\n\r\n0\r\n\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    Client client = connect();
    client.send(bytes);
    const Reply reply = client.read();
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply.field("Connection"), "close");
    EXPECT_TRUE(client.ended());
  }
}

TEST_F(ServerAnswers, OldClientsCloseUnlessTheyAskOtherwise) {
  addText("/a", "x");
  start();
  Client client = connect();
  client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.read().field("Connection"), "keep-alive");
  client.send("GET /a HTTP/1.0\r\n\r\n");
  const Reply last = client.read();
  EXPECT_EQ(last.field("Connection"), "close");
  EXPECT_EQ(last.body, "x");
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerAnswers, AClientThatHasFinishedSending) {
  addText("/a", "x");
  add("/w", [](Exchange& exchange, revenge_error&) { return answer(exchange, "w"); }, Execution::kWorker);
  start();
  Client client = connect();
  client.send("GET /w HTTP/1.1\r\nHost: a\r\n\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n");
  client.finishSending();
  EXPECT_EQ(client.read().body, "w");
  EXPECT_EQ(client.read().body, "x");
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerAnswers, FailuresOfHandlersAsTheirStatusSays) {
  const auto failing = [](revenge_status status) {
    return [status](Exchange&, revenge_error& error) {
      error.length = static_cast<std::uint32_t>(fmt::format_to(error.message, "why") - error.message);
      return status;
    };
  };
  struct Row {
    revenge_status status;
    int answer;
    const char* body;
  };
  const std::vector<Row> rows{{REVENGE_NOT_FOUND, 404, "why\n"},
                              {REVENGE_INVALID, 400, "why\n"},
                              {REVENGE_LIMIT, 429, "why\n"},
                              {REVENGE_UNAVAILABLE, 503, "why\n"},
                              {REVENGE_TIMED_OUT, 504, "why\n"},
                              {REVENGE_REFUSED, 403, "why\n"},
                              {REVENGE_FAILED, 500, "internal error\n"},
                              {REVENGE_OK, 500, "internal error\n"}};
  for (std::size_t i = 0; i < rows.size(); ++i) add(fmt::format("/{}", i), failing(rows[i].status));
  start();
  Client client = connect();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Reply reply = client.get(fmt::format("/{}", i));
    EXPECT_EQ(reply.status, rows[i].answer);
    EXPECT_EQ(reply.body, rows[i].body);
  }
}

TEST_F(ServerAnswers, OnceAndRefusesWhatIsTheHosts) {
  std::vector<base::Errc> said;
  add("/a", [&](Exchange& exchange, revenge_error&) {
    const auto with = [&](std::string_view name, std::string_view value) {
      const revenge_field field{view(name), view(value)};
      auto done = exchange.respond({.headers = {&field, 1}, .body = Bytes::borrowed("x")});
      if (!done) said.push_back(done.error().code);
    };
    for (const char* name :
         {"Content-Length", "transfer-encoding", "Connection", "Date", "Content-Range", "bad name"}) {
      with(name, "1");
    }
    with("X", "a\r\nInjected: yes");
    with("X-Good", "yes");
    with("X-Second", "no");
    return REVENGE_OK;
  });
  start();
  const Reply reply = connect().get("/a");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("X-Good"), "yes");
  ASSERT_EQ(said.size(), 8U);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(said[static_cast<std::size_t>(i)], base::Errc::kInvalid);
  EXPECT_EQ(said[7], base::Errc::kExists);
}

TEST_F(ServerAnswers, ReleasesAForeignBodyOnceWhateverHappens) {
  std::atomic<int> released{0};
  const std::string large(1U << 20U, 'l');
  const auto foreign = [&](std::string_view bytes) {
    return Bytes(revenge_buffer{bytes.data(), bytes.size(),
                                [](void* owner) { static_cast<std::atomic<int>*>(owner)->fetch_add(1); },
                                &released});
  };
  add("/large", [&](Exchange& exchange, revenge_error&) {
    static_cast<void>(exchange.respond({.body = foreign(large)}));
    static_cast<void>(exchange.respond({.body = foreign("refused")}));
    return REVENGE_OK;
  });
  start();
  EXPECT_TRUE(connect().get("/large").body == large);
  {
    Client gone = connect();
    gone.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    gone.readUntil("\r\n\r\n");
  }
  server_.reset();
  EXPECT_EQ(released.load(), 4);
}

TEST_F(ServerAnswers, BodiesAsTheRouteTakesThem) {
  const auto echo = [](Exchange& exchange, revenge_error&) {
    return answer(exchange, fmt::format("{}", exchange.request().body.size));
  };
  routes_.push_back({.method = Method::kPost, .pattern = "/none", .owner = plugin(), .handle = echo});
  routes_.push_back({.method = Method::kPost,
                     .pattern = "/whole",
                     .owner = plugin(),
                     .handle = echo,
                     .body = BodyMode::kWhole,
                     .max_body_bytes = 100'000});
  start();
  const auto post = [&](const std::string& path, std::size_t size, const std::string& fields = "") {
    Client client = connect();
    client.send(
        fmt::format("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n{}\r\n", path, size, fields));
    client.send(std::string(size, 'b'));
    return client.read();
  };
  EXPECT_EQ(post("/none", 0).body, "0");
  EXPECT_EQ(post("/none", 5).status, 413);
  EXPECT_EQ(post("/whole", 100'000).body, "100000");
  EXPECT_EQ(post("/whole", 100'001).status, 413);

  Client chunked = connect();
  chunked.send("POST /whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 11; ++i) chunked.send("2710\r\n" + std::string(10'000, 'c') + "\r\n");
  EXPECT_EQ(chunked.read().status, 413);
  Client bad = connect();
  bad.send("POST /whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  EXPECT_EQ(bad.read().status, 400);
}

TEST_F(ServerAnswers, ContinueOnlyWhenTheBodyIsWanted) {
  const auto echo = [](Exchange& exchange, revenge_error&) {
    return answer(exchange, text(exchange.request().body));
  };
  routes_.push_back({.method = Method::kPost,
                     .pattern = "/whole",
                     .owner = plugin(),
                     .handle = echo,
                     .body = BodyMode::kWhole});
  routes_.push_back({.method = Method::kPost, .pattern = "/none", .owner = plugin(), .handle = echo});
  start();
  const std::string fields = "Host: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
  Client wanted = connect();
  wanted.send("POST /whole HTTP/1.1\r\n" + fields);
  EXPECT_EQ(wanted.read().status, 100);
  wanted.send("body");
  EXPECT_EQ(wanted.read().body, "body");
  EXPECT_EQ(wanted.get("/x").status, 404);
  Client refused = connect();
  refused.send("POST /none HTTP/1.1\r\n" + fields);
  const Reply reply = refused.read();
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.field("Connection"), "close");
}

TEST_F(ServerAnswers, MiddlewareInOrderBeforeTheHandler) {
  std::string order;
  const auto say = [&](std::string what) {
    return [&order, what](Exchange& exchange, revenge_error&) {
      order += what;
      return exchange.exchanges().addHeader(exchange.owner(), exchange.handle(), "X-" + what, "1")
                 ? REVENGE_OK
                 : REVENGE_FAILED;
    };
  };
  middleware_.push_back({.name = "b", .order = 2, .owner = plugin(), .before = say("b")});
  middleware_.push_back(
      {.name = "a", .order = 1, .owner = plugin(), .before = say("a"), .execution = Execution::kInline});
  middleware_.push_back({.name = "guard",
                         .prefix = "/secret",
                         .order = 3,
                         .owner = plugin(),
                         .before = [](Exchange&, revenge_error&) { return REVENGE_REFUSED; }});
  add("/open", [&](Exchange& exchange, revenge_error&) {
    order += "h";
    return answer(exchange, "open");
  });
  addText("/secret/x", "never");
  start();
  Client client = connect();
  const Reply open = client.get("/open");
  EXPECT_EQ(open.body, "open");
  EXPECT_EQ(open.field("X-a") + open.field("X-b"), "11");
  EXPECT_EQ(order, "abh");
  EXPECT_EQ(client.get("/secret/x").status, 403);
}

TEST_F(ServerAnswers, ByTheNextCandidateAsPredicateAndAbsenceSay) {
  Owner away{.plugin = "away"};
  routes_.push_back({.pattern = "/a", .owner = away, .absence = Absence::kBypass, .rank = -2});
  Route canary{.pattern = "/a",
               .owner = plugin(),
               .handle = [](Exchange& x, revenge_error&) { return answer(x, "canary"); },
               .takes = [](Exchange& x) { return text(x.request().query) == "canary"; },
               .rank = -1};
  canary.owner.plugin = "canary";
  routes_.push_back(canary);
  addText("/a", "stable");
  routes_.push_back({.pattern = "/b", .owner = away});
  routes_.push_back({.pattern = "/c", .owner = away, .absence = Absence::kBypass});
  start();
  Client client = connect();
  EXPECT_EQ(client.get("/a").body, "stable");
  EXPECT_EQ(client.get("/a?canary").body, "canary");
  const Reply refused = client.get("/b");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.field("Retry-After"), "1");
  EXPECT_EQ(client.get("/c").status, 404);
  domain_.instances().close(instance_, service::Door::kEnding);
  EXPECT_EQ(client.get("/a").status, 503);
}

TEST_F(ServerAnswers, FromTheRouterOfTheRunningGeneration) {
  const auto facet = domain_.generations().facet<Router>();
  server_ = std::make_unique<Server>(
      Server::Parts{reactor_, lanes_, domain_, scheduler_, log_.log(), log_.metrics()}, options_, facet);
  address_ = *server_->listenTcp("127.0.0.1", 0);
  Client client = connect();
  EXPECT_EQ(client.get("/a").status, 404);
  addText("/a", "first");
  ASSERT_TRUE(domain_.build().set(facet, *Router::build(routes_, {})).publish());
  EXPECT_EQ(client.get("/a").body, "first");
  routes_.clear();
  addText("/a", "second");
  ASSERT_TRUE(domain_.build().set(facet, *Router::build(routes_, {})).publish());
  EXPECT_EQ(client.get("/a").body, "second");
}

TEST_F(ServerAnswers, OnWorkersWhenConfigurationRefusesInlineRoutes) {
  options_.inline_routes = InlineRoutes::kRefuse;
  add("/a", [](Exchange& exchange, revenge_error&) {
    return answer(exchange, runtime::Reactor::isIoThread() ? "inline" : "worker");
  });
  start();
  EXPECT_EQ(connect().get("/a").body, "worker");
}

TEST_F(ServerAnswers, OnceMoreOnAWorkerWhenAnInlineHandlerWouldHaveToWait) {
  std::string threads;
  middleware_.push_back({.name = "m", .owner = plugin(), .before = [](Exchange& exchange, revenge_error&) {
                           return exchange.exchanges().addHeader(exchange.owner(), exchange.handle(), "X-M",
                                                                 "1")
                                      ? REVENGE_OK
                                      : REVENGE_FAILED;
                         }});
  add("/a", [&](Exchange& exchange, revenge_error&) -> revenge_status {
    const bool may_block = exchange.request().may_block != 0;
    EXPECT_EQ(may_block, !runtime::Reactor::isIoThread());
    threads += may_block ? 'w' : 'i';
    EXPECT_TRUE(exchange.exchanges().addHeader(exchange.owner(), exchange.handle(), "X-H", "1"));
    if (!may_block) return REVENGE_BUSY;
    return answer(exchange, "a");
  });
  add("/busy", [](Exchange&, revenge_error&) -> revenge_status { return REVENGE_BUSY; });
  start();
  Client client = connect();
  const Reply reply = client.get("/a");
  EXPECT_EQ(reply.body, "a");
  EXPECT_EQ(threads, "iw");
  EXPECT_EQ(reply.field("X-M"), "1");
  const std::size_t first = reply.head.find("X-H: 1");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(reply.head.find("X-H: 1", first + 1), std::string::npos) << reply.head;
  EXPECT_EQ(client.get("/busy").status, 500);
}

TEST_F(ServerAnswers, OnAddressesOfEveryKind) {
  addText("/a", "x");
  add("/who", [](Exchange& exchange, revenge_error&) {
    return answer(exchange, fmt::format("{}", exchange.peer() ? exchange.peer()->pid : 0));
  });
  start();
  const auto six = server_->listenTcp("::1", 0);
  ASSERT_TRUE(six) << six.error().message;
  EXPECT_EQ(Client(*six).get("/a").body, "x");

  const std::string path = fmt::format("/tmp/revenge-http-{}.sock", ::getpid());
  ASSERT_TRUE(server_->listenUnix(path, 0600));
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(Client(path).get("/who").body, fmt::format("{}", ::getpid()));
  EXPECT_FALSE(server_->listenUnix(path, 0600));
  std::filesystem::remove(path);

  const int given = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(given, reinterpret_cast<sockaddr*>(&any), sizeof(any)), 0);
  const auto adopted = server_->adopt(given);
  ASSERT_TRUE(adopted) << adopted.error().message;
  EXPECT_EQ(Client(*adopted).get("/a").body, "x");
}

TEST_F(ServerAnswers, APortInUseWithARemedy) {
  start();
  const auto port = static_cast<std::uint16_t>(std::stoi(address_.substr(address_.rfind(':') + 1)));
  const auto second = server_->listenTcp("127.0.0.1", port);
  ASSERT_FALSE(second);
  EXPECT_EQ(
      second.error().message,
      fmt::format(
          "address 127.0.0.1 port {}: already in use; stop the other server (ss -ltnp shows it) or choose "
          "another http.port",
          port));
  EXPECT_FALSE(server_->listenTcp("localhost", 0));
}

TEST_F(ServerAnswers, NoMoreConnectionsThanItsLimit) {
  options_.max_connections = 2;
  addText("/a", "x");
  start();
  Client one = connect();
  Client two = connect();
  EXPECT_EQ(one.get("/a").status, 200);
  EXPECT_EQ(two.get("/a").status, 200);
  Client three = connect();
  EXPECT_EQ(three.read().status, 503);
  EXPECT_TRUE(three.ended());
  EXPECT_EQ(one.get("/a").status, 200);
}

TEST_F(ServerAnswers, IdleAndSlowClientsByClosing) {
  addText("/a", "x");
  start();
  Client idle = connect();
  EXPECT_EQ(idle.get("/a").status, 200);
  Client slow = connect();
  slow.send("GET /a HT");
  std::promise<void> closed;
  auto both = closed.get_future();
  std::thread reader([&] {
    EXPECT_EQ(slow.read().status, 408);
    EXPECT_TRUE(slow.ended());
    EXPECT_TRUE(idle.ended());
    closed.set_value();
  });
  advanceUntil([&] { return both.wait_for(std::chrono::milliseconds(0)) == std::future_status::ready; });
  reader.join();
}

TEST_F(ServerAnswers, EveryoneBeforeItStops) {
  std::promise<Handle> deferred;
  addText("/a", "x");
  add("/later", [&](Exchange& exchange, revenge_error&) {
    deferred.set_value(*exchange.exchanges().defer(exchange.owner(), exchange.handle()));
    return REVENGE_OK;
  });
  start();
  Client idle = connect();
  EXPECT_EQ(idle.get("/a").status, 200);
  Client waiting = connect();
  waiting.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n");
  const Handle handle = deferred.get_future().get();
  std::promise<void> drained;
  server_->stop([&] { drained.set_value(); });
  EXPECT_TRUE(idle.ended());
  EXPECT_EQ(server_->connectionsApprox(), 1U);
  ASSERT_TRUE(exchanges().respond(instance_, handle, {.body = Bytes::borrowed("late")}));
  const Reply reply = waiting.read();
  EXPECT_EQ(reply.body, "late");
  EXPECT_EQ(reply.field("Connection"), "close");
  waiting.close();
  drained.get_future().get();
}

TEST_F(ServerAnswers, ALineInTheLogAndTheNumbers) {
  options_.access_log = Toggle::kOn;
  addText("/a", "x");
  start();
  connect().get("/a?page=3", "X-Request-Id: r-1\r\n");
  connect().get("/nothing");
  server_->force();  // every loop has had its turn: both requests are counted
  const std::string metrics = log_.metrics().render();
  EXPECT_TRUE(
      metrics.contains(R"(revenge_http_requests_total{class="2xx",method="GET",route="/a",server="http"} 1)"))
      << metrics;
  EXPECT_TRUE(metrics.contains(
      R"(revenge_http_requests_total{class="4xx",method="GET",route="unmatched",server="http"} 1)"))
      << metrics;
  EXPECT_TRUE(log_.said("/a"));
  EXPECT_TRUE(log_.said("r-1"));
  EXPECT_TRUE(log_.said("query=\"page=3\""));  // under the key in which LogRedaction looks for secrets
}

TEST_F(ServerAnswers, M7_RandomMethodsAndPathsAddNoSeries) {
  addText("/a/{id}", "x");
  start();
  const auto series = [this] {
    std::size_t count = 0;
    for (const auto& family : log_.metrics().view().families) count += family.series.size();
    return count;
  };
  const auto attack = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      connect().get(fmt::format("/a/{}", i));
      connect().get(fmt::format("/{}/x", i));
      Client client = connect();
      client.send(fmt::format("M{} /a/b HTTP/1.1\r\nHost: a\r\n\r\n", i));
      EXPECT_EQ(client.read().status, 501);
    }
  };
  attack(0, 20);
  const std::size_t before = series();
  attack(20, 100);
  EXPECT_EQ(series(), before);
  const std::string text = log_.metrics().render();
  EXPECT_TRUE(text.contains(R"({class="2xx",method="GET",route="/a/{id}",server="http"})")) << text;
  EXPECT_TRUE(text.contains(R"({class="5xx",method="_OTHER",route="unmatched",server="http"})")) << text;
}

TEST_F(ServerAnswers, UnderTheTraceItIsToldOfElseUnderANewOne) {
  options_.access_log = Toggle::kOn;
  add("/t", [](Exchange& exchange, revenge_error&) {
    const revenge_origin& origin = *exchange.call().origin;
    const auto id = observe::formatTraceId(origin.trace_id_high, origin.trace_id_low);
    return answer(exchange, fmt::format("{} {:x} {}", std::string_view(id.data(), id.size()), origin.span_id,
                                        origin.trace_flags));
  });
  start();
  Client client = connect();
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::string header = "Traceparent: 00-" + trace + "-00f067aa0ba902b7-01\r\n";
  const std::string told = client.get("/t", header).body;
  EXPECT_TRUE(told.starts_with(trace + " ") && told.ends_with(" 1")) << told;
  EXPECT_FALSE(told.contains(" f067aa0ba902b7 ")) << told;
  EXPECT_NE(client.get("/t", header).body, told);
  std::vector<std::string> anew{client.get("/t").body, client.get("/t", header + header).body,
                                client.get("/t", "Traceparent: 00-x\r\n").body};
  for (const std::string& each : anew) EXPECT_TRUE(!each.starts_with(trace) && each.ends_with(" 2")) << each;
  EXPECT_NE(anew[0].substr(0, 32), anew[1].substr(0, 32));
  server_->force();
  const auto lines = log_.lines();
  EXPECT_EQ(
      std::ranges::count_if(lines, [&](const auto& line) { return line.text.contains("trace_id=" + trace); }),
      2);
  EXPECT_EQ(std::ranges::count_if(lines, [](const auto& line) { return line.text.contains("trace_id="); }),
            2);
}

}  // namespace
}  // namespace revenge::http
