#include "runtime/service_notice.hpp"

#include <array>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace revenge::runtime {
namespace {

// The manager's end.
class Manager {
 public:
  explicit Manager(std::string address)
      : address_(std::move(address)), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    address_.copy(at.sun_path, sizeof at.sun_path - 1);
    if (at.sun_path[0] == '@') at.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&at), length), 0);
  }
  ~Manager() { ::unlink(address_.c_str()); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  std::string heard() const {
    pollfd ready{socket_.get(), POLLIN, 0};
    if (::poll(&ready, 1, 0) != 1) return "(nothing)";
    std::array<char, 4096> datagram;
    const ssize_t got = ::recv(socket_.get(), datagram.data(), datagram.size(), 0);
    return {datagram.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }

 private:
  const std::string address_;
  const base::UniqueFd socket_;
};

std::string freshPath() {
  return (std::filesystem::temp_directory_path() / ("revenge-notify-" + std::to_string(::getpid()))).string();
}

TEST(ServiceNotice, A10_AReloadIsOneDatagramWithItsTime) {
  for (const std::string& address : {freshPath(), "@" + freshPath()}) {
    const Manager manager(address);
    const ServiceNotice notice(address);
    notice.ready("serving http://127.0.0.1:1");
    EXPECT_EQ(manager.heard(), "READY=1\nSTATUS=serving http://127.0.0.1:1\n");
    notice.reloading(base::Instant(std::chrono::nanoseconds(1'234'567'891)));
    EXPECT_EQ(manager.heard(), "RELOADING=1\nMONOTONIC_USEC=1234567\n");
    notice.stopping();
    EXPECT_EQ(manager.heard(), "STOPPING=1\nSTATUS=stopping\n");
  }
}

TEST(ServiceNotice, AStatusIsOneLine) {
  const Manager manager(freshPath());
  ServiceNotice(freshPath()).ready("refused: a\nREADY=0");
  EXPECT_EQ(manager.heard(), "READY=1\nSTATUS=refused: a READY=0\n");
}

TEST(ServiceNotice, WithoutAManagerNothingHappens) {
  for (const std::string& address :
       {std::string(), std::string("relative"), std::string("/"), std::string(200, '/')}) {
    const ServiceNotice notice(address);
    EXPECT_FALSE(notice.listens()) << address;
    notice.ready("x");
  }
  ServiceNotice("/nobody/listens/here").stopping();
}

}  // namespace
}  // namespace revenge::runtime
