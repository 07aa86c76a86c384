// Clients that add 1 to a counter of their own, each over one connection, as fast as they are answered, until standard
// input closes. Then a line of JSON: how many adds of each were answered 200, how many were refused, the first reason.
// Usage: bench_adds PORT ROUTE...   one client a route; client n adds to the key "adds<n>"
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

// One keep-alive connection that asks and reads whole answers with a Content-Length.
class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
      throw std::runtime_error("cannot connect");
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { ::close(socket_); }

  // The status line on, up to the end of the body.
  std::string ask(std::string_view request) {
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
      throw std::runtime_error("cannot send");
    std::string answer;
    std::size_t whole = std::string::npos;
    while (answer.size() < whole) {
      char piece[4096];
      const auto got = ::recv(socket_, piece, sizeof piece, 0);
      if (got <= 0) throw std::runtime_error("closed before the answer's end");
      answer.append(piece, static_cast<std::size_t>(got));
      if (whole == std::string::npos) whole = lengthOf(answer);
    }
    return answer;
  }

 private:
  static std::size_t lengthOf(const std::string& answer) {
    constexpr std::string_view kField = "\r\nContent-Length: ";
    const auto head = answer.find("\r\n\r\n");
    if (head == std::string::npos) return head;
    const auto field = answer.find(kField);
    if (field > head) throw std::runtime_error("an answer without Content-Length");
    return head + 4 + std::strtoul(answer.c_str() + field + kField.size(), nullptr, 10);
  }

  const int socket_;
};

struct Client {
  std::string route;
  std::string key;
  std::uint64_t answered = 0;
  std::uint64_t refused = 0;
  std::string why;  // of the first that was refused
  double longest_ms = 0;

  void run(std::uint16_t port, const std::atomic<bool>& ending) try {
    Connection connection(port);
    const std::string request =
        fmt::format("GET {}?key={}&by=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", route, key);
    while (!ending) {
      const auto begin = Clock::now();
      const std::string answer = connection.ask(request);
      const std::chrono::duration<double, std::milli> taken = Clock::now() - begin;
      longest_ms = std::max(longest_ms, taken.count());
      if (answer.starts_with("HTTP/1.1 200 ")) {
        ++answered;
        continue;
      }
      ++refused;
      if (why.empty()) why = answer.substr(9, 3) + " " + answer.substr(answer.find("\r\n\r\n") + 4);
    }
  } catch (const std::runtime_error& failure) {
    ++refused;
    if (why.empty()) why = failure.what();
  }
};

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char each : text) out += each == '"' || each == '\\' || each < ' ' ? '\'' : each;
  return out + '"';
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return 2;
  const auto port = static_cast<std::uint16_t>(std::atoi(arguments[1]));
  std::vector<Client> clients;
  for (int i = 2; i < count; ++i) {
    clients.emplace_back();
    clients.back().route = arguments[i];
    clients.back().key = fmt::format("adds{}", i - 2);
  }
  std::atomic<bool> ending = false;
  std::vector<std::thread> threads;
  const auto begin = Clock::now();
  for (Client& client : clients) threads.emplace_back([&] { client.run(port, ending); });
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) > 0) continue;
  ending = true;
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> seconds = Clock::now() - begin;

  std::vector<std::uint64_t> answered;
  std::uint64_t refused = 0;
  std::string why;
  double longest_ms = 0;
  for (const Client& client : clients) {
    answered.push_back(client.answered);
    refused += client.refused;
    if (why.empty()) why = client.why;
    longest_ms = std::max(longest_ms, client.longest_ms);
  }
  fmt::print(
      "{{\"answered\": [{}], \"refused\": {}, \"why\": {}, \"longest_ms\": {:.3f}, \"seconds\": {:.3f}}}\n",
      fmt::join(answered, ", "), refused, quoted(why), longest_ms, seconds.count());
}
