// The input of a child: all at once, or as it is written. Thread safety: write() and finish() from any thread, everything
// else on the child's loop. Owned by its Child. Requires: SIGPIPE is ignored, as runtime::Signals does.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "process/command.hpp"
#include "process/pipe_tie.hpp"
#include "process/told.hpp"

namespace revenge::process {

class Outflow {
 public:
  static constexpr std::size_t kWindow = 256U << 10U;  // of bytes that the child has not taken yet

  Outflow(InputForm form, std::string whole, PipeTie tie);
  ~Outflow();
  Outflow(const Outflow&) = delete;
  Outflow& operator=(const Outflow&) = delete;

  bool wanted() const { return form_ != InputForm::kNothing; }
  void open(base::UniqueFd pipe);
  void close();  // the child takes no more

  // kEnd: the child has closed its input, or has ended.
  base::Result<Went> write(std::string_view data, Told told);
  base::Result<> finish();

 private:
  struct Pipe;

  void push();
  bool refill();

  const InputForm form_;
  const PipeTie tie_;
  // The loop's.
  std::unique_ptr<Pipe> pipe_;
  bool waiting_ = false;
  std::string sending_;
  std::size_t sent_ = 0;  // of it

  std::mutex mutex_;  // guards what follows
  std::string written_;
  Told writing_;
  bool finished_ = false;
  bool starved_ = false;  // the loop waits for more to send
  bool closed_ = false;
};

}  // namespace revenge::process
