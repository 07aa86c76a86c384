// Moves a manual clock as far as a timeout needs, no faster than the loops can follow.
#pragma once

#include <chrono>
#include <latch>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "base/manual_scheduler.hpp"
#include "runtime/reactor.hpp"

namespace revenge::http {

inline constexpr std::chrono::seconds kPatience(20);  // of a test with real threads

// Returns when every loop has handled what was ready. A clock that runs ahead of the loops would time out what they
// were about to do.
inline void letLoopsFollow(runtime::Reactor& reactor) {
  auto passed = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(reactor.size()));
  for (std::size_t loop = 0; loop < reactor.size(); ++loop)
    if (!reactor.post(loop, [passed] { passed->count_down(); })) passed->count_down();
  passed->wait();
}

template <typename Done>
void advanceUntil(base::ManualScheduler& scheduler, runtime::Reactor& reactor, Done done) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!done() && std::chrono::steady_clock::now() < until) {
    scheduler.advance(std::chrono::milliseconds(50));
    letLoopsFollow(reactor);
    std::this_thread::yield();
  }
  EXPECT_TRUE(done());
}

}  // namespace revenge::http
