// Processes: children of the host that run for this plugin. A plugin never forks.
//
//   Command probe{.arguments = {"ffprobe", "-show_format", file}, .timeout = 10s};
//   auto probed = co_await host().processes().run(std::move(probe));
//   if (probed && probed->ok()) parse(probed->out());
//
// `.wait()` instead of co_await blocks, on workers and spawned threads. Any end of a child that ran is a value: an exit
// code of 1, a signal, a deadline; ProcessResult says which. That it never ran is an Error whose message names the
// program and the cause. Everything here is safe from any thread; one ChildProcess is for one reader of each output and
// one writer at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <revenge/abi/process.h>
#include <revenge/call.hpp>
#include <revenge/waiting.hpp>

namespace revenge {

enum class Beyond : std::uint32_t {  // of a collected output that is too long
  kKill = REVENGE_PROCESS_BEYOND_KILL,
  kKeepHead = REVENGE_PROCESS_BEYOND_KEEP_HEAD,
  kKeepTail = REVENGE_PROCESS_BEYOND_KEEP_TAIL,
};

// Where an output of a child goes.
struct ChildOutput {
  static ChildOutput discard() { return {}; }
  static ChildOutput collect(std::uint64_t max_bytes = 0,
                             Beyond beyond = Beyond::kKill) {  // 0: the operator's limit
    return {REVENGE_PROCESS_OUTPUT_COLLECT, beyond, max_bytes};
  }
  static ChildOutput stream() { return {REVENGE_PROCESS_OUTPUT_STREAM, Beyond::kKill, 0}; }

  std::uint32_t form = REVENGE_PROCESS_OUTPUT_DISCARD;
  Beyond beyond = Beyond::kKill;
  std::uint64_t maxBytes = 0;
};

enum class ChildInput : std::uint8_t { kWhole, kStream };  // how a child gets its input

enum class IoPriority : std::uint32_t {
  kAsHost = REVENGE_PROCESS_IO_AS_HOST,
  kLow = REVENGE_PROCESS_IO_LOW,
  kIdle = REVENGE_PROCESS_IO_IDLE,
};

// 0: as the host has it.
struct ProcessLimits {
  std::uint64_t cpuSeconds = 0;
  std::uint64_t addressBytes = 0;
  std::uint64_t fileBytes = 0;
  std::uint64_t openFiles = 0;
};

struct Command {
  std::vector<std::string> arguments{};  // the program first; looked up in PATH when it has no slash
  std::vector<std::pair<std::string, std::string>> environment{};  // beside PATH, LANG and TMPDIR
  std::string folder{};                                            // absolute; empty: /
  std::string input{};                                             // whole; empty: none
  ChildInput feed = ChildInput::kWhole;                            // kStream: ChildProcess::write
  ChildOutput out = ChildOutput::collect();
  ChildOutput err = ChildOutput::collect();
  std::chrono::nanoseconds timeout{0};  // the wait for a place counts too; 0: the call's deadline alone
  std::chrono::nanoseconds grace{0};    // between SIGTERM and SIGKILL; 0: the operator's
  int niceness = 0;
  IoPriority ioPriority = IoPriority::kAsHost;
  int oomScoreAdj = 0;
  ProcessLimits limits{};
};

enum class ChildEnd : std::uint32_t {
  kExited = REVENGE_PROCESS_EXITED,
  kSignalled = REVENGE_PROCESS_SIGNALLED,
  kTimedOut = REVENGE_PROCESS_TIMED_OUT,
  kCancelled = REVENGE_PROCESS_CANCELLED,
  kOutputLimit = REVENGE_PROCESS_OUTPUT_LIMIT,
};

namespace detail {

// Owns a child: one that still runs when it ends is asked to end.
struct OwnedChild {
  explicit OwnedChild(Host& owner) : host(&owner) {}
  ~OwnedChild() {
    if (handle != 0) host->processTable().close(host->raw(), handle);
  }
  OwnedChild(const OwnedChild&) = delete;
  OwnedChild& operator=(const OwnedChild&) = delete;

