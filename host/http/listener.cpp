#include "http/listener.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "http/io_loop.hpp"
#include "http/server_core.hpp"

namespace revenge::http {
namespace {

using base::Errc;
using base::fail;

constexpr int kBacklog = 1024;
constexpr int kAcceptedAtOnce = 16;
// What the kernel keeps of an answer beyond what is on its way. Its buffer grows to megabytes (tcp_wmem) where a client far away
// reads fast, and stays so large when that client then stops.
constexpr int kUnsent = 128 << 10;

template <typename Address>
const sockaddr* generic(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

struct TcpAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

base::Result<TcpAddress> parseAddress(const std::string& text, std::uint16_t port) {
  TcpAddress out;
  sockaddr_in four{};
  sockaddr_in6 six{};
  if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    std::memcpy(&out.storage, &four, out.size = sizeof(four));
  } else if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&out.storage, &six, out.size = sizeof(six));
  } else {
    return fail(Errc::kInvalid,
                "http.address: expected an IPv4 or IPv6 address such as 127.0.0.1 or ::1, got '{}'", text);
  }
  return out;
}

Peer peerOf(const sockaddr_storage& from) {
  Peer peer;
  peer.address.resize(INET6_ADDRSTRLEN);
  if (from.ss_family == AF_INET) {
    sockaddr_in four;
    std::memcpy(&four, &from, sizeof(four));
    ::inet_ntop(AF_INET, &four.sin_addr, peer.address.data(), INET6_ADDRSTRLEN);
    peer.port = ntohs(four.sin_port);
  } else if (from.ss_family == AF_INET6) {
    sockaddr_in6 six;
    std::memcpy(&six, &from, sizeof(six));
    ::inet_ntop(AF_INET6, &six.sin6_addr, peer.address.data(), INET6_ADDRSTRLEN);
    peer.port = ntohs(six.sin6_port);
  }
  peer.address.resize(std::strlen(peer.address.c_str()));
  return peer;
}

std::optional<PeerCredentials> credentialsOf(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return PeerCredentials{static_cast<std::uint32_t>(peer.pid), peer.uid, peer.gid};
}

std::string boundAddress(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  if (bound.ss_family == AF_UNIX) {
    sockaddr_un local{};
    std::memcpy(&local, &bound, sizeof(local));
    return {local.sun_path, ::strnlen(local.sun_path, sizeof(local.sun_path))};
  }
  const Peer peer = peerOf(bound);
  return bound.ss_family == AF_INET6 ? fmt::format("[{}]:{}", peer.address, peer.port)
                                     : fmt::format("{}:{}", peer.address, peer.port);
}

std::unexpected<base::Error> bindFailure(std::string_view what, std::string_view key, int error) {
  if (error == EADDRINUSE) {
    return fail(Errc::kExists,
                "{}: already in use; stop the other server (ss -ltnp shows it) or choose another {}", what,
                key);
  }
  if (error == EACCES) {
    return fail(Errc::kRefused,
                "{}: permission denied; ports below 1024 need a privilege, or choose another {}", what, key);
  }
  return fail(Errc::kIo, "{}: cannot listen: {}", what, base::errnoText(error));
}

base::Result<base::UniqueFd> listening(int family, const sockaddr* address, socklen_t size,
                                       std::string_view what, std::string_view key) {
  base::UniqueFd socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail(Errc::kIo, "{}: cannot open a socket: {}", what, base::errnoText(errno));
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  if (::bind(socket.get(), address, size) != 0 || ::listen(socket.get(), kBacklog) != 0) {
    return bindFailure(what, key, errno);
  }
  return socket;
}

bool somebodyListens(const sockaddr_un& address) {
  const base::UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return ::connect(probe.get(), generic(address), sizeof(address)) == 0 || errno == EAGAIN;
}

