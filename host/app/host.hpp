// The composition root: constructs every room in start order, runs the host until it is asked to stop, and stops it in
// the reverse order with deadlines. Nothing else constructs rooms. Thread safety: used by main() alone, except
// requestStop().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/options.hpp"
#include "base/result.hpp"
#include "runtime/signals.hpp"

namespace revenge::app {

class Host {
 public:
  // Everything that can fail before the host serves: configuration, folders, port, socket. One line a cause.
  static std::expected<std::unique_ptr<Host>, std::vector<std::string>> start(
      const Serve& options, std::unique_ptr<runtime::Signals> signals);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Returns when the host was asked to stop (a signal or the control plane) and has; the exit code.
  int run();

 private:
  struct Rooms;
  Host(std::unique_ptr<Rooms> rooms, std::unique_ptr<runtime::Signals> signals);
  std::unique_ptr<Rooms> rooms_;
  std::unique_ptr<runtime::Signals> signals_;  // ends first: its handlers use the rooms
};

}  // namespace revenge::app