  Host* host;
  revenge_handle handle = 0;
};

// Hands a command to `start`, whose views live for the call. Moves the input out of it.
template <class Start>
revenge_status startRaw(Command& command, std::uint32_t until, const Start& start) {
  std::vector<revenge_view> arguments;
  arguments.reserve(command.arguments.size());
  for (const std::string& argument : command.arguments) arguments.push_back(boundary::view(argument));
  std::vector<revenge_field> environment;
  environment.reserve(command.environment.size());
  for (const auto& [name, value] : command.environment)
    environment.push_back({boundary::view(name), boundary::view(value)});
  auto raw = boundary::sized<revenge_process_command>();
  raw.until = until;
  raw.arguments = arguments.data();
  raw.argument_count = arguments.size();
  raw.environment = environment.data();
  raw.environment_count = environment.size();
  raw.folder = boundary::view(command.folder);
  if (command.feed == ChildInput::kStream) {
    raw.input = REVENGE_PROCESS_INPUT_STREAM;
  } else if (!command.input.empty()) {
    raw.input = REVENGE_PROCESS_INPUT_WHOLE;
    raw.input_bytes = boundary::give(std::move(command.input));
  }
  raw.out = command.out.form;
  raw.err = command.err.form;
  raw.out_beyond = static_cast<std::uint32_t>(command.out.beyond);
  raw.err_beyond = static_cast<std::uint32_t>(command.err.beyond);
  raw.max_out_bytes = command.out.maxBytes;
  raw.max_err_bytes = command.err.maxBytes;
  raw.niceness = command.niceness;
  raw.io_priority = static_cast<std::uint32_t>(command.ioPriority);
  raw.oom_score_adj = command.oomScoreAdj;
  raw.max_cpu_seconds = command.limits.cpuSeconds;
  raw.max_address_bytes = command.limits.addressBytes;
  raw.max_file_bytes = command.limits.fileBytes;
  raw.max_open_files = command.limits.openFiles;
  raw.timeout_ns = command.timeout.count();
  raw.grace_ns = command.grace.count();
  return start(raw);
}

}  // namespace detail

// How a child ended, and what it said. Its views live as long as it.
class ProcessResult {
 public:
  explicit ProcessResult(std::shared_ptr<detail::OwnedChild> child) : child_(std::move(child)) {
    boundary::ErrorText error;
    const Host& host = *child_->host;
    const revenge_status got = host.processTable().result(host.raw(), child_->handle, &raw_, &error);
    if (got < 0) throw Failure(boundary::failure(got, &error));
  }

  bool ok() const { return ended() == ChildEnd::kExited && raw_.signal == 0 && raw_.exit_code == 0; }
  ChildEnd ended() const { return static_cast<ChildEnd>(raw_.how); }
  int exitCode() const { return raw_.exit_code; }  // when signal() is 0
  int signal() const { return raw_.signal; }       // that ended it; 0: it exited
  std::string_view out() const { return boundary::text(raw_.out); }
  std::string_view err() const { return boundary::text(raw_.err); }
  std::uint64_t outCut() const { return raw_.out_cut; }  // bytes that came and are not in out()
  std::uint64_t errCut() const { return raw_.err_cut; }
  std::chrono::nanoseconds user() const { return std::chrono::nanoseconds(raw_.user_ns); }
  std::chrono::nanoseconds system() const { return std::chrono::nanoseconds(raw_.system_ns); }
  std::chrono::nanoseconds wall() const { return std::chrono::nanoseconds(raw_.wall_ns); }
  std::uint64_t maxRssBytes() const { return raw_.max_rss_bytes; }

 private:
  std::shared_ptr<detail::OwnedChild> child_;
  revenge_process_result raw_ = boundary::sized<revenge_process_result>();
};

// A child that runs. Dropped before it has ended, it is asked to end.
class ChildProcess {
 private:
  auto reading(std::uint32_t output) const {
    using Piece = Result<std::optional<std::string_view>>;
    auto start = [child = child_, output](revenge_view& piece, const revenge_completion& done,
                                          revenge_error& error) {
      const Host& host = *child->host;
      return host.processTable().read(host.raw(), child->handle, output, &piece, &done, &error);
    };
    auto finish = [](revenge_status status, revenge_view piece) -> Piece {
      if (status == REVENGE_END) return std::nullopt;
      return boundary::text(piece);
    };
    return Waiting(*child_->host, start, finish);
  }

