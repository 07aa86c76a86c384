// A server on a free port with routes given by the test, and a small blocking client. Every wait of the client ends
// by an answer or by the connection's end; a receive timeout turns a hang into a failure.
#pragma once

#include <atomic>
#include <csignal>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/manual_scheduler.hpp"
#include "http/server.hpp"
#include "observe/recording_log.hpp"
#include "observe/spans.hpp"
#include "unit/http/advance.hpp"

namespace revenge::http {

struct Reply {
  int status = 0;
  std::string head;  // all of it
  std::map<std::string, std::string> fields;
  std::string body;
  std::string field(const std::string& name) const {
    const auto at = fields.find(name);
    return at == fields.end() ? "" : at->second;
  }
};

class Client {
 public:
  explicit Client(const std::string& address) {
    const std::size_t colon = address.rfind(':');
    if (address.starts_with('/')) {
      connectUnix(address);
      return;
    }
    const bool six = address.starts_with('[');
    socket_.reset(::socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = port;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = port;
    v6.sin6_addr = in6addr_loopback;
    connect(six ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&four),
            six ? sizeof(v6) : sizeof(four));
  }

  int fd() const { return socket_.get(); }
  void close() { socket_.reset(); }
  void finishSending() { ::shutdown(fd(), SHUT_WR); }
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(fd(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // False: the connection has ended.
  bool fill() {
    char bytes[65536];
    const ssize_t got = ::recv(fd(), bytes, sizeof(bytes), 0);
    if (got < 0) {
      EXPECT_NE(errno, EAGAIN) << "no answer within the test's patience";
    }
    if (got <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  std::string readAll() {
    while (fill()) {
    }
    return std::exchange(buffer_, {});
  }
  bool ended() { return readAll().empty(); }
  std::string readUntil(std::string_view mark) {
    while (!buffer_.contains(mark)) {
      if (!fill()) break;
    }
    return buffer_;
  }

  enum class Body { kExpected, kNone };
  Reply read(Body body = Body::kExpected) {
    Reply reply;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) return reply;
    }
    reply.head = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    reply.status = std::stoi(reply.head.substr(9, 3));
    for (std::size_t at = reply.head.find("\r\n") + 2; at < reply.head.size();) {
      const std::size_t colon = reply.head.find(": ", at);
      const std::size_t stop = reply.head.find("\r\n", at);
      reply.fields[reply.head.substr(at, colon - at)] = reply.head.substr(colon + 2, stop - colon - 2);
      at = stop + 2;
    }
    if (body == Body::kNone || reply.status == 304 || reply.status == 204 || reply.status < 200) return reply;
    if (reply.field("Transfer-Encoding") == "chunked") {
      readChunks(reply);
    } else if (!reply.field("Content-Length").empty()) {
      const std::size_t length = std::stoull(reply.field("Content-Length"));
      while (buffer_.size() < length && fill()) {
      }
      reply.body = buffer_.substr(0, length);
      buffer_.erase(0, length);
    } else {
      reply.body = readAll();
    }
    return reply;
  }

  Reply get(const std::string& target, const std::string& fields = "") {
    send("GET " + target + " HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n");
    return read();
  }

 private:
  void connectUnix(const std::string& path) {
    socket_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    connect(reinterpret_cast<sockaddr*>(&address), sizeof(address));
  }
  void connect(const sockaddr* address, socklen_t size) {
    const timeval patience{20, 0};
    ::setsockopt(fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(::connect(fd(), address, size), 0) << base::errnoText(errno);
  }
  void readChunks(Reply& reply) {
    for (;;) {
      std::size_t eol = 0;
      while ((eol = buffer_.find("\r\n")) == std::string::npos) {
        if (!fill()) {
          reply.status = -1;  // cut
          return;
        }
      }
      const std::size_t length = std::stoull(buffer_.substr(0, eol), nullptr, 16);
      while (buffer_.size() < eol + 2 + length + 2) {
        if (!fill()) {
          reply.status = -1;
          return;
        }
      }
      reply.body += buffer_.substr(eol + 2, length);
      buffer_.erase(0, eol + 2 + length + 2);
      if (length == 0) return;
    }
  }

  base::UniqueFd socket_;
  std::string buffer_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest()
      : reactor_({.threads = 2}, scheduler_),
        lanes_({.workers = 4}, scheduler_),
        lane_(*lanes_.openLane({.name = "p", .plugin = base::PluginMark(1), .share = 1.0})),
        instance_(*domain_.instances().open()) {
    ::signal(SIGPIPE, SIG_IGN);
  }

  ~ServerTest() override {
    server_.reset();
    lanes_.stop(std::chrono::seconds(5));
    reactor_.stop(std::chrono::seconds(5));
  }

  Owner plugin() const {
    return {.plugin = "p", .instance = instance_, .lane = lane_, .mark = base::PluginMark(1)};
  }

  Route& add(const std::string& pattern, Handler handle, Execution execution = Execution::kInline) {
    return routes_.emplace_back(
        Route{.pattern = pattern, .owner = plugin(), .handle = std::move(handle), .execution = execution});
  }
  Route& addText(const std::string& pattern, const std::string& body) {
    return add(pattern, [body](Exchange& exchange, revenge_error&) { return answer(exchange, body); });
  }
  static revenge_status answer(Exchange& exchange, std::string_view body, std::string_view etag = {}) {
    const auto done =
        exchange.respond({.content_type = "text/plain", .etag = etag, .body = Bytes::borrowed(body)});
    return done ? REVENGE_OK : REVENGE_FAILED;
  }

  void start() {
    auto router = Router::build(routes_, middleware_);
    ASSERT_TRUE(router) << router.error().message;
    server_ = std::make_unique<Server>(
        Server::Parts{reactor_, lanes_, domain_, scheduler_, log_.log(), log_.metrics(), spans_.get()},
        options_, *router,
        ServerHooks{.finished =
                        [this](const Finished& finished) {
                          if (told_.exchange(true)) return;  // the first is what the tests ask about
                          finished_.set_value(
                              {std::string(finished.session), finished.bytes_sent, finished.complete});
                        },
                    .ended =
                        [this](const RequestEnd& end) {
                          const std::lock_guard lock(ends_mutex_);
                          ends_.push_back(end);
                          return true;
                        }});
    const auto bound = server_->listenTcp("127.0.0.1", 0);
    ASSERT_TRUE(bound) << bound.error().message;
    address_ = *bound;
  }
  Client connect() const { return Client(address_); }
  Exchanges& exchanges() { return server_->exchanges(); }

  std::vector<RequestEnd> ends() const {
    const std::lock_guard lock(ends_mutex_);
    return ends_;
  }

  template <typename Done>
  void advanceUntil(Done done) {
    http::advanceUntil(scheduler_, reactor_, std::move(done));
  }

  struct End {
    std::string session;
    std::uint64_t bytes;
    bool complete;
  };

  base::ManualClock clock_;
  base::ManualScheduler scheduler_{clock_};
  observe::RecordingLog log_;
  std::shared_ptr<observe::Spans> spans_ = std::make_shared<observe::Spans>();  // with threads that record
  runtime::Reactor reactor_;
  runtime::Lanes lanes_;
  service::Domain domain_;
  runtime::LaneId lane_;
  service::InstanceRef instance_;
  ServerOptions options_;
  std::vector<Route> routes_;
  std::vector<Middleware> middleware_;
  std::atomic<bool> told_{false};
  std::promise<End> finished_;
  mutable std::mutex ends_mutex_;
  std::vector<RequestEnd> ends_;  // guarded by ends_mutex_
  std::unique_ptr<Server> server_;
  std::string address_;
};

}  // namespace revenge::http
