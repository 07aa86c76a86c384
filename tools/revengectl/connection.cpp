#include "revengectl/connection.hpp"

#include <cerrno>
#include <chrono>
#include <memory>

#include <netdb.h>
#include <sys/time.h>
#include <sys/un.h>

namespace revenge::ctl {

using base::Errc;
using base::fail;

base::Result<> Connection::open() { return place_.host.empty() ? openUnix() : openTcp(); }

base::Result<> Connection::send(std::string_view text) {
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

base::Result<std::string_view> Connection::receive() {
  while (true) {
    if (!limit(SO_RCVTIMEO)) return late();
    const ssize_t got = ::recv(socket_.get(), bytes_.data(), bytes_.size(), 0);
    if (got >= 0) return std::string_view(bytes_.data(), static_cast<std::size_t>(got));
    if (errno == EAGAIN) return late();
    if (errno == ECONNRESET) return std::string_view();
    if (errno != EINTR) return fail(Errc::kIo, "{}: {}", place_.shown, base::errnoText(errno));
  }
}

base::Result<> Connection::openUnix() {
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

base::Result<> Connection::openTcp() {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int failed = ::getaddrinfo(place_.host.c_str(), place_.port.c_str(), &hints, &found); failed != 0)
    return fail(Errc::kUnavailable, "cannot reach the host at {}: {}", place_.shown, ::gai_strerror(failed));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, ::freeaddrinfo);
  base::Result<> connected;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    connected = connectTo(each->ai_family, each->ai_addr, each->ai_addrlen);
    if (connected) break;
  }
  return connected;
}

base::Result<> Connection::connectTo(int family, const sockaddr* address, socklen_t size) {
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
bool Connection::limit(int option) const {
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

std::unexpected<base::Error> Connection::late() const {
  return fail(Errc::kTimedOut, "the host at {} did not answer within {:g} s (--timeout)", place_.shown,
              std::chrono::duration<double>(timeout_).count());
}

std::unexpected<base::Error> Connection::unreachable(int error) const {
  const std::string_view remedy =
      error == EACCES || error == EPERM
          ? "run this as the user the host runs as, or as root"
          : "is it running? start it with tools/run, or name its socket with --socket or REVENGE_SOCKET";
  return fail(Errc::kUnavailable, "cannot reach the host at {}: {}; {}", place_.shown, base::errnoText(error),
              remedy);
}

}  // namespace revenge::ctl
