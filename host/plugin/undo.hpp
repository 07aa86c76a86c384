// Steps and their undos: what a step did is undone in reverse order unless the whole succeeded. An undo cannot refuse.
// Confined to one thread.
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace revenge::plugin {

class Undo {
 public:
  Undo() = default;
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  ~Undo() { run(); }

  void push(std::move_only_function<void()> undo) { undos_.push_back(std::move(undo)); }
  // The whole succeeded: what was done stays.
  void dismiss() { undos_.clear(); }
  void run() {
    while (!undos_.empty()) {
      auto undo = std::move(undos_.back());
      undos_.pop_back();
      undo();
    }
  }

 private:
  std::vector<std::move_only_function<void()>> undos_;
};

}  // namespace revenge::plugin
