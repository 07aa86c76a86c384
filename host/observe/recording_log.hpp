// For tests: a Log whose lines are kept instead of written. Give `recording.logger("x")` to the subject and
// ask for what was said. Thread safety: everything may be called from any thread.
#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "observe/log.hpp"
#include "observe/log_format.hpp"

namespace revenge::observe {

struct RecordedLine {
  Level level;
  std::string component;
  std::string request;
  std::string message;
  std::string text;  // the line as people would read it
};

class RecordingSink final : public LogSink {
 public:
  void write(const LogRecord& record) noexcept override {
    std::string text;
    appendText(text, record);
    const std::lock_guard lock(mutex_);
    lines_.push_back({record.level, std::string(record.component), std::string(record.request),
                      std::string(record.message), std::move(text)});
  }

  std::vector<RecordedLine> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<RecordedLine> lines_;  // guarded by mutex_
};

class RecordingLog {
 public:
  explicit RecordingLog(Level level = Level::kTrace, LogRate rate = {})
      : log_(clock_, metrics_, sink_, level, rate) {}

  Log& log() { return log_; }
  Metrics& metrics() { return metrics_; }
  base::ManualClock& clock() { return clock_; }
  Logger logger(std::string_view component = "test") { return log_.logger(component); }

  std::vector<RecordedLine> lines() const { return sink_.lines(); }
  std::size_t count(Level level) const {
    const auto all = lines();
    return static_cast<std::size_t>(std::ranges::count(all, level, &RecordedLine::level));
  }
  // Whether any line's text, attributes included, contains this.
  bool said(std::string_view part) const {
    return std::ranges::any_of(lines(), [&](const RecordedLine& line) { return line.text.contains(part); });
  }

 private:
  base::ManualClock clock_;
  Metrics metrics_;
  RecordingSink sink_;
  Log log_;
};

}  // namespace revenge::observe