 public:
  explicit ChildProcess(std::shared_ptr<detail::OwnedChild> child) : child_(std::move(child)) {}

  // Of ChildOutput::stream(): the next piece, valid until the next read of this output; nullopt at the end. The child is held
  // up as long as nobody reads.
  auto read() const { return reading(REVENGE_PROCESS_OUT); }
  auto readErr() const { return reading(REVENGE_PROCESS_ERR); }

  // Of ChildInput::kStream. Answers when there is room for more: true; false: the child reads no more.
  auto write(std::string_view data) const {
    auto start = [child = child_, data](revenge_view&, const revenge_completion& done, revenge_error& error) {
      const Host& host = *child->host;
      return host.processTable().write(host.raw(), child->handle, boundary::view(data), &done, &error);
    };
    return Waiting(*child_->host, start,
                   [](revenge_status status, revenge_view) -> Result<bool> { return status != REVENGE_END; });
  }
  // The input is complete: the child reads its end.
  Status finish() const {
    boundary::ErrorText error;
    const Host& host = *child_->host;
    return boundary::status(host.processTable().finish(host.raw(), child_->handle, &error), &error);
  }
  // To its process group.
  Status signal(int number) const {
    boundary::ErrorText error;
    const Host& host = *child_->host;
    return boundary::status(host.processTable().signal(host.raw(), child_->handle, number, &error), &error);
  }
  // Asked to end, unless it has: SIGTERM, and SIGKILL after the grace.
  void cancel() const { child_->host->processTable().cancel(child_->host->raw(), child_->handle); }

  // Until it has ended; what is streamed can be read before and after.
  auto ended() const {
    auto start = [child = child_](revenge_view&, const revenge_completion& done, revenge_error& error) {
      const Host& host = *child->host;
      return host.processTable().ended(host.raw(), child->handle, &done, &error);
    };
    return Waiting(*child_->host, start,
                   [child = child_](revenge_status, revenge_view) -> Result<ProcessResult> {
                     return ProcessResult(child);
                   });
  }

 private:
  std::shared_ptr<detail::OwnedChild> child_;
};

class Processes {
 private:
  template <class Value>
  auto waiting(const Call& call, Command command, std::uint32_t until) {
    auto child = std::make_shared<detail::OwnedChild>(*host_);
    auto start = [raw_call = call.raw(), command = std::move(command), until, child](
                     revenge_view&, const revenge_completion& done, revenge_error& error) mutable {
      // Kept alive by the inner one: once the host has the completion, this lambda may be gone.
      return detail::startRaw(command, until, [&, child](const auto& raw) {
        const Host& host = *child->host;
        return host.processTable().start(host.raw(), raw_call, &raw, &child->handle, &done, &error);
      });
    };
    auto finish = [child](revenge_status, revenge_view) -> Result<Value> { return Value(child); };
    return Waiting(*host_, std::move(start), std::move(finish));
  }

 public:
  explicit Processes(Host& host) : host_(&host) {}

  // The result, once the child has ended.
  auto run(const Call& call, Command command) {
    return waiting<ProcessResult>(call, std::move(command), REVENGE_PROCESS_UNTIL_ENDED);
  }
  auto run(Command command) { return run(host_->call(), std::move(command)); }
  // The child as soon as it runs: for ChildOutput::stream() and ChildInput::kStream, and for signals.
  auto open(const Call& call, Command command) {
    return waiting<ChildProcess>(call, std::move(command), REVENGE_PROCESS_UNTIL_STARTED);
  }
  auto open(Command command) { return open(host_->call(), std::move(command)); }

 private:
  Host* host_;
};

inline Processes Host::processes() { return Processes(*this); }

}  // namespace revenge
