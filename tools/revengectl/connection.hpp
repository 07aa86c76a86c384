// One connection to a host, over a Unix socket or TCP: every wait ends at the deadline. Thread safety: confined to one
// thread.
#pragma once

#include <array>
#include <string_view>

#include <sys/socket.h>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "revengectl/place.hpp"

namespace revenge::ctl {

class Connection {
 public:
  // Both outlive this object.
  Connection(const base::Clock& clock, const Place& place, base::Duration timeout)
      : clock_(clock), place_(place), timeout_(timeout), deadline_(clock.now() + timeout) {}

  void waitForEver() { bounded_ = false; }
  int descriptor() const { return socket_.get(); }

  // Errors of all three: kUnavailable, kTimedOut, kIo.
  base::Result<> open();
  base::Result<> send(std::string_view text);
  // Valid until the next call; empty: the host has closed.
  base::Result<std::string_view> receive();

 private:
  base::Result<> openUnix();
  base::Result<> openTcp();
  base::Result<> connectTo(int family, const sockaddr* address, socklen_t size);
  bool limit(int option) const;
  std::unexpected<base::Error> late() const;
  std::unexpected<base::Error> unreachable(int error) const;

  const base::Clock& clock_;
  const Place& place_;
  const base::Duration timeout_;
  const base::Instant deadline_;
  bool bounded_ = true;
  base::UniqueFd socket_;
  std::array<char, std::size_t{16} * 1024> bytes_ = {};
};

}  // namespace revenge::ctl
