#include <algorithm>
#include <deque>

#include "observe/trace_context.hpp"
#include "unit/http/server_fixture.hpp"

namespace revenge::http {
namespace {

const std::string kParent = "Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-";

class RequestTraces : public ServerTest {
 protected:
  struct Seen {
    observe::SpanRecord record;
    std::string name;
    std::map<std::string, std::string> attributes;
    std::string message;
    std::string state;
  };

  void collect() {
    spans_->collect([this](const observe::SpanRecord& record) {
      const observe::SpanView view(record);
      Seen seen{record, std::string(view.name), {}, std::string(view.message), std::string(view.trace_state)};
      for (const auto& [key, value] : view.attributes) {
        seen.attributes[std::string(key)] = value.type == observe::SpanValue::Type::kText
                                                ? std::string(value.text)
                                                : std::to_string(value.integer);
      }
      seen_.push_back(std::move(seen));
    });
  }
  // The last of that name; waits until it is there.
  const Seen& span(const std::string& name) {
    for (int i = 0; i < 200'000; ++i) {
      collect();
      const auto at = std::ranges::find(seen_.rbegin(), seen_.rend(), name, &Seen::name);
      if (at != seen_.rend()) return *at;
      std::this_thread::yield();
    }
    throw std::runtime_error("no span " + name);
  }

