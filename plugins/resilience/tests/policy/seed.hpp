// The seed of random tests: printed, so that a failure can be had again with REVENGE_SEED=<seed>.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>

#include <gtest/gtest.h>

namespace revenge::resilience {

inline std::uint64_t testSeed() {
  const char* given = std::getenv("REVENGE_SEED");  // NOLINT(concurrency-mt-unsafe): nobody sets it meanwhile
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 0) : std::random_device{}();
  std::cout << "REVENGE_SEED=" << seed << '\n';
  ::testing::Test::RecordProperty("seed", std::to_string(seed));
  return seed;
}

}  // namespace revenge::resilience
