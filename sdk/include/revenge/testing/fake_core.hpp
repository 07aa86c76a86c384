// The parts of the fake host that stand alone: clock, log, metrics, folders, timers, threads, questions about
// calls. Tests reach them through FakeHost. The tables are safe from any thread, as the host's are.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <stdlib.h>

#include <revenge/abi/command.h>
#include <revenge/abi/config.h>
#include <revenge/abi/flags.h>
#include <revenge/call.hpp>

namespace revenge::testing {

class FakeHost;

// Handles begin where a plugin that guesses does not come by.
inline constexpr revenge_handle kBeforeHandles = revenge_handle{0x5eed} << 48;

// What a plugin's revenge_host pointer points to: one for each loaded instance.
struct Seat {
  FakeHost* host;
  std::string id;
  std::atomic<bool> gone = false;

  const revenge_host* raw() const { return reinterpret_cast<const revenge_host*>(this); }
  static Seat& of(const revenge_host* host) {
    return *reinterpret_cast<Seat*>(const_cast<revenge_host*>(host));
  }
};

// Time that stands still until a test moves it.
class FakeClock {
 public:
  std::int64_t ns() const { return now_.load(); }
  void set(std::int64_t now) { now_.store(now); }

 private:
  std::atomic<std::int64_t> now_ = 1'000'000'000;
};

struct LogLine {
  std::uint32_t level;
  std::string message;
  std::map<std::string, std::string> attributes;
  std::string requestId;
};

class FakeLog {
 public:
  std::vector<LogLine> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  std::size_t loggers() const {
    const std::lock_guard lock(mutex_);
    return bound_.size();
  }

  void write(const revenge_call* call, revenge_handle logger, const revenge_log_record& record) {
    const std::lock_guard lock(mutex_);
    Bound all = boundTo(logger);
    add(all, {record.attributes, record.attribute_count}, all.path);
    LogLine line{record.level, std::string(boundary::text(record.message)), std::move(all.attributes), {}};
    if (call != nullptr && call->origin != nullptr) line.requestId = boundary::text(call->origin->request_id);
    lines_.push_back(std::move(line));
  }
  revenge_handle bind(revenge_handle parent, std::span<const revenge_attribute> attributes) {
    const std::lock_guard lock(mutex_);
    Bound all = boundTo(parent);
    add(all, attributes, all.path);
    bound_[++last_] = std::move(all);
    return last_;
  }
  void unbind(revenge_handle logger) {
    const std::lock_guard lock(mutex_);
    bound_.erase(logger);
  }

 private:
  struct Bound {
    std::map<std::string, std::string> attributes;  // members of a group under "group.member"
    std::string path;                               // of the groups that are open: "group."
  };

  Bound boundTo(revenge_handle logger) const {
    const auto found = bound_.find(logger);
    return found == bound_.end() ? Bound() : found->second;
  }

  static void add(Bound& to, std::span<const revenge_attribute> attributes, std::string path) {
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      const std::string name(boundary::text(attributes[i].name));
      const std::string below = name.empty() ? path : path + name + ".";
      if (attributes[i].type == REVENGE_ATTRIBUTE_OPEN_GROUP) {
        to.path = path = below;
      } else if (attributes[i].type == REVENGE_ATTRIBUTE_GROUP) {
        const auto rest = attributes.subspan(i + 1);
        const auto members = std::min(rest.size(), static_cast<std::size_t>(attributes[i].integer));
        add(to, rest.first(members), below);
        i += members;
      } else {
        to.attributes[path + name] = shown(attributes[i]);
      }
    }
  }
  static std::string shown(const revenge_attribute& attribute) {
    switch (attribute.type) {
      case REVENGE_ATTRIBUTE_BOOLEAN:
        return attribute.integer != 0 ? "true" : "false";
      case REVENGE_ATTRIBUTE_INTEGER:
        return std::to_string(attribute.integer);
      case REVENGE_ATTRIBUTE_NUMBER:
        return std::to_string(attribute.number);
      case REVENGE_ATTRIBUTE_DURATION_NS:
        return std::to_string(attribute.integer) + "ns";
      default:
        return std::string(boundary::text(attribute.text));
    }
  }

  mutable std::mutex mutex_;
  std::vector<LogLine> lines_;
  std::map<revenge_handle, Bound> bound_;
  revenge_handle last_ = kBeforeHandles;
};

