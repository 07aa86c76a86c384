// What host and warden say to each other over a SOCK_SEQPACKET pair: one message a packet, descriptors beside it. A program
// whose arguments are too long for a packet travels in a memfd. Thread safety: stateless.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "process/command.hpp"

namespace revenge::process {

// Of the host.
struct StartChild {
  std::uint64_t id = 0;
  Program program;
  std::array<base::UniqueFd, 3> stdio;  // empty: /dev/null
};
struct SignalChild {
  std::uint64_t id = 0;
  int signal = 0;
};

// Of the warden.
struct Started {
  std::uint64_t id = 0;
  pid_t pid = 0;
};
enum class Step : std::uint32_t {
  kFork,
  kSession,
  kNiceness,
  kIoPriority,
  kOom,
  kFolder,
  kStdio,
  kLimits,
  kExec
};
struct Refused {
  std::uint64_t id = 0;
  Step step = Step::kFork;
  int error = 0;
};
struct Ended {
  std::uint64_t id = 0;
  int status = 0;  // of wait(2)
  std::int64_t user_us = 0;
  std::int64_t system_us = 0;
  std::uint64_t max_rss_kib = 0;
};

using FromHost = std::variant<StartChild, SignalChild>;
using FromWarden = std::variant<Started, Refused, Ended>;

// A message on its way; owns its descriptors.
struct Packet {
  std::string bytes;
  std::array<base::UniqueFd, 4> descriptors;  // the first `count`
  std::size_t count = 0;
};

base::Result<Packet> pack(StartChild start);
Packet pack(const SignalChild& signal);
Packet pack(const Started& started);
Packet pack(const Refused& refused);
Packet pack(const Ended& ended);

// kInvalid: no such message.
base::Result<FromHost> unpackFromHost(Packet packet);
base::Result<FromWarden> unpackFromWarden(const Packet& packet);

enum class Sent : std::uint8_t { kSent, kFull, kBroken };
Sent sendPacket(int socket, const Packet& packet, int flags);
enum class Received : std::uint8_t { kPacket, kNothing, kEnd };
Received receivePacket(int socket, Packet& packet, int flags);

}  // namespace revenge::process
