// The host's end of the warden: starts it with the first child, and another one when it has died. Shared with the handlers
// on its loop. Thread safety: start(), signal() and stop() from any thread; everything else on its loop.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "observe/log.hpp"
#include "process/wire.hpp"
#include "runtime/reactor.hpp"

namespace revenge::process {

// Who is told of one child, on the link's loop.
class ChildEvents {
 public:
  virtual ~ChildEvents() = default;
  virtual void started(pid_t pid) = 0;
  virtual void refused(Step step, int error) = 0;
  virtual void ended(const Ended& ended) = 0;
  virtual void lost(const base::Error& why) = 0;  // the warden has died, and the child with it
};

struct WardenProgram {
  std::string path = "/proc/self/exe";
  std::vector<std::string> arguments = {"--warden"};  // then the number of the socket
};

class WardenLink : public std::enable_shared_from_this<WardenLink> {
 public:
  WardenLink(runtime::Reactor& reactor, observe::Logger logger, WardenProgram program);
  ~WardenLink();
  WardenLink(const WardenLink&) = delete;
  WardenLink& operator=(const WardenLink&) = delete;

  // One of the events ends it: refused, lost or ended. False: the reactor is stopping.
  bool start(StartChild start, std::shared_ptr<ChildEvents> events);
  void signal(std::uint64_t id, int signal);

  // Every child is killed; waits for the warden to have ended, `patience` at the most. True: it has.
  bool stop(base::Duration patience);

 private:
  struct Socket;  // Asio's side

  void begin(StartChild start, std::shared_ptr<ChildEvents> events);
  base::Result<> open();
  void send(Packet packet);
  void flush();
  void waitWritable();
  void waitReadable();
  void receive();
  void handle(const FromWarden& message);
  void close();  // of both processes' ends
  void lost();

  runtime::Reactor& reactor_;
  const std::size_t loop_;
  observe::Logger logger_;
  const WardenProgram program_;

  // The loop's.
  std::unique_ptr<Socket> socket_;  // null: no warden
  base::UniqueFd pidfd_;
  pid_t pid_ = 0;
  std::uint64_t round_ = 0;  // of wardens: handlers of one before are late
  bool stopped_ = false;
  bool sending_ = false;  // waits until it is writable
  std::deque<Packet> outgoing_;
  std::unordered_map<std::uint64_t, std::shared_ptr<ChildEvents>> children_;
};

}  // namespace revenge::process
