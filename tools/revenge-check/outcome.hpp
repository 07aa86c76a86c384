// What came of a row. Thread safety: plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "revenge-check/row.hpp"

namespace revenge::check {

enum class State : std::uint8_t { kClean, kFound, kNotRun };

struct Outcome {
  const Row* row = nullptr;
  State state = State::kClean;
  std::vector<std::string> findings = {};
  std::vector<std::string> notes = {};
  std::string why = {};     // not run
  std::string output = {};  // the end of what the plugin wrote while it was found out
  std::chrono::nanoseconds took{0};
};

struct Summary {
  std::string folder;
  std::string id;
  std::string version;
  std::vector<std::string> with = {};  // companions: id and version
  std::uint64_t seed = 0;
  std::vector<Outcome> outcomes = {};
  std::chrono::nanoseconds took{0};

  std::size_t count(State state) const;
  bool clean() const { return count(State::kFound) == 0; }
};

}  // namespace revenge::check
