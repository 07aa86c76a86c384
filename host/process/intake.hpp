// One output of a child, on its way to whoever wants it: collected up to a limit, or piece by piece with back-pressure.
// Thread safety: read() from any thread, everything else on the child's loop. Owned by its Child.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "process/command.hpp"
#include "process/pipe_tie.hpp"
#include "process/told.hpp"

namespace revenge::process {

class Intake {
 public:
  static constexpr std::size_t kWindow = 256U << 10U;  // of bytes that nobody has read yet

  // Of the child, on its loop.
  struct Notices {
    std::function<void()> too_much;  // a collected output is to end it
    std::function<void()> drained;   // nothing more will come
  };

  Intake(OutputWish wish, PipeTie tie, Notices notices);
  ~Intake();
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;

  bool wanted() const { return wish_.form != OutputForm::kDiscard; }
  void open(base::UniqueFd pipe);
  // No process of the child is left: what is in the pipe is all, whoever else may still hold it open.
  void childEnded();
  // Nobody will read any more.
  void close();
  bool over() const { return over_; }
  std::string takeCollected();
  std::uint64_t cut() const { return cut_; }

  base::Result<Went> read(std::string_view& piece, Told told);

 private:
  struct Pipe;

  void wait();
  void take();
  bool collect(std::string_view bytes);
  bool pass(std::string_view bytes);
  void end();
  std::string_view nextPiece();

  const OutputWish wish_;
  const PipeTie tie_;
  const Notices notices_;
  // The loop's.
  std::unique_ptr<Pipe> pipe_;
  bool waiting_ = false;
  std::optional<std::size_t> left_;  // to be read, once the child has ended
  bool over_ = false;
  bool told_too_much_ = false;
  std::string collected_;
  std::uint64_t cut_ = 0;

  std::mutex mutex_;  // guards what follows
  Told reading_;
  std::string came_;
  std::string piece_;  // the one taken last
  bool paused_ = false;
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace revenge::process
