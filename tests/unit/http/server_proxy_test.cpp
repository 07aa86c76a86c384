// Connections that come through a proxy, and bodies of slow clients.
#include "unit/http/server_fixture.hpp"

namespace revenge::http {
namespace {

using std::chrono::seconds;

class ServerBehindAProxy : public ServerTest {
 protected:
  void serve(const char* networks) {
    options_.proxied_from = {*Network::parse(networks)};
    add("/who", [](Exchange& exchange, revenge_error&) {
      const auto& request = exchange.request();
      return answer(exchange, fmt::format("{} {}", text(request.remote_address), request.remote_port));
    });
    start();
  }
  std::string who(const std::string& header) {
    Client client = connect();
    client.send(header);
    return client.get("/who").body;
  }
};

TEST_F(ServerBehindAProxy, BelievesTheHeader) {
  serve("127.0.0.0/8");
  EXPECT_EQ(who("PROXY TCP4 198.51.100.7 192.0.2.2 4711 443\r\n"), "198.51.100.7 4711");
  EXPECT_EQ(who("PROXY TCP6 2001:DB8::1 ::1 4712 443\r\n"), "2001:db8::1 4712");
  const std::string v2("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64\x08\xc0\0\x02\x02\x12\x69\x01\xbb",
                       28);
  EXPECT_EQ(who(v2), "198.51.100.8 4713");
}

TEST_F(ServerBehindAProxy, KeepsThePeerWhoseConnectionIsNotSaid) {
  serve("127.0.0.1");
  EXPECT_TRUE(who("PROXY UNKNOWN\r\n").starts_with("127.0.0.1 "));
}

TEST_F(ServerBehindAProxy, ClosesWhatBeginsWithoutIt) {
  serve("127.0.0.1");
  Client client = connect();
  client.send("GET /who HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_FALSE(client.fill());
  EXPECT_EQ(server_->connectionsApprox(), 0U);
}

TEST_F(ServerBehindAProxy, ClosesWhoseHeaderIsLate) {
  serve("127.0.0.1");
  Client client = connect();
  client.send("PROXY TCP4 198.");
  std::promise<void> closed;
  auto ended = closed.get_future();
  std::thread reader([&] {
    EXPECT_FALSE(client.fill());
    closed.set_value();
  });
  advanceUntil([&] { return ended.wait_for(seconds(0)) == std::future_status::ready; });
  reader.join();
}

TEST_F(ServerBehindAProxy, ReadsNoneFromOthers) {
  serve("192.0.2.0/24");
  EXPECT_TRUE(who("").starts_with("127.0.0.1 "));
  Client client = connect();
  client.send("PROXY UNKNOWN\r\nGET /who HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read().status, 400);
}

TEST_F(ServerBehindAProxy, StopsWhileAHeaderIsAwaited) {
  serve("127.0.0.1");
  Client client = connect();
  client.send("PROXY");
  while (server_->connectionsApprox() == 0) letLoopsFollow(reactor_);
  std::promise<void> drained;
  server_->stop([&] { drained.set_value(); });
  drained.get_future().get();
}

class ServerWithSlowClients : public ServerTest {
 protected:
  void serve() {
    options_.body_timeout = seconds(5);
    options_.body_bytes_per_s = 100;
    routes_.push_back({.method = Method::kPost,
                       .pattern = "/post",
                       .owner = plugin(),
                       .handle = [](Exchange& exchange, revenge_error&) { return answer(exchange, "taken"); },
                       .execution = Execution::kInline,
                       .body = BodyMode::kWhole});
    start();
  }
  // `bytes` of a body of 1000 every second; whether the client got its answer, and when.
  int statusAt(std::size_t bytes) {
    Client client = connect();
    client.send("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    std::promise<int> status;
    auto answered = status.get_future();
    std::thread reader([&] { status.set_value(client.read().status); });
    std::size_t sent = 0;
    for (int second = 0; answered.wait_for(seconds(0)) != std::future_status::ready && second < 1000;
         ++second) {
      if (sent < 1000) client.send(std::string(std::min(bytes, 1000 - sent), 'x'));
      sent += bytes;
      for (int tick = 0; tick < 10; ++tick) {
        letLoopsFollow(reactor_);
        scheduler_.advance(std::chrono::milliseconds(100));
        std::this_thread::yield();
      }
    }
    reader.join();
    return answered.get();
  }
};

TEST_F(ServerWithSlowClients, EndsABodyThatTricklesBelowTheRate) {
  serve();
  EXPECT_EQ(statusAt(10), 408);
}

TEST_F(ServerWithSlowClients, TakesABodyThatKeepsTheRate) {
  serve();
  EXPECT_EQ(statusAt(110), 200);
}

}  // namespace
}  // namespace revenge::http
