#include "observe/log.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "observe/log_packing.hpp"

namespace revenge::observe {

namespace {

constexpr std::string_view kPluginPrefix = "plugin/";
constexpr base::Duration::rep kReportEvery = std::chrono::nanoseconds(std::chrono::seconds(1)).count();
constexpr std::array<std::string_view, 7> kLevelNames{"trace", "debug", "info",  "warn",
                                                      "error", "off",   "breach"};

}  // namespace

struct LogComponent {
  LogComponent(std::string_view n, LogRate rate)
      : name(n),
        limited(n.starts_with(kPluginPrefix)),
        lines_per_second(rate.lines_per_second),
        burst(rate.burst) {}

  const std::string name;
  const bool limited;
  std::atomic<Level> level{Level::kInfo};

  std::atomic<base::Duration::rep> next_arrival{0};  // when the rate is used up, see admits()
  std::atomic<base::Duration::rep> next_report{0};
  std::atomic<std::uint64_t> unreported{0};
  std::atomic<std::uint64_t> asked{0};
  std::atomic<std::uint64_t> suppressed{0};
  std::atomic<std::uint32_t>
      lines_per_second;  // with the burst: each read by itself, so that one line may meet a mixture
  std::atomic<std::uint32_t> burst;
  std::atomic<std::uint64_t> breaches{0};
  Counter suppressed_total;
  Counter breaches_total;
};

struct LogScope {
  std::string request;
  std::string text;  // what the keys and texts of `attributes` view; never changed once they do
  std::vector<Attribute> attributes;
};

namespace {

// Generic cell rate algorithm: each line moves the arrival time by 1/rate; a line is refused when that time
// runs ahead of the clock by more than the burst. One word, so no lock and no window edge where twice the
// rate would pass.
bool admits(LogComponent& component, base::Duration::rep now, LogRate rate) {
  const base::Duration::rep step = 1'000'000'000 / std::max<base::Duration::rep>(rate.lines_per_second, 1);
  const base::Duration::rep ahead = step * std::max<base::Duration::rep>(rate.burst, 1);
  base::Duration::rep arrival = component.next_arrival.load(std::memory_order_relaxed);
  for (;;) {
    const base::Duration::rep next = std::max(arrival, now) + step;
    if (next - now > ahead) return false;
    if (component.next_arrival.compare_exchange_weak(arrival, next, std::memory_order_relaxed)) return true;
  }
}

void report(const base::Clock& clock, LogSink& sink, LogComponent& component) {
  const std::uint64_t count = component.unreported.exchange(0, std::memory_order_relaxed);
  if (count == 0) return;
  const Attribute attribute("suppressed", count);
  sink.write({clock.wall(),
              Level::kWarn,
              component.name,
              {},
              "log rate exceeded, lines were suppressed",
              {},
              std::span(&attribute, 1)});
}

// At most one report in a second, the first at once.
void reportWhenDue(const base::Clock& clock, LogSink& sink, LogComponent& component,
                   base::Duration::rep now) {
  if (component.unreported.load(std::memory_order_relaxed) == 0) return;
  base::Duration::rep due = component.next_report.load(std::memory_order_relaxed);
  if (now < due) return;
  if (component.next_report.compare_exchange_strong(due, now + kReportEvery, std::memory_order_relaxed)) {
    report(clock, sink, component);
  }
}

bool isGroup(const Attribute& attribute) {
  return std::holds_alternative<Attribute::Group>(attribute.value) ||
         std::holds_alternative<Attribute::OpenGroup>(attribute.value);
}

// Copies `attributes` so that the scope owns what they view, cut to what is packed: a line then takes them as they are.
void own(LogScope& scope, std::vector<Attribute> attributes) {
  std::size_t bytes = 0;
  for (auto& [key, value] : attributes) {
    auto* const text = std::get_if<std::string_view>(&value);
    key = key.substr(0, kMaxPackedName);
    if (text != nullptr) *text = text->substr(0, kMaxPackedText);
    bytes += key.size() + (text == nullptr ? 0 : text->size());
  }
  scope.text.reserve(bytes);  // no append below may move what is viewed already
  const auto keep = [&](std::string_view view) {
    const std::size_t at = scope.text.size();
    scope.text.append(view);
    return std::string_view(scope.text).substr(at);
  };
  for (Attribute attribute : attributes) {
    attribute.key = keep(attribute.key);
    if (auto* text = std::get_if<std::string_view>(&attribute.value)) *text = keep(*text);
    scope.attributes.push_back(attribute);
  }
}

}  // namespace

std::string_view name(Level level) { return kLevelNames[static_cast<std::size_t>(level)]; }

std::string_view name(LevelFrom from) {
  static constexpr std::array<std::string_view, 3> kNames{"default", "configuration", "operator"};
  return kNames[static_cast<std::size_t>(from)];
}

std::optional<Level> parseLevel(std::string_view text) {
  for (std::size_t i = 0; i <= static_cast<std::size_t>(Level::kOff); ++i) {
    if (kLevelNames[i] == text) return static_cast<Level>(i);
  }
  return std::nullopt;
}

Logger::Logger(const Log& log, LogComponent& component, std::shared_ptr<const LogScope> scope)
    : log_(&log), component_(&component), threshold_(&component.level), scope_(std::move(scope)) {}

std::string_view Logger::component() const { return component_->name; }

void Logger::write(Level level, std::string_view message, std::span<const Attribute> attributes,
                   const LogContext& context, const LogSource& source) const {
  const base::Clock& clock = log_->clock_;
  const base::Moment moment = clock.moment();
  if (component_->limited) {
    const base::Duration::rep now = moment.now.time_since_epoch().count();
    component_->asked.fetch_add(1, std::memory_order_relaxed);
    const LogRate rate{component_->lines_per_second.load(std::memory_order_relaxed),
                       component_->burst.load(std::memory_order_relaxed)};
    const bool admitted = admits(*component_, now, rate);
    if (!admitted) {
      component_->unreported.fetch_add(1, std::memory_order_relaxed);
      component_->suppressed.fetch_add(1, std::memory_order_relaxed);
      component_->suppressed_total.add();
    }
    reportWhenDue(clock, log_->sink_, *component_, now);
    if (!admitted) return;
  }
  LogRecord record{moment.wall, level,        component_->name, context.request, message,        {},
                   attributes,  context.user, context.trace,    source,          context.dropped};
  if (scope_ != nullptr) {
    record.bound = scope_->attributes;
    record.bound_texts = scope_->text;
    if (record.request.empty()) record.request = scope_->request;
  }
  log_->sink_.write(record);
}

void Logger::breach(std::string_view function, std::string_view rule, Attributes attributes) const {
  component_->breaches.fetch_add(1, std::memory_order_relaxed);
  component_->breaches_total.add();
  std::vector<Attribute> all{{"function", function}, {"rule", rule}};
  all.insert(all.end(), attributes);
  write(Level::kBreach, "contract breach", all, {}, {});
}

Logger Logger::with(std::span<const Attribute> attributes) const {
  std::vector<Attribute> all;
  if (scope_ != nullptr) {
    // What is hidden anyway is not carried along. Inside groups the same key may be another one.
    const bool flat = std::ranges::none_of(scope_->attributes, isGroup);
    for (const Attribute& bound : scope_->attributes) {
      const auto again = std::ranges::find(attributes, bound.key, &Attribute::key);
      const bool first =
          again == attributes.end() || !flat || std::any_of(attributes.begin(), std::next(again), isGroup);
      if (first) all.push_back(bound);
    }
  }
  all.insert(all.end(), attributes.begin(), attributes.end());
  const auto scope = std::make_shared<LogScope>();
  if (scope_ != nullptr) scope->request = scope_->request;
  own(*scope, std::move(all));
  return {*log_, *component_, scope};
}

Logger Logger::forRequest(std::string_view id) const {
  const auto scope = std::make_shared<LogScope>();
  scope->request = id;
  if (scope_ != nullptr) own(*scope, scope_->attributes);
  return {*log_, *component_, scope};
}

Log::Log(const base::Clock& clock, Metrics& metrics, LogSink& sink, Level level, LogRate plugin_rate)
    : clock_(clock),
      sink_(sink),
      plugin_rate_(plugin_rate),
      scope_(metrics.hostScope()),
      configured_(level) {}

Log::~Log() { reportSuppressed(); }

LogComponent& Log::component(std::string_view name) {
  auto found = components_.find(name);
  if (found != components_.end()) return *found->second;
  auto made = std::make_unique<LogComponent>(name, plugin_rate_);
  made->level = resolve(name).level;
  if (made->limited) {
    const std::string_view id = name.substr(kPluginPrefix.size());
    made->breaches_total = scope_
                               .counter({"revenge_contract_breaches_total",
                                         "Rules of the plugin contract that were not kept.",
                                         {{"plugin", id}}})
                               .value_or(Counter());
    made->suppressed_total =
        scope_
            .counter(
                {"revenge_log_suppressed_lines_total", "Lines beyond a plugin's log rate.", {{"plugin", id}}})
            .value_or(Counter());
  }
  return *components_.emplace(name, std::move(made)).first->second;
}

Logger Log::logger(std::string_view component_name) {
  const std::lock_guard lock(mutex_);
  return {*this, component(component_name), nullptr};
}

Logger Log::pluginLogger(std::string_view plugin_id) {
  return logger(std::string(kPluginPrefix).append(plugin_id));
}

LogLevel Log::resolve() const {
  return operators_ ? LogLevel{*operators_, LevelFrom::kOperator}
                    : LogLevel{configured_, LevelFrom::kConfiguration};
}

LogLevel Log::resolve(std::string_view component_name) const {
  if (const auto set = operators_levels_.find(component_name); set != operators_levels_.end())
    return {set->second, LevelFrom::kOperator};
  if (const auto set = configured_levels_.find(component_name); set != configured_levels_.end())
    return {set->second, LevelFrom::kConfiguration};
  return {resolve().level, LevelFrom::kDefault};
}

void Log::resolveAll() {
  for (const auto& [name, component] : components_) component->level = resolve(name).level;
}

void Log::setPluginRate(std::string_view plugin_id, std::optional<LogRate> rate) {
  const std::lock_guard lock(mutex_);
  LogComponent& of = component(std::string(kPluginPrefix).append(plugin_id));
  const LogRate next = rate.value_or(plugin_rate_);
  of.lines_per_second.store(next.lines_per_second);
  of.burst.store(next.burst);
}

void Log::configure(Level level, LogLevels levels) {
  const std::lock_guard lock(mutex_);
  configured_ = level;
  configured_levels_ = std::move(levels);
  resolveAll();
}

void Log::setLevel(Level level) {
  const std::lock_guard lock(mutex_);
  operators_ = level;
  resolveAll();
}

void Log::setLevel(std::string_view component_name, Level level) {
  const std::lock_guard lock(mutex_);
  operators_levels_.insert_or_assign(std::string(component_name), level);
  resolveAll();
}

void Log::clearLevel() {
  const std::lock_guard lock(mutex_);
  operators_.reset();
  resolveAll();
}

void Log::clearLevel(std::string_view component_name) {
  const std::lock_guard lock(mutex_);
  if (const auto set = operators_levels_.find(component_name); set != operators_levels_.end())
    operators_levels_.erase(set);
  resolveAll();
}

LogLevel Log::level() const {
  const std::lock_guard lock(mutex_);
  return resolve();
}

LogLevel Log::level(std::string_view component_name) const {
  const std::lock_guard lock(mutex_);
  return resolve(component_name);
}

std::vector<LogComponentInfo> Log::components() const {
  const std::lock_guard lock(mutex_);
  std::vector<LogComponentInfo> all;
  all.reserve(components_.size());
  for (const auto& [name, component] : components_)
    all.push_back({name, resolve(name), component->asked, component->suppressed, component->breaches});
  return all;
}

void Log::reportSuppressed() const {
  std::vector<LogComponent*> limited;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, component] : components_) {
      if (component->limited) limited.push_back(component.get());
    }
  }
  for (LogComponent* component : limited) report(clock_, sink_, *component);
}

}  // namespace revenge::observe
