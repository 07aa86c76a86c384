// What the host tells the manager that started it (sd_notify(3): datagrams to the socket in $NOTIFY_SOCKET). Without such a
// socket every function does nothing. Thread safety: every function from any thread; a message that cannot be sent is lost
// and nobody waits for it.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"

namespace revenge::runtime {

class ServiceNotice {
 public:
  // `address`: of $NOTIFY_SOCKET, a path or, behind an @, an abstract name; empty: nobody is to be told.
  explicit ServiceNotice(std::string_view address = {});

  bool listens() const { return static_cast<bool>(socket_); }
  // One line each for people; empty: nothing to say.
  void ready(std::string_view status) const;
  // With the time it began in the same datagram: without that the manager waits for ever.
  void reloading(base::Instant began) const;
  void stopping() const;

 private:
  void send(std::string_view message) const;

  const std::string address_;
  const base::UniqueFd socket_;
};

}  // namespace revenge::runtime
