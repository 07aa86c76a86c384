#include "runtime/service_notice.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace revenge::runtime {

namespace {

bool isAddress(std::string_view address) {
  return address.size() > 1 && address.size() < sizeof(sockaddr_un::sun_path) &&
         (address.front() == '/' || address.front() == '@');
}

// A line break would begin another assignment.
std::string oneLine(std::string_view text) {
  constexpr std::size_t kMax = 1000;
  std::string line(text.substr(0, kMax));
  std::ranges::replace(line, '\n', ' ');
  return line;
}

}  // namespace

ServiceNotice::ServiceNotice(std::string_view address)
    : address_(address), socket_(isAddress(address) ? ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1) {
  // The manager reads at once; one that hangs does not hang the host.
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  if (socket_) (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

void ServiceNotice::ready(std::string_view status) const {
  send(fmt::format("READY=1\nSTATUS={}\n", oneLine(status)));
}

void ServiceNotice::reloading(base::Instant began) const {
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n",
                   std::chrono::floor<std::chrono::microseconds>(began.time_since_epoch()).count()));
}

void ServiceNotice::stopping() const { send("STOPPING=1\nSTATUS=stopping\n"); }

void ServiceNotice::send(std::string_view message) const {
  if (!socket_) return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  (void)::sendto(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&to), length);
}

}  // namespace revenge::runtime