// A series is named as Prometheus shows it: `name` or `name{label="value"}`.
class FakeMetrics {
 public:
  std::optional<double> value(const std::string& series) const {
    const std::lock_guard lock(mutex_);
    for (const Series& known : series_)
      if (known.name == series) return known.value;
    return std::nullopt;
  }

  revenge_handle open(const revenge_metric& metric) {
    const std::lock_guard lock(mutex_);
    const std::string name = nameOf(metric);
    for (std::size_t i = 0; i < series_.size(); ++i)
      if (series_[i].name == name) return series_[i].type == metric.type ? i + 1 : 0;
    series_.push_back({name, metric.type, 0});
    return series_.size();
  }
  // A histogram's value is its number of observations.
  void add(revenge_handle series, double value) {
    const std::lock_guard lock(mutex_);
    Series& known = series_.at(series - 1);
    known.value += known.type == REVENGE_METRIC_HISTOGRAM ? 1 : value;
  }
  void set(revenge_handle series, double value) {
    const std::lock_guard lock(mutex_);
    series_.at(series - 1).value = value;
  }

 private:
  struct Series {
    std::string name;
    std::uint32_t type;
    double value;
  };

  static std::string nameOf(const revenge_metric& metric) {
    std::string name(boundary::text(metric.name));
    for (std::size_t i = 0; i < metric.label_count; ++i) {
      name.append(i == 0 ? "{" : ",").append(boundary::text(metric.labels[i].name)).append("=\"");
      name.append(boundary::text(metric.labels[i].value)).append("\"");
    }
    return metric.label_count == 0 ? name : name + "}";
  }

  mutable std::mutex mutex_;
  std::deque<Series> series_;
};

// Flags as a test sets them: a value for everybody, and other values for users by their keys. Rules and percentages are
// the host's; what a plugin does with either answer is the test's.
class FakeFlags {
 public:
  using Value = std::variant<bool, std::string, std::int64_t, double>;

  void set(std::string_view key, Value value, std::string_view user) {
    const std::lock_guard lock(mutex_);
    flags_[std::string(key)].insert_or_assign(std::string(user), std::move(value));
    for (const Watch& watch : watches_)
      if (names_.at(watch.flag - 1) == key) changed_.push_back(watch.handle);
  }
  void remove(std::string_view key) {
    const std::lock_guard lock(mutex_);
    flags_.erase(std::string(key));
  }

  revenge_handle find(std::string_view key) {
    const std::lock_guard lock(mutex_);
    const auto known = std::ranges::find(names_, key);
    if (known != names_.end()) return static_cast<revenge_handle>(known - names_.begin()) + 1;
    names_.emplace_back(key);
    return names_.size();
  }
  void evaluate(revenge_handle flag, std::uint32_t type, std::string_view user,
                revenge_flag_result& result) const {
    const std::lock_guard lock(mutex_);
    result.reason = REVENGE_FLAG_ERROR;
    result.rule = -1;
    const auto known = flags_.find(names_.at(flag - 1));
    result.fault = known == flags_.end() ? REVENGE_FLAG_NOT_FOUND : REVENGE_FLAG_TYPE_MISMATCH;
    if (known == flags_.end()) return;
    const auto mine = known->second.find(std::string(user));
    const auto found = mine != known->second.end() ? mine : known->second.find("");
    if (found != known->second.end() && !fill(found->second, type, result)) return;
    result.fault = REVENGE_FLAG_NO_FAULT;
    result.reason = found != known->second.end() && !found->first.empty() ? REVENGE_FLAG_TARGETING_MATCH
                                                                          : REVENGE_FLAG_DEFAULT;
    result.served = found != known->second.end();
    if (result.served) result.variant[0] = 'x';
  }

  revenge_handle watch(const Seat& seat, revenge_handle flag, const revenge_job& job) {
    const std::lock_guard lock(mutex_);
    watches_.push_back({++last_, flag, job, &seat});
    return last_;
  }
  revenge_status unwatch(revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    const bool known =
        std::erase_if(watches_, [&](const Watch& watch) { return watch.handle == handle; }) != 0;
    if (!known) return REVENGE_GONE;
    return handle == running_ ? REVENGE_BUSY : REVENGE_OK;
  }
  void withdraw(const Seat& seat) {
    const std::lock_guard lock(mutex_);
    std::erase_if(watches_, [&](const Watch& watch) { return watch.seat == &seat; });
  }
  // The next watch whose flag was set; finish() is called after its run.
  std::optional<revenge_job> begin() {
    const std::lock_guard lock(mutex_);
    while (!changed_.empty()) {
      running_ = changed_.front();
      changed_.pop_front();
      for (const Watch& watch : watches_)
        if (watch.handle == running_) return watch.job;
    }
    running_ = 0;
    return std::nullopt;
  }
  void finish() {
    const std::lock_guard lock(mutex_);
    running_ = 0;
  }

