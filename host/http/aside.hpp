// A few threads for what the system only does by blocking: looking up names, reading certificate files. Bounded, so that
// a dead name server costs errors and not memory. Thread safety: every function from any thread.
#pragma once

#include <cstddef>
#include <memory>

#include "base/executor.hpp"

namespace revenge::http {

class Aside {
 public:
  explicit Aside(std::size_t threads = 2, std::size_t queue = 256);
  ~Aside();  // stop()
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  [[nodiscard]] base::Submitted submit(base::Task&& task);
  // Drops what waits, and waits a second for what runs. A look-up that lasts longer ends by itself, whoever is gone by
  // then: a task holds weakly what it reports to.
  void stop();

 private:
  struct Core;
  std::shared_ptr<Core> core_;  // shared with threads that may outlive this
};

}  // namespace revenge::http
