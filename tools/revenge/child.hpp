// A program that runs beside this one, in a process group of its own, so that Ctrl-C is this one's to act on. Thread
// safety: confined to one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace revenge::author {

struct ChildPlan {
  std::vector<std::string> words;
  std::filesystem::path folder;               // to run in
  std::vector<std::string> environment = {};  // "NAME=value", beside this program's own
  std::optional<std::filesystem::path> errors =
      {};  // a file for standard error; none: together with the output
};

class Child {
 public:
  static base::Result<Child> start(const ChildPlan& plan);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();  // kills what still runs

  // Both readable when there is something to do; -1: that has ended.
  int output() const { return output_.get(); }
  int end() const { return end_.get(); }

  // The lines that are there, each with its end; the last one may have none once the output has ended.
  void read(const std::function<void(std::string_view line)>& line);
  // Its exit code, or 128 and the signal; nothing: it still runs.
  std::optional<int> ended();
  int wait();
  void signal(int number) const;  // to its whole group

 private:
  Child(pid_t pid, base::UniqueFd output, base::UniqueFd end)
      : pid_(pid), output_(std::move(output)), end_(std::move(end)) {}
  int reap(int options);

  pid_t pid_;  // 0: reaped
  base::UniqueFd output_;
  base::UniqueFd end_;
  std::string part_;  // of a line
  int status_ = 0;
};

}  // namespace revenge::author