// One that was killed a moment ago may still be torn down; another server stays.
bool somebodyStays(const sockaddr_un& address) {
  constexpr int kLooks = 20;
  for (int look = 0; look < kLooks; ++look) {
    if (!somebodyListens(address)) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

}  // namespace

base::Result<BoundSocket> bindTcp(const std::string& address, std::uint16_t port) {
  const auto parsed = parseAddress(address, port);
  if (!parsed) return std::unexpected(parsed.error());
  auto socket = listening(parsed->storage.ss_family, generic(parsed->storage), parsed->size,
                          fmt::format("address {} port {}", address, port), "http.port");
  if (!socket) return std::unexpected(std::move(socket.error()));
  std::string bound = boundAddress(socket->get());
  return BoundSocket{std::move(*socket), std::move(bound)};
}

base::Result<BoundSocket> bindUnix(const std::string& path, std::uint32_t mode) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return fail(Errc::kInvalid, "socket '{}': a path of 1 to {} bytes is needed", path,
                sizeof(address.sun_path) - 1);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  struct stat there{};
  if (::lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode))
      return fail(Errc::kExists, "socket '{}': a file of this name is no socket", path);
    if (somebodyStays(address)) return bindFailure(fmt::format("socket '{}'", path), "path", EADDRINUSE);
    ::unlink(path.c_str());
  }
  // Nobody may connect between bind and chmod.
  const mode_t before = ::umask(0777);
  auto socket =
      listening(AF_UNIX, generic(address), sizeof(address), fmt::format("socket '{}'", path), "path");
  ::umask(before);
  if (!socket) return std::unexpected(std::move(socket.error()));
  if (::chmod(path.c_str(), mode) != 0) {
    return fail(Errc::kIo, "socket '{}': cannot set its mode: {}", path, base::errnoText(errno));
  }
  return BoundSocket{std::move(*socket), path};
}

base::Result<BoundSocket> adoptBound(base::UniqueFd socket) {
  int kind = 0;
  socklen_t size = sizeof(kind);
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_TYPE, &kind, &size) != 0 || kind != SOCK_STREAM) {
    return fail(Errc::kInvalid, "descriptor {}: expected a bound stream socket", socket.get());
  }
  ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
  ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
  std::string bound = boundAddress(socket.get());
  if (::listen(socket.get(), kBacklog) != 0) return bindFailure(bound, "port", errno);
  return BoundSocket{std::move(socket), std::move(bound)};
}

Listener::Listener(IoLoop& loop, std::shared_ptr<const base::UniqueFd> socket, std::shared_ptr<ServerTls> tls)
    : loop_(loop),
      socket_(std::move(socket)),
      tls_(std::move(tls)),
      reserve_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

Turn Listener::ready(std::uint32_t) {
  for (int i = 0; i < kAcceptedAtOnce; ++i) {
    sockaddr_storage from{};
    socklen_t size = sizeof(from);
    base::UniqueFd socket(
        ::accept4(this->socket(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket && (errno == EMFILE || errno == ENFILE)) shed();
    if (!socket) break;
    take(std::move(socket), from);
  }
  return Turn::kGoOn;
}

void Listener::take(base::UniqueFd socket, const sockaddr_storage& from) {
  ServerCore& core = loop_.core();
  if (core.connections.load(std::memory_order_relaxed) >= core.options.max_connections) {
    constexpr std::string_view kFull =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: "
        "close\r\n\r\n";
    ::send(socket.get(), kFull.data(), kFull.size(), MSG_NOSIGNAL);
    core.stats.refusedConnection();
    return;
  }
  const int on = 1;
  if (from.ss_family != AF_UNIX) {
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsent, sizeof(kUnsent));
  }
  Peer peer = peerOf(from);
  if (from.ss_family == AF_UNIX) peer.credentials = credentialsOf(socket.get());
  const auto names = [&](const Network& proxies) { return proxies.holds(peer.address); };
  if (std::ranges::any_of(core.options.proxied_from, names))
    return loop_.awaitPreface(std::move(socket), std::move(peer), tls_);
  if (tls_ != nullptr) return loop_.secure(std::move(socket), std::move(peer), *tls_->current(core.logger));
  loop_.adopt(std::move(socket), std::move(peer));
}

// Out of descriptors: the waiting client is told by closing its connection, else the loop would spin on it.
void Listener::shed() {
  reserve_.reset();
  const base::UniqueFd refused(::accept4(socket(), nullptr, nullptr, SOCK_CLOEXEC));
  reserve_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  loop_.core().stats.refusedConnection();
}

}  // namespace revenge::http
