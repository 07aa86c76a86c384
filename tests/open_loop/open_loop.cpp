// Asks a server at given rates, whether it answers or not, and says what became of the requests of each kind. A request is
// timed from the moment it was due. One thread; a connection carries one request at a time, and another is opened where none
// is idle.
// Usage: open_loop PORT SECONDS DEADLINE_MS SEED PATH=PER_S...     at those rates
//        open_loop PORT SECONDS DEADLINE_MS SEED PATH*CLIENTS      so many clients, each asking again when it is answered
// Prints a line of JSON for each kind: sent, in_time (answered 200 within the deadline), refused (429 or 503), late, failed,
// the longest answered in milliseconds, and how far this program itself fell behind: beyond some ten it had no core, and the
// server hardly one.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "schedule.hpp"

namespace {

using namespace revenge::open_loop;
using namespace std::chrono_literals;

constexpr std::size_t kMostConnections = 4000;

struct Outcome {
  std::uint64_t sent = 0, in_time = 0, refused = 0, late = 0, failed = 0;
  Clock::duration longest{};
};

struct Connection {
  explicit Connection(int descriptor) : socket(descriptor) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(socket); }

  int socket;
  bool is_busy = false;
  std::size_t kind = 0;
  Moment due;
  std::string received{};
};

// Status and whole length of the response, once its head is there; 0: not yet.
struct Head {
  int status = 0;
  std::size_t length = 0;
};
Head headOf(std::string_view received) {
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos || received.size() < 12) return {};
  Head head{.length = end + 4};
  std::from_chars(received.data() + 9, received.data() + 12, head.status);
  std::string lower(received.substr(0, end));
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  constexpr std::string_view kLength = "\r\ncontent-length: ";
  const std::size_t field = lower.find(kLength);
  if (field == std::string::npos) return head;
  std::size_t body = 0;
  const char* const from = lower.data() + field + kLength.size();
  std::from_chars(from, lower.data() + lower.size(), body);
  head.length += body;
  return head;
}

class Clients {
 public:
  Clients(std::uint16_t port, Clock::duration deadline, std::vector<Kind> kinds)
      : kinds_(std::move(kinds)), outcomes_(kinds_.size()), deadline_(deadline), epoll_(epoll_create1(0)) {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(port);
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;
  ~Clients() { close(epoll_); }

  void atRates(Clock::duration span, unsigned seed) {
    const Moment begin = Clock::now();
    Schedule schedule(kinds_, begin, begin + span, seed);
    while (const auto due = schedule.next()) {
      for (Moment now = Clock::now(); now < due->at; now = Clock::now()) await(due->at - now);
      send(due->kind, due->at);
      schedule.take();
    }
    finish();
  }
  void inTurn(Clock::duration span, std::size_t clients) {
    const Moment end = Clock::now() + span;
    for (Moment now = Clock::now(); now < end; now = Clock::now()) {
      while (busy_ < clients) send(0, Clock::now());
      await(end - now);
    }
    finish();
  }

  void print(Clock::duration span) const {
    for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
      const Outcome& of = outcomes_[kind];
      fmt::print(
          R"({{"path": "{}", "seconds": {:.3f}, "sent": {}, "in_time": {}, "refused": {}, "late": {}, "failed": {}, "longest_ms": {:.1f}, "lag_ms": {:.1f}}})"
          "\n",
          kinds_[kind].path, std::chrono::duration<double>(span).count(), of.sent, of.in_time, of.refused,
          of.late, of.failed, std::chrono::duration<double, std::milli>(of.longest).count(),
          std::chrono::duration<double, std::milli>(lag_).count());
    }
  }

 private:
  void finish() {
    const Moment patience = Clock::now() + deadline_ + 1s;
    for (Moment now = Clock::now(); busy_ > 0 && now < patience; now = Clock::now()) await(patience - now);
    for (const auto& each : connections_)
      if (each->is_busy) ++outcomes_[each->kind].failed;
  }

