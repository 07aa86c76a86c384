// Structured logging. Log owns components, levels and rates and outlives every Logger made from it; a Logger
// is a cheap copyable handle that other rooms receive by reference or value. Thread safety: everything may be
// called from any thread; no call blocks on a slow output (see LogOutput).
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "observe/metrics.hpp"

namespace revenge::observe {

// kBreach is a plugin breaking its contract: above kError so that no level hides it, kOff included.
enum class Level : std::uint8_t { kTrace, kDebug, kInfo, kWarn, kError, kOff, kBreach };

std::string_view name(Level level);                      // "trace", "debug", ...
std::optional<Level> parseLevel(std::string_view text);  // what an operator may set: kTrace to kOff

// One key and value of a line. Views: both live until the call that logs them returns.
struct Attribute {
  using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view, base::Duration>;

  Attribute(std::string_view k, bool v) : key(k), value(v) {}
  template <std::signed_integral T>
  Attribute(std::string_view k, T v) : key(k), value(std::int64_t{v}) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  Attribute(std::string_view k, T v) : key(k), value(std::uint64_t{v}) {}
  template <std::floating_point T>
  Attribute(std::string_view k, T v) : key(k), value(static_cast<double>(v)) {}
  template <typename T>
    requires std::convertible_to<const T&, std::string_view>
  Attribute(std::string_view k, const T& v) : key(k), value(std::string_view(v)) {}
  template <typename Rep, typename Period>
  Attribute(std::string_view k, std::chrono::duration<Rep, Period> v)
      : key(k), value(std::chrono::duration_cast<base::Duration>(v)) {}

  std::string_view key;
  Value value;
};

// One line on its way to a sink. Views: valid during LogSink::write. An attribute of the call hides a bound
// one of the same key.
struct LogRecord {
  base::WallTime time;
  Level level;
  std::string_view component;  // "http", or "plugin/stream" for the logger of a plugin
  std::string_view request;    // empty: not in a request
  std::string_view message;
  std::span<const Attribute> bound;
  std::span<const Attribute> attributes;
  std::string_view trace = {};  // the sampled trace it belongs to, 32 hex digits; empty: none
};

// Called on the thread that logs, by several at once; must not block.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(const LogRecord& record) noexcept = 0;
};

struct LogComponent;
struct LogScope;
class Log;

class Logger {
 public:
  bool enabled(Level level) const { return level >= threshold_->load(std::memory_order_relaxed); }

  void trace(std::string_view message, std::initializer_list<Attribute> a = {}) const {
    put(Level::kTrace, message, a);
  }
  void debug(std::string_view message, std::initializer_list<Attribute> a = {}) const {
    put(Level::kDebug, message, a);
  }
  void info(std::string_view message, std::initializer_list<Attribute> a = {}) const {
    put(Level::kInfo, message, a);
  }
  void warn(std::string_view message, std::initializer_list<Attribute> a = {}) const {
    put(Level::kWarn, message, a);
  }
  void error(std::string_view message, std::initializer_list<Attribute> a = {}) const {
    put(Level::kError, message, a);
  }

  // For levels and attributes known at run time only. An empty `request` means the bound one.
  void log(Level level, std::string_view message, std::span<const Attribute> attributes,
           std::string_view request = {}, std::string_view trace = {}) const {
    if (enabled(level)) write(level, message, attributes, request, trace);
  }

  // A plugin broke the contract: counted always (revenge_contract_breaches_total), logged within the plugin's
  // rate. `function` is the ABI function called, `rule` the sentence that was not kept.
  void breach(std::string_view function, std::string_view rule,
              std::initializer_list<Attribute> attributes = {}) const;

  // Children copy what they bind, share component and level, and may outlive the parent.
  Logger with(std::span<const Attribute> attributes) const;
  Logger with(std::initializer_list<Attribute> attributes) const { return with(std::span(attributes)); }
  Logger forRequest(std::string_view id) const;

  std::string_view component() const;

 private:
  friend class Log;
  Logger(const Log& log, LogComponent& component, std::shared_ptr<const LogScope> scope);

  void put(Level level, std::string_view message, std::initializer_list<Attribute> attributes) const {
    if (enabled(level)) [[unlikely]]
      write(level, message, std::span(attributes), {}, {});
  }
  void write(Level level, std::string_view message, std::span<const Attribute> attributes,
             std::string_view request, std::string_view trace) const;

  const Log* log_;
  LogComponent* component_;
  const std::atomic<Level>* threshold_;
  std::shared_ptr<const LogScope> scope_;  // null: nothing bound; shared by copies, immutable
};

// How much one plugin may log. Lines beyond are counted and the count is logged.
struct LogRate {
  std::uint32_t lines_per_second = 1000;
  std::uint32_t burst = 2000;
};

struct LogComponentInfo {
  std::string name;
  Level level;
  bool overridden;  // the level was set for this component, not taken from the default
  std::uint64_t suppressed;
  std::uint64_t breaches;
};

class Log {
 public:
  // `clock`, `metrics` and `sink` outlive the Log.
  Log(const base::Clock& clock, Metrics& metrics, LogSink& sink, Level level = Level::kInfo,
      LogRate plugin_rate = {});
  ~Log();  // says what is still suppressed
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  Logger logger(std::string_view component);        // of a part of the host; no rate
  Logger pluginLogger(std::string_view plugin_id);  // component "plugin/<id>", bounded by the plugin rate

  // Live. A level for a component not seen yet is kept until it appears.
  void setLevel(Level level);
  void setLevel(std::string_view component, Level level);
  void clearLevel(std::string_view component);  // back to the default
  std::vector<LogComponentInfo> components() const;

  // Logs what each component's rate suppressed since the last report. The next admitted line of the component
  // does the same; call this now and then so that the count of a plugin that fell silent shows too.
  void reportSuppressed() const;

 private:
  friend class Logger;
  LogComponent& component(std::string_view name);

  const base::Clock& clock_;
  LogSink& sink_;
  const LogRate plugin_rate_;
  MetricScope scope_;
  mutable std::mutex mutex_;
  Level level_;  // guarded by mutex_
  std::map<std::string, std::unique_ptr<LogComponent>, std::less<>>
      components_;  // guarded by mutex_; never shrinks
};

}  // namespace revenge::observe
