// Thins lines that repeat: of those with the same level, component and message the first of each tick pass, then every
// so many. What is left out is counted and told at the end of the tick. Thread safety: confined to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "observe/log.hpp"

namespace revenge::observe {

struct LogSampleRule {
  std::uint32_t first = 0;       // that pass in each tick; 0: all do
  std::uint32_t then_every = 0;  // of those beyond; 0: none of them
  base::Duration tick = std::chrono::seconds(1);
};

class LogSampling {
 public:
  // Lines are compared by their words, never by a hash of them. Beyond so many different ones in a tick all pass.
  static constexpr std::size_t kMaxMessages = 4096;

  explicit LogSampling(LogSampleRule rule = {}) : rule_(rule) {}

  bool admits(const LogRecord& record);
  bool leftAnythingOut() const { return left_out_ > 0; }
  bool due(base::WallTime now) const { return leftAnythingOut() && isOver(now); }

  // Ends the tick: calls `tell(record)` with a line for each message that lines were left out of.
  template <typename Tell>
  void report(base::WallTime now, Tell tell) {
    for (const auto& [key, seen] : seen_) {
      if (seen.left_out == 0) continue;
      const Attribute attributes[] = {{"repeated", seen.message}, {"left_out", seen.left_out}};
      LogRecord record{};
      record.time = now;
      record.level = seen.level;
      record.component = seen.component;
      record.message = "repeated lines were left out";
      record.attributes = attributes;
      tell(record);
    }
    begin(now);
  }

 private:
  struct Seen {
    Level level;
    std::string component;
    std::string message;
    std::uint64_t count = 0;
    std::uint64_t left_out = 0;
  };
  // The clock of the wall may have been set back.
  bool isOver(base::WallTime now) const { return now - began_ >= rule_.tick || now < began_ - rule_.tick; }
  void begin(base::WallTime now);

  LogSampleRule rule_;
  base::WallTime began_{};
  std::uint64_t left_out_ = 0;
  std::string key_;  // kept for its memory
  std::unordered_map<std::string, Seen> seen_;
};

}  // namespace revenge::observe