  void send(std::size_t kind, Moment due) {
    ++outcomes_[kind].sent;
    lag_ = std::max(lag_, Clock::now() - due);
    Connection* const connection = idleOne();
    const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", kinds_[kind].path);
    if (connection == nullptr) {
      ++outcomes_[kind].failed;
      return;
    }
    connection->kind = kind;
    connection->due = due;
    connection->is_busy = true;
    ++busy_;
    if (::send(connection->socket, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
      drop(*connection);
  }

  Connection* idleOne() {
    if (!idle_.empty()) {
      Connection* const last = idle_.back();
      idle_.pop_back();
      return last;
    }
    if (connections_.size() == kMostConnections) return nullptr;
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    auto made = std::make_unique<Connection>(descriptor);
    if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) != 0)
      return nullptr;
    const int yes = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = made.get()}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
    return connections_.emplace_back(std::move(made)).get();
  }

  void await(Clock::duration most) {
    std::array<epoll_event, 64> events{};
    const auto whole = std::chrono::floor<std::chrono::seconds>(most);
    const timespec timeout{.tv_sec = whole.count(), .tv_nsec = (most - whole).count()};
    const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    for (int i = 0; i < count; ++i)
      receive(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
  }

  void receive(Connection& connection) {
    std::array<char, 16384> bytes;
    const ssize_t count = recv(connection.socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return drop(connection);
    connection.received.append(bytes.data(), static_cast<std::size_t>(count));
    const Head head = headOf(connection.received);
    if (head.status == 0 || connection.received.size() < head.length) return;
    answered(connection, head.status);
  }

  void answered(Connection& connection, int status) {
    Outcome& of = outcomes_[connection.kind];
    const Clock::duration took = Clock::now() - connection.due;
    if (status == 429 || status == 503) {
      ++of.refused;
    } else if (status != 200) {
      ++of.failed;
    } else {
      ++(took <= deadline_ ? of.in_time : of.late);
      of.longest = std::max(of.longest, took);
    }
    connection.received.clear();
    connection.is_busy = false;
    --busy_;
    idle_.push_back(&connection);
  }

  void drop(Connection& connection) {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, connection.socket, nullptr);
    if (!connection.is_busy) {
      std::erase(idle_, &connection);
      return;
    }
    ++outcomes_[connection.kind].failed;
    connection.is_busy = false;
    --busy_;
  }

  const std::vector<Kind> kinds_;
  std::vector<Outcome> outcomes_;
  const Clock::duration deadline_;
  const int epoll_;
  sockaddr_in address_{};
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> idle_;
  std::size_t busy_ = 0;
  Clock::duration lag_{};  // of the request that was sent latest behind its moment
};

struct Asked {
  std::vector<Kind> kinds;
  std::size_t clients = 0;  // 0: at rates
};

Asked askedBy(const std::vector<std::string>& words) {
  Asked asked;
  for (const std::string& word : words) {
    const std::size_t at = word.find_last_of("=*");
    if (at == std::string::npos) throw std::runtime_error(word + " has neither a rate nor clients");
    if (word[at] == '*') asked.clients = std::stoul(word.substr(at + 1));
    asked.kinds.push_back({word.substr(0, at), word[at] == '=' ? std::stod(word.substr(at + 1)) : 0});
  }
  return asked;
}

}  // namespace

int main(int count, char** words) try {
  if (count < 6)
    throw std::runtime_error("usage: open_loop PORT SECONDS DEADLINE_MS SEED PATH=PER_S...|PATH*CLIENTS");
  const auto span =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(std::stod(words[2])));
  const Asked asked = askedBy({words + 5, words + count});
  Clients clients(static_cast<std::uint16_t>(std::stoul(words[1])),
                  std::chrono::milliseconds(std::stol(words[3])), asked.kinds);
  if (asked.clients > 0)
    clients.inTurn(span, asked.clients);
  else
    clients.atRates(span, static_cast<unsigned>(std::stoul(words[4])));
  clients.print(span);
  return 0;
} catch (const std::exception& reason) {
  fmt::print(stderr, "{}\n", reason.what());
  return 2;
}
