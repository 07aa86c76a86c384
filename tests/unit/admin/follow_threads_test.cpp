#include "unit/admin/control_fixture.hpp"

namespace revenge::admin {
namespace {

TEST_F(ControlTest, FollowersComeAndGoWhileEventsAreTold) {
  serve();
  std::atomic<bool> enough{false};
  std::vector<std::thread> publishers;
  for (int i = 0; i < 2; ++i) {
    publishers.emplace_back([&] {
      while (!enough) {
        events_.publish({.kind = "test", .plugin = {}, .text = "said"});
        std::this_thread::yield();
      }
    });
  }
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      for (int round = 0; round < 40; ++round) {
        http::Client client(socket_);
        client.send("GET /v1/events?follow=1 HTTP/1.1\r\nHost: test\r\n\r\n");
        EXPECT_NE(client.readUntil("said").find("HTTP/1.1 200"), std::string::npos);
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  http::Client last(socket_);
  last.send("GET /v1/events?follow=1 HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_NE(last.readUntil("said").find("said"), std::string::npos);
  server_.reset();  // while they still publish
  last.readAll();
  enough = true;
  for (std::thread& publisher : publishers) publisher.join();
}

}  // namespace
}  // namespace revenge::admin