 private:
  struct Watch {
    revenge_handle handle;
    revenge_handle flag;
    revenge_job job;
    const Seat* seat;
  };

  static bool fill(const Value& value, std::uint32_t type, revenge_flag_result& result) {
    if (type == REVENGE_FLAG_BOOLEAN && std::holds_alternative<bool>(value)) {
      result.boolean = std::get<bool>(value);
    } else if (type == REVENGE_FLAG_INTEGER && std::holds_alternative<std::int64_t>(value)) {
      result.integer = std::get<std::int64_t>(value);
    } else if (type == REVENGE_FLAG_NUMBER && std::holds_alternative<double>(value)) {
      result.number = std::get<double>(value);
    } else if ((type == REVENGE_FLAG_STRING || type == REVENGE_FLAG_OBJECT) &&
               std::holds_alternative<std::string>(value)) {
      result.text = boundary::give(std::get<std::string>(value));
    } else {
      return false;
    }
    return true;
  }

  mutable std::mutex mutex_;
  std::deque<std::string> names_;
  std::map<std::string, std::map<std::string, Value>> flags_;
  std::vector<Watch> watches_;
  std::deque<revenge_handle> changed_;
  revenge_handle last_ = kBeforeHandles;
  revenge_handle running_ = 0;
};

// Health checks, asked when a test asks.
class FakeHealth {
 public:
  revenge_handle add(const Seat& seat, const revenge_health_check& check) {
    const std::lock_guard lock(mutex_);
    checks_.push_back({++last_, std::string(boundary::text(check.name)), check, &seat});
    return last_;
  }
  revenge_status remove(const Seat& seat, revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    const auto removed = std::erase_if(
        checks_, [&](const Check& check) { return check.handle == handle && check.seat == &seat; });
    return removed != 0 ? REVENGE_OK : REVENGE_GONE;
  }
  void withdraw(const Seat& seat) {
    const std::lock_guard lock(mutex_);
    std::erase_if(checks_, [&](const Check& check) { return check.seat == &seat; });
  }
  std::vector<std::string> names() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    names.reserve(checks_.size());
    for (const Check& check : checks_) names.push_back(check.name);
    return names;
  }
  std::optional<revenge_health_check> find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    for (const Check& check : checks_)
      if (check.name == name) return check.check;
    return std::nullopt;
  }

 private:
  struct Check {
    revenge_handle handle;
    std::string name;
    revenge_health_check check;
    const Seat* seat;
  };

  mutable std::mutex mutex_;
  std::vector<Check> checks_;
  revenge_handle last_ = kBeforeHandles;
};

class FakeCommands {
 public:
  revenge_status add(const Seat& seat, const revenge_command& command) {
    const std::lock_guard lock(mutex_);
    std::string name(boundary::text(command.name));
    const bool taken = std::ranges::any_of(
        commands_, [&](const Command& known) { return known.seat == &seat && known.name == name; });
    if (taken) return REVENGE_EXISTS;
    commands_.push_back({std::move(name), command, &seat});
    return REVENGE_OK;
  }
  void withdraw(const Seat& seat) {
    const std::lock_guard lock(mutex_);
    std::erase_if(commands_, [&](const Command& command) { return command.seat == &seat; });
  }
  std::optional<revenge_command> find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    for (const Command& command : commands_)
      if (command.name == name) return command.command;
    return std::nullopt;
  }

 private:
  struct Command {
    std::string name;
    revenge_command command;
    const Seat* seat;
  };

  mutable std::mutex mutex_;
  std::vector<Command> commands_;
};

// A folder that ends with its object.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "revenge-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    path_ = pattern;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Timers fire when the clock is moved; jobs run when the test lets the host work.
class FakeTimers {
 public:
  explicit FakeTimers(const FakeClock& clock) : clock_(&clock) {}

  struct Due {
    revenge_handle handle;
    std::int64_t at;
    std::int64_t period;
    revenge_job job;
    Seat* seat;
  };

