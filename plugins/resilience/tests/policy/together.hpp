// Runs the same work on many threads that begin together.
#pragma once

#include <barrier>
#include <thread>
#include <vector>

namespace revenge::resilience {

template <typename Work>
void together(int threads, const Work& work) {
  std::barrier start(threads);
  std::vector<std::jthread> running;
  running.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
}

}  // namespace revenge::resilience
