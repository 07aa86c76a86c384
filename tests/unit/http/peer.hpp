// A server that does exactly what a test says, on a free port of the loopback. Each connection runs the test's function
// on a thread of the peer; the peer waits for all of them at its end, after shutting their sockets.
#pragma once

#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/unique_fd.hpp"

namespace revenge::http {

class Peer {
 public:
  class Connection {
   public:
    Connection(base::UniqueFd socket, int number) : number(number), socket_(std::move(socket)) {}

    // A request's head with its last empty line; empty: the client has left.
    std::string readHead() {
      std::size_t end = 0;
      while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
        if (!fill()) return {};
      std::string head = buffer_.substr(0, end + 4);
      buffer_.erase(0, end + 4);
      return head;
    }
    std::string readBytes(std::size_t count) {
      while (buffer_.size() < count && fill()) {
      }
      std::string bytes = buffer_.substr(0, count);
      buffer_.erase(0, bytes.size());
      return bytes;
    }
    std::string readUntil(std::string_view mark) {
      while (!buffer_.contains(mark) && fill()) {
      }
      return std::exchange(buffer_, {});
    }
    void awaitEnd() {
      while (fill()) {
      }
    }
    bool send(std::string_view text) {
      while (!text.empty()) {
        const ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
      }
      return true;
    }
    void answer(std::string_view body, std::string_view fields = "") {
      send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           std::string(fields) + "\r\n" + std::string(body));
    }
    void reset() {
      const linger now{1, 0};
      ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
      close();
    }
    void close() {
      const std::lock_guard lock(mutex_);
      socket_.reset();
    }
    // From another thread: what waits here ends.
    void shut() {
      const std::lock_guard lock(mutex_);
      if (socket_) ::shutdown(socket_.get(), SHUT_RDWR);
    }

    const int number;  // 0 for the first one

   private:
    bool fill() {
      char bytes[65536];
      const ssize_t got = ::recv(socket_.get(), bytes, sizeof(bytes), 0);
      if (got <= 0) return false;
      buffer_.append(bytes, static_cast<std::size_t>(got));
      return true;
    }
    std::mutex mutex_;  // held to close the socket, and by who uses it from elsewhere
    base::UniqueFd socket_;
    std::string buffer_;
  };
  using Serve = std::function<void(Connection&)>;

  explicit Peer(Serve serve, const char* address = "127.0.0.1") : serve_(std::move(serve)) {
    const bool six = std::string_view(address).contains(':');
    listener_.reset(::socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in6 v6{};
    sockaddr_in v4{};
    v6.sin6_family = AF_INET6;
    v4.sin_family = AF_INET;
    if (six)
      ::inet_pton(AF_INET6, address, &v6.sin6_addr);
    else
      ::inet_pton(AF_INET, address, &v4.sin_addr);
    auto* const at = six ? reinterpret_cast<sockaddr*>(&v6) : reinterpret_cast<sockaddr*>(&v4);
    socklen_t size = six ? sizeof(v6) : sizeof(v4);
    ::bind(listener_.get(), at, size);
    ::listen(listener_.get(), 64);
    ::getsockname(listener_.get(), at, &size);
    port_ = ntohs(six ? v6.sin6_port : v4.sin_port);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~Peer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (Served& each : served_) each.connection.shut();
    }
    for (Served& each : served_) each.thread.join();
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  std::string url(std::string_view target = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(target);
  }
  std::uint16_t port() const { return port_; }
  int connections() const {
    const std::lock_guard lock(mutex_);
    return accepted_;
  }

 private:
  struct Served {
    explicit Served(base::UniqueFd socket, int number) : connection(std::move(socket), number) {}
    Connection connection;
    std::thread thread;
  };

  void accept() {
    for (;;) {
      base::UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!socket) return;
      const std::lock_guard lock(mutex_);
      Served& served = served_.emplace_back(std::move(socket), accepted_++);
      served.thread = std::thread([this, &served] {
        serve_(served.connection);
        served.connection.close();
      });
    }
  }

  Serve serve_;
  base::UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::thread acceptor_;
  mutable std::mutex mutex_;
  std::list<Served> served_;  // guarded by mutex_; a node stays where it is
  int accepted_ = 0;          // guarded by mutex_
};

// A port whose every connection hangs while it is being made: its queue is full, and nobody accepts.
class DeafPort {
 public:
  DeafPort() {
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    at_.sin_family = AF_INET;
    at_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(at_);
    ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&at_), size);
    ::listen(listener_.get(), 0);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&at_), &size);
    for (int i = 0; i < 4; ++i) {
      base::UniqueFd& filler =
          fillers_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      ::connect(filler.get(), reinterpret_cast<sockaddr*>(&at_), size);
    }
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(ntohs(at_.sin_port)) + "/"; }

 private:
  base::UniqueFd listener_;
  sockaddr_in at_{};
  std::vector<base::UniqueFd> fillers_;
};

}  // namespace revenge::http
