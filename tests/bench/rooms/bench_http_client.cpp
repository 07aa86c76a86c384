// What a small GET over a kept connection costs the process, in microseconds of CPU of all its threads, one at a time:
// through the table as a plugin calls it, through the room alone, and by a plain asynchronous Beast client on one thread,
// the reference. All three ask the same server. A line of JSON a pair.
// Usage: bench_http_client FOLDER PACKAGES PORT [pairs]
#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/core.h>

#include "http/outgoing.hpp"
#include "rooms/rooms.hpp"

namespace {

using namespace revenge;
namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr int kRequests = 3'000;  // in a batch
constexpr int kBatches = 3;       // of each kind in a pair, taken in turn; the cheapest counts

void check(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

double cpuMicroseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

class Ended {
 public:
  void tell() {
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return over_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
};

class Plain {
 public:
  explicit Plain(std::uint16_t port) : socket_(context_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    socket_.set_option(asio::ip::tcp::no_delay(true));
    host_ = "127.0.0.1:" + std::to_string(port);
  }
  void run() {
    left_ = kRequests;
    next();
    context_.run();
    context_.restart();
  }

 private:
  void next() {
    request_ = {beast::http::verb::get, "/same", 11};
    request_.set(beast::http::field::host, host_);
    request_.set(beast::http::field::user_agent, "revenge/0.1.0");
    response_ = {};
    beast::http::async_write(socket_, request_, [this](const beast::error_code& error, std::size_t) {
      check(!error, "not sent");
      beast::http::async_read(
          socket_, buffer_, response_, [this](const beast::error_code& failed, std::size_t) {
            check(!failed && response_.result_int() == 200 && response_.body() == "ok", "another answer");
            if (--left_ > 0) next();
          });
    });
  }

  asio::io_context context_{1};
  asio::ip::tcp::socket socket_;
  std::string host_;
  beast::flat_buffer buffer_;
  beast::http::request<beast::http::empty_body> request_;
  beast::http::response<beast::http::string_body> response_;
  int left_ = 0;
};

class Room {
 public:
  Room(http::Outgoing& outgoing, const std::string& url) : outgoing_(outgoing), url_(url) {}
  void run() {
    left_ = kRequests;
    next();
    ended_.wait();
  }

 private:
  void next() {
    http::OutgoingRequest request;
    request.url = *http::parseUrl(url_);
    auto prepared = outgoing_.prepare("room", std::move(request));
    check(prepared.has_value(), "not prepared");
    (*prepared)->start([this, fetch = *prepared](const base::Result<http::Came>& came) {
      check(came && came->bytes == "ok", "another answer");
      fetch->close();
      --left_ > 0 ? next() : ended_.tell();
    });
  }

  http::Outgoing& outgoing_;
  const std::string url_;
  int left_ = 0;
  Ended ended_;
};

// As a plugin in C does.
class Plugin {
 public:
  Plugin(const revenge_host& host, const std::string& url) : host_(host), url_(url) {}
  void run() {
    left_ = kRequests;
    next();
    ended_.wait();
  }

 private:
  void next() {
    revenge_http_client_request request{};
    request.size = sizeof request;
    request.method = REVENGE_HTTP_GET;
    request.url = {url_.data(), url_.size()};
    const revenge_completion done{sizeof done, 0, this, arrived};
    check(client_.send(&host_, nullptr, &request, &exchange_, &done, nullptr) == REVENGE_PENDING, "not sent");
  }
  static void arrived(void* context, revenge_status status, revenge_view body, const revenge_error*) {
    auto& self = *static_cast<Plugin*>(context);
    check(status == REVENGE_OK && std::string_view(body.data, body.size) == "ok", "another answer");
    revenge_http_client_response response{};
    response.size = sizeof response;
    check(self.client_.response(&self.host_, self.exchange_, &response, nullptr) == REVENGE_OK &&
              response.status == 200,
          "no response");
    self.client_.close(&self.host_, self.exchange_);
    --self.left_ > 0 ? self.next() : self.ended_.tell();
  }

  const revenge_host& host_;
  const std::string url_;
  const revenge_http_client& client_ = ext::HttpClientAdapter::table();
  revenge_handle exchange_ = 0;
  int left_ = 0;
  Ended ended_;
};

template <typename Run>
double perRequest(Run run) {
  const double begun = cpuMicroseconds();
  run();
  return (cpuMicroseconds() - begun) / kRequests;
}

void print(const char* name, double value, double reference) {
  fmt::print("{{\"name\": \"{}\", \"value\": {:.3f}, \"reference_value\": {:.3f}, \"unit\": \"us\"}}\n", name,
             value, reference);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) return 2;
  bench::Rooms rooms(arguments[1], arguments[2]);
  const auto port = static_cast<std::uint16_t>(std::atoi(arguments[3]));
  const int pairs = count > 4 ? std::atoi(arguments[4]) : 9;
  const auto caller = rooms.callerOf("bench.chain-near/1");
  http::Outgoing outgoing({rooms.reactor, rooms.timers, rooms.metrics}, {});
  rooms.bundle.httpClient.goOutThrough(outgoing);
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/same";
  Plain plain(port);
  for (int i = 0; i < pairs; ++i) {
    double reference = std::numeric_limits<double>::max();
    double room = reference;
    double plugin = reference;
    for (int batch = 0; batch < kBatches; ++batch) {
      reference = std::min(reference, perRequest([&] { plain.run(); }));
      room = std::min(room, perRequest([&] { Room(outgoing, url).run(); }));
      plugin = std::min(plugin, perRequest([&] { Plugin(caller->host, url).run(); }));
    }
    print("small GET out, through the table", plugin, reference);
    print("small GET out, the room alone", room, reference);
  }
  outgoing.stop();
}
