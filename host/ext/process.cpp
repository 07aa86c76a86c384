#include "ext/process.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "ext/bundle.hpp"
#include "ext/completion.hpp"
#include "ext/process_command.hpp"

namespace revenge::ext {

namespace {

const base::Error kLeaving{base::Errc::kCancelled, "this instance is being stopped"};

process::Told toldBy(const revenge_host& host, const revenge_completion* done, Keeper keeper) {
  return [&host, done = *done, keeper = std::move(keeper)](const base::Result<process::Came>& came) {
    complete(host, done, came);
  };
}

revenge_status ended(revenge_error* error) {
  return say(error, REVENGE_GONE, "the child was closed, never ran, or is not this instance's");
}

// What a plugin is to use for files that need not last; a child that finds it missing would fail where it is used.
std::string temporaryFolder(const Ties& ties) {
  const std::filesystem::path folder = ties.bundle.rooms.temporary_dir / ties.host.id;
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  return folder.string();
}

base::Result<process::Command> completeCommand(const Ties& ties, const revenge_call* call,
                                               const revenge_process_command& command) {
  auto asked = commandOf(call, command);
  if (!asked) return asked;
  auto& environment = asked->program.environment;
  if (std::ranges::none_of(environment, [](const auto& variable) { return variable.starts_with("TMPDIR="); }))
    environment.push_back("TMPDIR=" + temporaryFolder(ties));
  asked->owner = ties.host.id;
  asked->mark = ties.host.mark();
  return asked;
}

// Given back in every case, as the boundary says.
class InputBytes {
 public:
  explicit InputBytes(const revenge_buffer& buffer) : buffer_(buffer) {}
  ~InputBytes() {
    if (buffer_.release != nullptr) buffer_.release(buffer_.owner);
  }
  InputBytes(const InputBytes&) = delete;
  InputBytes& operator=(const InputBytes&) = delete;

 private:
  const revenge_buffer buffer_;
};

}  // namespace

std::size_t ProcessAdapter::cancelAll(const revenge_host& host) {
  leaving_[host.instance.index & (service::kMaxInstances - 1)] = host.instance.generation;
  std::vector<std::shared_ptr<process::Child>> found;
  children_.forEach(
      [&](revenge_handle, service::InstanceRef owner, const std::shared_ptr<process::Child>& child) {
        if (owner == host.instance) found.push_back(child);
      });
  for (const auto& child : found) child->cancel(kLeaving, process::Haste::kLeaving);
  return found.size();
}

std::size_t ProcessAdapter::withdraw(const revenge_host& host) {
  const auto left = children_.withdraw(host.instance);
  for (const auto& item : left) item.value->close();
  return left.size();
}

struct ProcessTable {
  static revenge_status start(const revenge_host* host, const revenge_call* call,
                              const revenge_process_command* command, revenge_handle* child,
                              const revenge_completion* done, revenge_error* error) {
    if (command == nullptr || command->size < sizeof(revenge_process_command))
      return say(error, REVENGE_INVALID, "command is NULL, or its size is not set");
    const InputBytes given_back(command->input_bytes);
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (child == nullptr || done == nullptr || done->complete == nullptr)
      return say(error, REVENGE_INVALID, "child, done or its function is NULL");
    if (call != nullptr && call->cancel != 0 && ties->bundle.stateOf(call->cancel) == http::CallState::kGone)
      return say(error, REVENGE_CANCELLED, "nobody waits for the answer of this call any more");
    auto asked = completeCommand(*ties, call, *command);
    if (!asked) return fail(error, asked.error());
    ProcessAdapter& adapter = ties->bundle.process;
    Keeper keeper = enterUnderWay(adapter.domain_, host->instance);
    if (keeper == nullptr) return gone(error);
    asked->keeper = keeper;
    const auto prepared = adapter.processes_->prepare(std::move(*asked));
    if (!prepared) return fail(error, prepared.error());
    const revenge_handle handle =
        adapter.children_.add(host->instance, *prepared, ProcessAdapter::kMaxChildren);
    if (handle == 0) return fail(error, {base::Errc::kLimit, "too many children that nobody has closed"});
    if (adapter.leaves(host->instance)) {
      adapter.children_.take(handle);
      return fail(error, kLeaving);
    }
    *child = handle;
    const auto until =
        command->until == REVENGE_PROCESS_UNTIL_STARTED ? process::Until::kStarted : process::Until::kEnded;
    // A failure ends the child: its handle is stale before the plugin is told.
    (*prepared)->start(until, [&adapter, handle, host, done = *done,
                               keeper = std::move(keeper)](const base::Result<process::Came>& came) {
      if (!came) adapter.children_.take(handle);
      complete(*host, done, came);
    });
    // cancelAll() may have looked between the two.
    if (adapter.leaves(host->instance)) (*prepared)->cancel(kLeaving, process::Haste::kLeaving);
    return REVENGE_PENDING;
  }

