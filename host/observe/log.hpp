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
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "observe/metrics.hpp"
#include "observe/trace_context.hpp"

namespace revenge::observe {

// kBreach is a plugin breaking its contract: above kError so that no level hides it, kOff included.
enum class Level : std::uint8_t { kTrace, kDebug, kInfo, kWarn, kError, kOff, kBreach };

std::string_view name(Level level);                      // "trace", "debug", ...
std::optional<Level> parseLevel(std::string_view text);  // what an operator may set: kTrace to kOff

// One key and value of a line, or the head of a group: groups are flat, their members follow them, so that any list of
// attributes is one array. Views: both live until the call that logs them returns.
struct Attribute {
  struct Group {
    std::uint32_t
        members;  // as many of the attributes that follow are in it, those of groups within it included
  };
  struct OpenGroup {};  // whatever follows is in it, also what is bound or given later
  using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::string_view, base::Duration,
                             Group, OpenGroup>;

  Attribute(std::string_view k, Group v) : key(k), value(v) {}
  Attribute(std::string_view k, OpenGroup v) : key(k), value(v) {}
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

// Whom and what a line is about beyond its own words. Views, as in Attribute.
struct LogContext {
  std::string_view request = {};  // empty: not in a request
  std::string_view user = {};     // empty: nobody in particular
  TraceContext trace = {};        // both halves of the id 0: none
  std::size_t dropped = 0;        // attributes that whoever logs had to leave out already
};

// Where the call that logs stands. Any path; what is written are its last two parts.
struct LogSource {
  std::string_view file = {};  // empty: not known
  std::uint32_t line = 0;
};

// One line on its way to a sink. Views: valid during LogSink::write. How attributes become keys (groups, one key given
// twice, keys that are fields) is decided in log_layout.hpp.
struct LogRecord {
  base::WallTime time;
  Level level;
  std::string_view component;  // "http", or "plugin/stream" for the logger of a plugin
  std::string_view request;    // empty: not in a request
  std::string_view message;
  std::span<const Attribute> bound;
  std::span<const Attribute> attributes;
  std::string_view user = {};
  TraceContext trace = {};
  LogSource source = {};
  std::size_t dropped = 0;  // attributes that were too many or too large to be kept
  // Keys and texts of `bound`, one behind the other in their order, none longer than is packed; empty: not known to be so.
  std::string_view bound_texts = {};
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
  using Attributes = std::initializer_list<Attribute>;
  using Where = std::source_location;

  bool enabled(Level level) const { return level >= threshold_->load(std::memory_order_relaxed); }

  void trace(std::string_view message, Attributes a = {}, const Where& where = Where::current()) const {
    put(Level::kTrace, message, a, where);
  }
  void debug(std::string_view message, Attributes a = {}, const Where& where = Where::current()) const {
    put(Level::kDebug, message, a, where);
  }
  void info(std::string_view message, Attributes a = {}, const Where& where = Where::current()) const {
    put(Level::kInfo, message, a, where);
  }
  void warn(std::string_view message, Attributes a = {}, const Where& where = Where::current()) const {
    put(Level::kWarn, message, a, where);
  }
  void error(std::string_view message, Attributes a = {}, const Where& where = Where::current()) const {
    put(Level::kError, message, a, where);
  }

  // For levels and attributes known at run time only. An empty request means the bound one.
  void log(Level level, std::string_view message, std::span<const Attribute> attributes,
           const LogContext& context = {}, const LogSource& source = {}) const {
    if (enabled(level)) write(level, message, attributes, context, source);
  }

  // A plugin broke the contract: counted always (revenge_contract_breaches_total), logged within the plugin's
  // rate. `function` is the ABI function called, `rule` the sentence that was not kept.
  void breach(std::string_view function, std::string_view rule, Attributes attributes = {}) const;

  // Children copy what they bind, share component and level, and may outlive the parent.
  Logger with(std::span<const Attribute> attributes) const;
  Logger with(Attributes attributes) const { return with(std::span(attributes)); }
  Logger group(std::string_view name) const {  // what is bound or given from here on is in the group
    return with({{name, Attribute::OpenGroup{}}});
  }
  Logger forRequest(std::string_view id) const;

  std::string_view component() const;

 private:
  friend class Log;
  Logger(const Log& log, LogComponent& component, std::shared_ptr<const LogScope> scope);

  void put(Level level, std::string_view message, Attributes attributes, const Where& where) const {
    if (enabled(level)) [[unlikely]]
      write(level, message, std::span(attributes), {}, {where.file_name(), where.line()});
  }
  void write(Level level, std::string_view message, std::span<const Attribute> attributes,
             const LogContext& context, const LogSource& source) const;

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

// Whose word a level is: nobody's, that of the configuration, or that of an operator, which holds against both until it
// is taken back or the host ends.
enum class LevelFrom : std::uint8_t { kDefault, kConfiguration, kOperator };

std::string_view name(LevelFrom from);  // "default", "configuration", "operator"

struct LogLevel {
  Level level = Level::kInfo;
  LevelFrom from = LevelFrom::kDefault;
};

struct LogComponentInfo {
  std::string name;
  LogLevel level;
  std::uint64_t asked;  // lines that its level lets through; of plugins alone
  std::uint64_t suppressed;
  std::uint64_t breaches;
};

using LogLevels = std::map<std::string, Level, std::less<>>;  // by component

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

  // Another rate for one plugin; nothing: that of all.
  void setPluginRate(std::string_view plugin_id, std::optional<LogRate> rate);

  // Live, all of it. A level for a component not seen yet is kept until it appears.
  void configure(Level level, LogLevels levels);  // what the configuration says
  void setLevel(Level level);                     // an operator's: of all without one of their own
  void setLevel(std::string_view component, Level level);
  void clearLevel();
  void clearLevel(std::string_view component);
  LogLevel level() const;                            // of a component that nothing is said about
  LogLevel level(std::string_view component) const;  // of one by that name, whether it is there or not
  std::vector<LogComponentInfo> components() const;  // that have been asked for, by name

  // Logs what each component's rate suppressed since the last report. The next admitted line of the component
  // does the same; call this now and then so that the count of a plugin that fell silent shows too.
  void reportSuppressed() const;

 private:
  friend class Logger;
  LogComponent& component(std::string_view name);      // REQUIRES mutex_
  LogLevel resolve(std::string_view component) const;  // REQUIRES mutex_
  LogLevel resolve() const;                            // REQUIRES mutex_
  void resolveAll();                                   // REQUIRES mutex_

  const base::Clock& clock_;
  LogSink& sink_;
  const LogRate plugin_rate_;
  MetricScope scope_;
  mutable std::mutex mutex_;
  Level configured_;  // these and the following: guarded by mutex_
  LogLevels configured_levels_;
  std::optional<Level> operators_;
  LogLevels operators_levels_;
  std::map<std::string, std::unique_ptr<LogComponent>, std::less<>> components_;  // never shrinks
};

}  // namespace revenge::observe