  std::deque<Seen> seen_;
};

TEST_F(RequestTraces, ServerSpanGoesOnWithTheTraceThatCame) {
  addText("/films/{id}", "x");
  spans_->want(true);
  start();
  (void)connect().get(
      "/films/7?page=2&token=tiger",
      kParent + "03\r\nTracestate: rojo=1\r\nTracestate: congo=2\r\nUser-Agent: player/1\r\n");
  const Seen& server = span("GET /films/{id}");
  EXPECT_EQ(server.record.ids.trace_id_high, 0x4bf92f3577b34da6U);
  EXPECT_EQ(server.record.ids.parent_id, 0x00f067aa0ba902b7U);
  EXPECT_EQ(server.record.ids.flags, 3);
  EXPECT_EQ(server.record.kind, observe::SpanKind::kServer);
  EXPECT_EQ(server.record.status, observe::SpanStatus::kUnset);
  EXPECT_EQ(server.state, "rojo=1,congo=2");
  const std::map<std::string, std::string> expected{{"http.request.method", "GET"},
                                                    {"http.route", "/films/{id}"},
                                                    {"http.response.status_code", "200"},
                                                    {"url.scheme", "http"},
                                                    {"url.path", "/films/7"},
                                                    {"url.query", "page=2&token=REDACTED"},
                                                    {"network.protocol.version", "1.1"},
                                                    {"client.address", "127.0.0.1"},
                                                    {"server.address", "test"},
                                                    {"user_agent.original", "player/1"},
                                                    {"revenge.plugin", "p"}};
  EXPECT_EQ(server.attributes, expected);
}

TEST_F(RequestTraces, HandlerAndTheWaitForAWorkerAreBeneathIt) {
  std::atomic<std::uint64_t> inside{0};
  add(
      "/work",
      [&](Exchange& exchange, revenge_error&) {
        inside = exchange.call().origin->span_id;
        return answer(exchange, "x");
      },
      Execution::kWorker);
  spans_->want(true);
  start();
  (void)connect().get("/work");
  const std::uint64_t server = span("GET /work").record.ids.span_id;
  EXPECT_EQ(span("worker wait").record.ids.parent_id, server);
  const Seen& handler = span("p /work");
  EXPECT_EQ(handler.record.ids.parent_id, server);
  EXPECT_EQ(handler.record.ids.span_id, inside);
}

TEST_F(RequestTraces, StatusOf4xxIsUnsetAndOf5xxIsError) {
  add("/bad", [](Exchange&, revenge_error&) { return revenge_status{REVENGE_INVALID}; });
  add("/broken", [](Exchange&, revenge_error& error) {
    error.length =
        static_cast<std::uint32_t>(std::string_view("no disk").copy(error.message, sizeof error.message));
    return revenge_status{REVENGE_FAILED};
  });
  spans_->want(true);
  start();
  (void)connect().get("/bad");
  EXPECT_EQ(span("GET /bad").record.status, observe::SpanStatus::kUnset);
  EXPECT_FALSE(span("GET /bad").attributes.contains("error.type"));
  EXPECT_EQ(span("p /bad").record.status, observe::SpanStatus::kUnset);
  (void)connect().get("/broken");
  EXPECT_EQ(span("GET /broken").record.status, observe::SpanStatus::kError);
  EXPECT_EQ(span("GET /broken").attributes.at("error.type"), "500");
  EXPECT_EQ(span("p /broken").record.status, observe::SpanStatus::kError);
  EXPECT_EQ(span("p /broken").message, "no disk");
}

TEST_F(RequestTraces, UnknownMethodIsOther) {
  addText("/a", "x");
  spans_->want(true);
  start();
  Client client = connect();
  client.send("BREW /a HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read().status, 501);
  EXPECT_EQ(span("HTTP").attributes.at("http.request.method"), "_OTHER");
}

TEST_F(RequestTraces, NoRouteIsNamedByItsMethod) {
  addText("/a", "x");
  spans_->want(true);
  start();
  (void)connect().get("/unknown/7");
  EXPECT_FALSE(span("GET").attributes.contains("http.route"));
}

TEST_F(RequestTraces, AClientThatLeavesIsNoError) {
  std::promise<void> begun;
  std::promise<void> left;
  add(
      "/slow",
      [&](Exchange& exchange, revenge_error&) {
        (void)exchange.exchanges().watch(exchange.owner(), exchange.handle(), [&] { left.set_value(); });
        begun.set_value();
        left.get_future().wait();
        return answer(exchange, "x");
      },
      Execution::kWorker);
  spans_->want(true);
  start();
  {
    Client client = connect();
    client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    begun.get_future().wait();
    const linger reset{1, 0};
    ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  const Seen& server = span("GET /slow");
  EXPECT_EQ(server.record.status, observe::SpanStatus::kUnset);
  EXPECT_TRUE(server.attributes.contains("revenge.client_left"));
  EXPECT_FALSE(server.attributes.contains("error.type"));
}

TEST_F(RequestTraces, NothingIsRecordedUnlessSampledAndWanted) {
  std::atomic<std::uint32_t> flags{99};
  add("/a", [&](Exchange& exchange, revenge_error&) {
    flags = exchange.call().origin->trace_flags;
    return answer(exchange, "x");
  });
  start();
  (void)connect().get("/a");
  EXPECT_EQ(flags, 2U);  // nobody reads: a new trace is not sampled
  (void)connect().get("/a", kParent + "01\r\n");
  EXPECT_EQ(flags, 1U);  // passed on as it came
  spans_->want(true);
  (void)connect().get("/a", kParent + "00\r\n");
  EXPECT_EQ(flags, 0U);
  (void)connect().get("/a");
  EXPECT_EQ(flags, 3U);
  (void)span("GET /a");
  EXPECT_EQ(std::ranges::count(seen_, "GET /a", &Seen::name), 1);
}

TEST_F(RequestTraces, TracestateWithoutATraceIsNotPassedOn) {
  std::atomic<std::size_t> length{99};
  add("/a", [&](Exchange& exchange, revenge_error&) {
    length = exchange.call().origin->trace_state.size;
    return answer(exchange, "x");
  });
  start();
  (void)connect().get("/a", "Tracestate: rojo=1\r\n");
  EXPECT_EQ(length, 0U);
  (void)connect().get("/a", kParent + "00\r\nTracestate: rojo=1\r\n");
  EXPECT_EQ(length, 6U);
  (void)connect().get("/a", kParent + "00\r\nTracestate: ROJO=1\r\n");
  EXPECT_EQ(length, 0U);
}

}  // namespace
}  // namespace revenge::http
