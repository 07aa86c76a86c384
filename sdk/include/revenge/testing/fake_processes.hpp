// The fake of revenge.process/1: children that are told, not run. Tests reach it through FakeHost::processes().
//
//   host.processes().on("ffprobe", {.out = R"({"format": {}})"});
//   host.processes().on("pg_dump", {.exitCode = 1, .err = "no such database"});
//   EXPECT_EQ(host.processes().started().front().arguments[1], "-show_format");
//
// A rule is for the program that the command names; what no rule is for is told as a program that is not there. A child has
// ended before `start` returns, so that `.wait()` works in a test of one thread. Safe from any thread.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <revenge/process.hpp>
#include <revenge/testing/fake_core.hpp>

namespace revenge::testing {

// A command as it was given.
struct StartedProcess {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::string folder;
  std::string input;
};

struct FakeChild {
  int exitCode = 0;
  int signal = 0;  // that ended it; 0: it exited
  std::string out{};
  std::string err{};
  std::optional<Errc> failure{};  // instead of running, with `err` as its message
};

class FakeProcesses {
 public:
  void on(std::string program, FakeChild child) {
    const std::lock_guard lock(mutex_);
    rules_.insert_or_assign(std::move(program), std::move(child));
  }
  std::vector<StartedProcess> started() const {
    const std::lock_guard lock(mutex_);
    std::vector<StartedProcess> all;
    all.reserve(children_.size());
    for (const Child& child : children_) all.push_back(child.command);
    return all;
  }
  // Children that nobody has closed.
  std::size_t open() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count(children_, false, &Child::closed));
  }

  void withdraw(const Seat& seat) {
    const std::lock_guard lock(mutex_);
    for (Child& child : children_)
      if (child.seat == &seat) child.closed = true;
  }

  // The table's side.

  revenge_status start(const Seat& seat, const revenge_process_command& raw, revenge_handle& handle,
                       const revenge_completion& done, revenge_error* error) {
    StartedProcess command = copied(raw);
    if (command.arguments.empty())
      return boundary::write(error, "arguments: a program is missing"), REVENGE_INVALID;
    FakeChild told;
    {
      const std::lock_guard lock(mutex_);
      const auto rule = rules_.find(command.arguments.front());
      if (rule != rules_.end()) told = rule->second;
      if (rule == rules_.end())
        told = {.err = command.arguments.front() + ": no such program", .failure = Errc::kNotFound};
      children_.push_back({&seat, std::move(command), told});
      children_.back().closed = told.failure.has_value();
      handle = children_.size();
    }
    boundary::ErrorText why;
    if (told.failure) boundary::write(&why, told.err);
    const auto status = told.failure ? static_cast<revenge_status>(*told.failure) : REVENGE_OK;
    done.complete(done.context, status, {}, told.failure ? &why : nullptr);
    return REVENGE_PENDING;
  }
  revenge_status ended(revenge_handle handle) const {
    const std::lock_guard lock(mutex_);
    return find(handle) == nullptr ? REVENGE_GONE : REVENGE_OK;
  }
  revenge_status result(revenge_handle handle, revenge_process_result& result) const {
    const std::lock_guard lock(mutex_);
    const Child* child = find(handle);
    if (child == nullptr) return REVENGE_GONE;
    result.how = child->told.signal == 0 ? REVENGE_PROCESS_EXITED : REVENGE_PROCESS_SIGNALLED;
    result.exit_code = child->told.exitCode;
    result.signal = child->told.signal;
    result.out = boundary::view(child->told.out);
    result.err = boundary::view(child->told.err);
    return REVENGE_OK;
  }
  revenge_status read(revenge_handle handle, std::uint32_t output, revenge_view& piece) {
    const std::lock_guard lock(mutex_);
    auto* child = const_cast<Child*>(find(handle));
    if (child == nullptr) return REVENGE_GONE;
    const bool err = output == REVENGE_PROCESS_ERR;
    bool& taken = err ? child->errTaken : child->outTaken;
    const std::string& all = err ? child->told.err : child->told.out;
    if (std::exchange(taken, true) || all.empty()) return REVENGE_END;
    piece = boundary::view(all);
    return REVENGE_OK;
  }
  revenge_status close(revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    auto* child = const_cast<Child*>(find(handle));
    if (child == nullptr) return REVENGE_GONE;
    child->closed = true;
    return REVENGE_OK;
  }

 private:
  struct Child {
    const Seat* seat = nullptr;
    StartedProcess command{};
    FakeChild told{};
    bool closed = false;
    bool outTaken = false;
    bool errTaken = false;
  };

  static StartedProcess copied(const revenge_process_command& raw) {
    StartedProcess command;
    for (std::size_t i = 0; i < raw.argument_count; ++i)
      command.arguments.emplace_back(boundary::text(raw.arguments[i]));
    for (std::size_t i = 0; i < raw.environment_count; ++i)
      command.environment.emplace(boundary::text(raw.environment[i].name),
                                  boundary::text(raw.environment[i].value));
    command.folder = boundary::text(raw.folder);
    command.input = boundary::take(raw.input_bytes);
    return command;
  }

  const Child* find(revenge_handle handle) const {
    if (handle == 0 || handle > children_.size() || children_[handle - 1].closed) return nullptr;
    return &children_[handle - 1];
  }

  mutable std::mutex mutex_;
  std::map<std::string, FakeChild> rules_;
  std::deque<Child> children_;  // never shrinks: a handle is an index + 1
};

}  // namespace revenge::testing
