#include "revengectl/client.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "base/unique_fd.hpp"
#include "revengectl/response_reader.hpp"

namespace revenge::ctl {

namespace {

using base::Errc;
using base::fail;

constexpr std::size_t kMaxBody = 32U << 20U;
constexpr std::size_t kMaxLine = 1U << 20U;

// The connection: every wait ends at the deadline, as a timeout of the socket.
class Connection {
 public:
  Connection(const base::Clock& clock, const Place& place, base::Duration timeout)
      : clock_(clock),
        place_(place),
        path_(place.shown),
        timeout_(timeout),
        deadline_(clock.now() + timeout) {}

  void waitForEver() { bounded_ = false; }

  base::Result<> open() { return place_.host.empty() ? openUnix() : openTcp(); }

  base::Result<> send(std::string_view text) {
    while (!text.empty()) {
      if (!limit(SO_SNDTIMEO)) return late();
      const ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        text.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        return late();
      } else if (errno != EINTR) {
        return {};  // whoever closed early may have said why: the answer tells
      }
    }
    return {};
  }

  // Empty: the host has closed.
  base::Result<std::string_view> receive() {
    while (true) {
      if (!limit(SO_RCVTIMEO)) return late();
      const ssize_t got = ::recv(socket_.get(), bytes_, sizeof(bytes_), 0);
      if (got >= 0) return std::string_view(bytes_, static_cast<std::size_t>(got));
      if (errno == EAGAIN) return late();
      if (errno == ECONNRESET) return std::string_view();
      if (errno != EINTR) return fail(Errc::kIo, "{}: {}", path_, base::errnoText(errno));
    }
  }

 private:
  base::Result<> openUnix() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& path = place_.socket;
    if (path.size() >= sizeof(address.sun_path)) {
      return fail(Errc::kUnavailable, "{}: the path is longer than a socket's may be ({} bytes)", path,
                  sizeof(address.sun_path) - 1);
    }
    path.copy(address.sun_path, path.size());
    return connectTo(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }

  base::Result<> openTcp() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int failed = ::getaddrinfo(place_.host.c_str(), place_.port.c_str(), &hints, &found);
        failed != 0)
      return fail(Errc::kUnavailable, "cannot reach the host at {}: {}", path_, ::gai_strerror(failed));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, ::freeaddrinfo);
    base::Result<> connected;
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
      connected = connectTo(each->ai_family, each->ai_addr, each->ai_addrlen);
      if (connected) break;
    }
    return connected;
  }

  base::Result<> connectTo(int family, const sockaddr* address, socklen_t size) {
    socket_.reset(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket_) return fail(Errc::kIo, "no socket: {}", base::errnoText(errno));
    if (!limit(SO_SNDTIMEO)) return late();
    while (::connect(socket_.get(), address, size) != 0) {
      if (errno == EAGAIN || errno == EINPROGRESS) return late();
      if (errno != EINTR) return unreachable(errno);
      if (!limit(SO_SNDTIMEO)) return late();
    }
    return {};
  }

  // False: the deadline has passed. A timeout of zero would mean none.
  bool limit(int option) const {
    timeval wait{};
    if (bounded_) {
      const auto left = deadline_ - clock_.now();
      if (left <= base::Duration::zero()) return false;
      const auto whole = std::chrono::ceil<std::chrono::microseconds>(left);
      constexpr std::int64_t kMicroseconds = 1'000'000;
      wait = {whole.count() / kMicroseconds, whole.count() % kMicroseconds};
    }
    (void)::setsockopt(socket_.get(), SOL_SOCKET, option, &wait, sizeof(wait));
    return true;
  }

  std::unexpected<base::Error> late() const {
    return fail(Errc::kTimedOut, "the host at {} did not answer within {:g} s (--timeout)", path_,
                std::chrono::duration<double>(timeout_).count());
  }

  std::unexpected<base::Error> unreachable(int error) const {
    const std::string_view remedy =
        error == EACCES || error == EPERM
            ? "run this as the user the host runs as, or as root"
            : "is it running? start it with tools/run, or name its socket with --socket or REVENGE_SOCKET";
    return fail(Errc::kUnavailable, "cannot reach the host at {}: {}; {}", path_, base::errnoText(error),
                remedy);
  }

  const base::Clock& clock_;
  const Place& place_;
  const std::string& path_;
  const base::Duration timeout_;
  const base::Instant deadline_;
  bool bounded_ = true;
  base::UniqueFd socket_;
  char bytes_[16 * 1024] = {};
};

// The body, gathered or cut into lines.
class Gatherer {
 public:
  explicit Gatherer(const std::function<void(std::string_view)>& line) : line_(line) {}

  base::Result<> take(std::string_view piece, bool as_lines) {
    body_ += piece;
    if (!as_lines) {
      if (body_.size() > kMaxBody) return fail(Errc::kLimit, "the answer is longer than {} bytes", kMaxBody);
      return {};
    }
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = body_.find('\n', begin)) != std::string::npos; begin = end + 1)
      line_(std::string_view(body_).substr(begin, end - begin));
    body_.erase(0, begin);
    if (body_.size() > kMaxLine) return fail(Errc::kLimit, "a line of the answer does not end");
    return {};
  }

  std::string body() && { return std::move(body_); }

 private:
  const std::function<void(std::string_view)>& line_;
  std::string body_;
};

std::string textOf(const Request& request, const Place& place) {
  std::string fields;
  if (!place.token.empty()) fields += fmt::format("Authorization: Bearer {}\r\n", place.token);
  if (!request.body.empty()) fields += "Content-Type: application/json\r\n";
  if (request.method == "POST") fields += fmt::format("Content-Length: {}\r\n", request.body.size());
  return fmt::format("{} {} HTTP/1.1\r\nHost: revenge\r\nConnection: close\r\n{}\r\n{}", request.method,
                     request.target, fields, request.body);
}

}  // namespace

base::Result<Answer> Client::ask(const Request& request) const {
  Connection connection(clock_, place_, timeout_);
  if (auto ok = connection.open(); !ok) return std::unexpected(ok.error());
  if (auto ok = connection.send(textOf(request, place_)); !ok) return std::unexpected(ok.error());

  Gatherer gatherer(request.line);
  const ResponseReader* seen = nullptr;
  ResponseReader reader([&](std::string_view piece) {
    constexpr int kGood = 200;
    return gatherer.take(piece, request.line != nullptr && seen->status() == kGood);
  });
  seen = &reader;
  while (!reader.done()) {
    const auto bytes = connection.receive();
    if (!bytes) return std::unexpected(bytes.error());
    if (auto ok = bytes->empty() ? reader.end() : reader.take(*bytes); !ok)
      return std::unexpected(ok.error());
    if (reader.headDone() && request.patience == Patience::kHead) connection.waitForEver();
  }
  return Answer{reader.status(), std::move(gatherer).body()};
}

}  // namespace revenge::ctl