  revenge_handle start(Seat& seat, std::int64_t first, std::int64_t period, const revenge_job& job) {
    const std::lock_guard lock(mutex_);
    due_.push_back({++last_, clock_->ns() + first, period, job, &seat});
    return last_;
  }
  revenge_status cancel(revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    if (handle == running_) return endRunning();
    return std::erase_if(due_, [&](const Due& due) { return due.handle == handle; }) != 0 ? REVENGE_OK
                                                                                          : REVENGE_GONE;
  }
  void submit(Seat& seat, const revenge_job& job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({0, 0, 0, job, &seat});
  }
  void withdraw(const Seat& seat) {
    const std::lock_guard lock(mutex_);
    std::erase_if(due_, [&](const Due& due) { return due.seat == &seat; });
    std::erase_if(jobs_, [&](const Due& job) { return job.seat == &seat; });
  }

  std::size_t pending() const {
    const std::lock_guard lock(mutex_);
    return due_.size();
  }
  // The earliest timer due by `until`, begun; finish() is called after its run.
  std::optional<Due> begin(std::int64_t until) {
    const std::lock_guard lock(mutex_);
    const auto first = std::ranges::min_element(due_, {}, &Due::at);
    if (first == due_.end() || first->at > until) return std::nullopt;
    const Due due = *first;
    due_.erase(first);
    running_ = due.handle;
    return due;
  }
  void finish(const Due& due) {
    const std::lock_guard lock(mutex_);
    if (running_ == due.handle && due.period > 0)
      due_.push_back({due.handle, clock_->ns() + due.period, due.period, due.job, due.seat});
    running_ = 0;
  }
  std::optional<revenge_job> takeJob() {
    const std::lock_guard lock(mutex_);
    if (jobs_.empty()) return std::nullopt;
    const revenge_job job = jobs_.front().job;
    jobs_.pop_front();
    return job;
  }

 private:
  revenge_status endRunning() {
    running_ = 0;
    return REVENGE_BUSY;
  }

  const FakeClock* clock_;
  mutable std::mutex mutex_;
  std::vector<Due> due_;
  std::deque<Due> jobs_;
  revenge_handle last_ = kBeforeHandles;
  revenge_handle running_ = 0;
};

// Real threads, whose sleep ends when the fake clock passes it.
class FakeSpawn {
 public:
  explicit FakeSpawn(const FakeClock& clock) : clock_(&clock) {}
  ~FakeSpawn() { stopAndJoin(nullptr); }

  revenge_handle start(Seat& seat, const revenge_thread& thread) {
    const std::lock_guard lock(mutex_);
    const revenge_handle handle = ++last_;
    Running& running = threads_[handle];
    running.seat = &seat;
    running.thread = std::thread([thread, handle] {
      const auto nobody = boundary::sized<revenge_call>();
      thread.run(thread.context, &nobody, handle);
    });
    return handle;
  }
  void requestStop(revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    if (threads_.contains(handle)) threads_[handle].stop = true;
    changed_.notify_all();
  }
  bool stopRequested(revenge_handle handle) {
    const std::lock_guard lock(mutex_);
    return !threads_.contains(handle) || threads_[handle].stop;
  }
  revenge_status sleep(revenge_handle handle, std::int64_t timeout) {
    std::unique_lock lock(mutex_);
    const std::int64_t until = clock_->ns() + timeout;
    ++sleeping_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return threads_[handle].stop || clock_->ns() >= until; });
    --sleeping_;
    return threads_[handle].stop ? REVENGE_CANCELLED : REVENGE_TIMED_OUT;
  }
  void clockMoved() {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  }
  // Blocks until so many threads sleep: a test's way to know that they have got there.
  void awaitSleeping(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return sleeping_ >= count; });
  }
  void askToStop(const Seat& seat) {
    const std::lock_guard lock(mutex_);
    for (auto& [handle, running] : threads_)
      if (running.seat == &seat) running.stop = true;
    changed_.notify_all();
  }
  // Of one instance, or of all.
  void stopAndJoin(const Seat* seat) {
    std::vector<std::thread> ended;
    {
      const std::lock_guard lock(mutex_);
      for (auto& [handle, running] : threads_) {
        if (seat != nullptr && running.seat != seat) continue;
        running.stop = true;
        if (running.thread.joinable()) ended.push_back(std::move(running.thread));
      }
      changed_.notify_all();
    }
    for (std::thread& thread : ended) thread.join();
  }

 private:
  struct Running {
    Seat* seat = nullptr;
    std::thread thread;
    bool stop = false;
  };

  const FakeClock* clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<revenge_handle, Running> threads_;
  revenge_handle last_ = kBeforeHandles;
  int sleeping_ = 0;
};

}  // namespace revenge::testing
