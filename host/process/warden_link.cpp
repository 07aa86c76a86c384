#include "process/warden_link.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <future>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace revenge::process {

using base::Errc;
using boost::asio::posix::stream_descriptor;

namespace {

constexpr int kWardenSocket = 3;

base::Result<pid_t> spawn(const WardenProgram& program, int socket) {
  std::vector<std::string> arguments{"revenge"};
  arguments.insert(arguments.end(), program.arguments.begin(), program.arguments.end());
  arguments.push_back(std::to_string(kWardenSocket));
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, socket, kWardenSocket);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t all;
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, program.path.c_str(), &actions, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return base::fail(Errc::kUnavailable, "the warden cannot be started: {}: {}", program.path,
                      base::errnoText(error));
  return pid;
}

}  // namespace

struct WardenLink::Socket {
  Socket(boost::asio::io_context& context, int fd) : descriptor(context, fd) {}
  stream_descriptor descriptor;
};

WardenLink::WardenLink(runtime::Reactor& reactor, observe::Logger logger, WardenProgram program)
    : reactor_(reactor), loop_(reactor.next()), logger_(std::move(logger)), program_(std::move(program)) {}

WardenLink::~WardenLink() = default;

bool WardenLink::start(StartChild start, std::shared_ptr<ChildEvents> events) {
  return reactor_.post(
      loop_, [self = shared_from_this(), start = std::move(start), events = std::move(events)]() mutable {
        self->begin(std::move(start), std::move(events));
      });
}

void WardenLink::signal(std::uint64_t id, int signal) {
  static_cast<void>(reactor_.post(loop_, [self = shared_from_this(), id, signal] {
    if (self->children_.contains(id)) self->send(pack(SignalChild{id, signal}));
  }));
}

void WardenLink::begin(StartChild start, std::shared_ptr<ChildEvents> events) {
  if (stopped_) return events->lost({Errc::kCancelled, "the host is stopping"});
  if (socket_ == nullptr) {
    if (auto opened = open(); !opened) return events->lost(opened.error());
  }
  const std::uint64_t id = start.id;
  auto packet = pack(std::move(start));
  if (!packet) return events->lost(packet.error());
  children_.emplace(id, std::move(events));
  send(std::move(*packet));
}

base::Result<> WardenLink::open() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) < 0)
    return base::fail(Errc::kUnavailable, "the warden cannot be started: socketpair: {}",
                      base::errnoText(errno));
  base::UniqueFd ours(ends[0]);
  const base::UniqueFd theirs(ends[1]);
  const auto pid = spawn(program_, theirs.get());
  if (!pid) return std::unexpected(pid.error());
  pid_ = *pid;
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  socket_ = std::make_unique<Socket>(reactor_.context(loop_), ours.release());
  socket_->descriptor.non_blocking(true);
  ++round_;
  logger_.debug("warden started", {{"pid", pid_}});
  waitReadable();
  return {};
}

void WardenLink::send(Packet packet) {
  if (socket_ == nullptr) return;
  outgoing_.push_back(std::move(packet));
  if (!sending_) flush();
}

void WardenLink::flush() {
  while (!outgoing_.empty()) {
    switch (sendPacket(socket_->descriptor.native_handle(), outgoing_.front(), MSG_DONTWAIT)) {
      case Sent::kSent:
        outgoing_.pop_front();
        break;
      case Sent::kFull:
        return waitWritable();
      case Sent::kBroken:
        return;  // its end is read in a moment
    }
  }
}

void WardenLink::waitWritable() {
  sending_ = true;
  socket_->descriptor.async_wait(stream_descriptor::wait_write, [self = shared_from_this(), round = round_](
                                                                    const boost::system::error_code& failed) {
    if (failed || round != self->round_ || self->socket_ == nullptr) return;
    self->sending_ = false;
    self->flush();
  });
}

void WardenLink::waitReadable() {
  socket_->descriptor.async_wait(stream_descriptor::wait_read, [self = shared_from_this(), round = round_](
                                                                   const boost::system::error_code& failed) {
    if (failed || round != self->round_ || self->socket_ == nullptr) return;
    self->receive();
  });
}

void WardenLink::receive() {
  constexpr int kAtOnce = 64;  // others wait for this loop, too
  for (int i = 0; i < kAtOnce; ++i) {
    Packet packet;
    const Received received = receivePacket(socket_->descriptor.native_handle(), packet, MSG_DONTWAIT);
    if (received == Received::kNothing) break;
    if (received == Received::kEnd) return lost();
    const auto message = unpackFromWarden(packet);
    if (!message) return lost();
    handle(*message);
  }
  waitReadable();
}

void WardenLink::handle(const FromWarden& message) {
  const auto take = [this](std::uint64_t id) {
    auto node = children_.extract(id);
    return node ? std::move(node.mapped()) : nullptr;
  };
  if (const auto* started = std::get_if<Started>(&message)) {
    if (const auto found = children_.find(started->id); found != children_.end())
      found->second->started(started->pid);
  } else if (const auto* refused = std::get_if<Refused>(&message)) {
    if (const auto events = take(refused->id)) events->refused(refused->step, refused->error);
  } else {
    const auto& ended = std::get<Ended>(message);
    if (const auto events = take(ended.id)) events->ended(ended);
  }
}

void WardenLink::close() {
  socket_.reset();
  outgoing_.clear();
  sending_ = false;
}

// Its second process, or their absence, has killed all; this one waits for nothing but its number.
void WardenLink::lost() {
  close();
  logger_.error("the warden has died, and the child processes with it",
                {{"pid", pid_}, {"children", children_.size()}});
  const auto children = std::exchange(children_, {});
  for (const auto& [id, events] : children)
    events->lost(
        {Errc::kUnavailable,
         "the host's warden has died, and its child processes with it; the next one starts another warden"});
  if (pidfd_.get() >= 0) {
    auto end = std::make_shared<stream_descriptor>(reactor_.context(loop_), pidfd_.release());
    end->async_wait(stream_descriptor::wait_read, [end, pid = pid_](const boost::system::error_code&) {
      ::waitpid(pid, nullptr, WNOHANG);
    });
  }
  pid_ = 0;
}

bool WardenLink::stop(base::Duration patience) {
  struct Left {
    base::UniqueFd pidfd;
    pid_t pid = 0;
  };
  auto promise = std::make_shared<std::promise<Left>>();
  std::future<Left> closed = promise->get_future();
  const bool taken = reactor_.post(loop_, [self = shared_from_this(), promise] {
    self->stopped_ = true;
    self->close();
    const auto children = std::exchange(self->children_, {});
    for (const auto& [id, events] : children) events->lost({Errc::kCancelled, "the host is stopping"});
    promise->set_value({std::move(self->pidfd_), std::exchange(self->pid_, 0)});
  });
  // A loop that is away in a plugin for good would keep the host from ending; the warden ends with the host.
  if (!taken || closed.wait_for(patience) != std::future_status::ready) return false;
  const Left left = closed.get();
  if (left.pid == 0) return true;
  pollfd end{left.pidfd.get(), POLLIN, 0};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
  if (::poll(&end, 1, static_cast<int>(milliseconds.count())) <= 0) return false;
  return ::waitpid(left.pid, nullptr, WNOHANG) == left.pid;
}

}  // namespace revenge::process