  static std::shared_ptr<process::Child> find(const Ties& ties, revenge_handle child) {
    return ties.bundle.process.children_.find(child, ties.host.instance).value_or(nullptr);
  }
  static revenge_status answer(const base::Result<process::Went>& went, revenge_error* error) {
    if (!went) return fail(error, went.error());
    switch (*went) {
      case process::Went::kPending:
        return REVENGE_PENDING;
      case process::Went::kEnd:
        return REVENGE_END;
      case process::Went::kDone:
        break;
    }
    return REVENGE_OK;
  }

  // What every function that waits does: `begin(child, told)`.
  template <typename Begin>
  static revenge_status wait(const revenge_host* host, revenge_handle child, const revenge_completion* done,
                             revenge_error* error, const Begin& begin) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (done == nullptr || done->complete == nullptr)
      return say(error, REVENGE_INVALID, "done or its function is NULL");
    const auto found = find(*ties, child);
    if (found == nullptr) return ext::ended(error);
    Keeper keeper = enterUnderWay(ties->bundle.process.domain_, ties->host.instance);
    if (keeper == nullptr) return gone(error);
    return answer(begin(*found, toldBy(*host, done, std::move(keeper))), error);
  }

  static revenge_status ended(const revenge_host* host, revenge_handle child, const revenge_completion* done,
                              revenge_error* error) {
    return wait(host, child, done, error,
                [](process::Child& found, process::Told told) { return found.awaitEnd(std::move(told)); });
  }

  static revenge_status result(const revenge_host* host, revenge_handle child, revenge_process_result* result,
                               revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (result == nullptr || result->size < sizeof(revenge_process_result))
      return say(error, REVENGE_INVALID, "result is NULL, or its size is not set");
    const auto found = find(*ties, child);
    if (found == nullptr) return ext::ended(error);
    const auto outcome = found->outcome();
    if (!outcome) return fail(error, outcome.error());
    show(**outcome, *result);
    return REVENGE_OK;
  }

  static revenge_status read(const revenge_host* host, revenge_handle child, std::uint32_t output,
                             revenge_view* piece, const revenge_completion* done, revenge_error* error) {
    if (piece == nullptr || output > REVENGE_PROCESS_ERR)
      return say(error, REVENGE_INVALID, "piece is NULL, or output is no REVENGE_PROCESS_OUT or _ERR");
    const auto stream = output == REVENGE_PROCESS_OUT ? process::Stream::kOut : process::Stream::kErr;
    return wait(host, child, done, error, [&](process::Child& found, process::Told told) {
      std::string_view bytes;
      auto went = found.read(stream, bytes, std::move(told));
      *piece = view(bytes);
      return went;
    });
  }

  static revenge_status write(const revenge_host* host, revenge_handle child, revenge_view data,
                              const revenge_completion* done, revenge_error* error) {
    return wait(host, child, done, error, [&](process::Child& found, process::Told told) {
      return found.write(text(data), std::move(told));
    });
  }

  static revenge_status finish(const revenge_host* host, revenge_handle child, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    const auto found = find(*ties, child);
    if (found == nullptr) return ext::ended(error);
    const auto finished = found->finish();
    return finished ? REVENGE_OK : fail(error, finished.error());
  }

  static revenge_status signal(const revenge_host* host, revenge_handle child, std::int32_t number,
                               revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    const auto found = find(*ties, child);
    if (found == nullptr) return ext::ended(error);
    const auto sent = found->signal(number);
    return sent ? REVENGE_OK : fail(error, sent.error());
  }

  static revenge_status cancel(const revenge_host* host, revenge_handle child) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    const auto found = find(*ties, child);
    if (found == nullptr) return REVENGE_GONE;
    found->cancel({base::Errc::kCancelled, "cancelled by its caller"});
    return REVENGE_OK;
  }

  static revenge_status close(const revenge_host* host, revenge_handle child) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    const auto taken = ties->bundle.process.children_.take(child, ties->host.instance);
    if (!taken) return REVENGE_GONE;
    taken->value->close();
    return REVENGE_OK;
  }
};

const revenge_process& ProcessAdapter::table() {
  static constexpr revenge_process kTable{sizeof(revenge_process), 0,
                                          ProcessTable::start,     ProcessTable::ended,
                                          ProcessTable::result,    ProcessTable::read,
                                          ProcessTable::write,     ProcessTable::finish,
                                          ProcessTable::signal,    ProcessTable::cancel,
                                          ProcessTable::close};
  return kTable;
}

}  // namespace revenge::ext
