#include "ext/health.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "ext/bundle.hpp"
#include "plugin/trampoline.hpp"

namespace revenge::ext {

struct HealthAdapter::Registered {
  Registered(const revenge_host& of, const revenge_health_check& given)
      : host(of), name(string(given.name)), check(given) {}

  const revenge_host& host;
  const std::string name;
  const revenge_health_check check;

  std::mutex mutex;                                     // guards what follows
  std::optional<observe::HealthChecks::Check> running;  // while the instance is visible
  bool inside = false;                                  // its function runs
  bool ended = false;
  base::Result<> last;
};

namespace {

constexpr base::Duration kShortest = std::chrono::milliseconds(100);

observe::CheckSpec specOf(const revenge_host& host, std::string name, const revenge_health_check& check) {
  observe::CheckSpec spec{.component = "plugin/" + host.id, .name = std::move(name)};
  if (check.period_ns != 0) spec.period = std::max(kShortest, base::Duration(check.period_ns));
  if (check.timeout_ns != 0) spec.timeout = base::Duration(check.timeout_ns);
  if (check.failure_threshold != 0) spec.failure_threshold = check.failure_threshold;
  if (check.success_threshold != 0) spec.success_threshold = check.success_threshold;
  spec.affects =
      check.criticality == REVENGE_HEALTH_CRITICAL ? observe::Affects::kReadiness : observe::Affects::kDetail;
  return spec;
}

}  // namespace

void HealthAdapter::contribute(const plugin::Scene& scene) {
  const std::lock_guard lock(mutex_);
  next_ = scene.visible;
}

void HealthAdapter::published() {
  std::vector<Shared> all;
  registered_.forEach([&](revenge_handle, service::InstanceRef, const Shared& one) { all.push_back(one); });
  {
    const std::lock_guard lock(mutex_);
    if (!next_) return;
    visible_ = *std::exchange(next_, std::nullopt);
  }
  // What comes stands beside what goes for a moment: the condition that both hold is never without a holder.
  for (const Shared& one : all) show(one);
  for (const Shared& one : all) hide(one);
}

bool HealthAdapter::visible(const Registered& one) {
  const std::lock_guard lock(mutex_);
  return std::ranges::find(visible_, &one.host) != visible_.end();
}

void HealthAdapter::hide(const Shared& one) {
  if (visible(*one)) return;
  const std::lock_guard lock(one->mutex);
  one->running.reset();
}

void HealthAdapter::show(const Shared& one) {
  if (!visible(*one)) return;
  const std::lock_guard lock(one->mutex);
  if (one->ended || one->running) return;
  one->running.emplace(
      checks_.add(specOf(one->host, one->name, one->check),
                  [this, one](const observe::HealthChecks::Answer& answer) { ask(one, answer); }));
}

void HealthAdapter::ask(const Shared& one, const observe::HealthChecks::Answer& answer) {
  auto inside = domain_.instances().enter(one->host.instance);
  if (!inside) return answer(base::fail(base::Errc::kGone, "the instance has been stopped"));
  const auto taken =
      lanes_.submit(one->host.lane, [this, one, answer, inside = std::move(inside)] { answer(run(*one)); });
  if (taken != base::Submitted::kTaken)
    answer(base::fail(base::Errc::kLimit, "the plugin's share of the workers' queue is full"));
}

base::Result<> HealthAdapter::run(Registered& one) {
  {
    const std::lock_guard lock(one.mutex);
    if (one.ended) return base::fail(base::Errc::kCancelled, "removed");
    // Its gate is closed for a moment: nothing is begun in it, and nothing new is known.
    if (one.host.held.load(std::memory_order_seq_cst)) return one.last;
    one.inside = true;
  }
  const auto spec = specOf(one.host, {}, one.check);
  const revenge_call call =
      hostCall(one.host.instance, (clock_.now() + spec.timeout).time_since_epoch().count());
  revenge_error why{sizeof(revenge_error), 0, {}};
  const revenge_status status =
      plugin::guarded("health check", why, [&] { return one.check.ask(one.check.context, &call, &why); });
  const std::string_view said(why.message, why.length);
  const std::lock_guard lock(one.mutex);
  one.inside = false;
  one.last = status >= REVENGE_OK
                 ? base::Result<>()
                 : base::fail(base::Errc::kFailed, "{}", said.empty() ? "no reason given" : said);
  return one.last;
}

std::size_t HealthAdapter::quiesce(const revenge_host& host) {
  const auto all = registered_.withdraw(host.instance);
  for (const auto& item : all) {
    const std::lock_guard lock(item.value->mutex);
    item.value->ended = true;
    item.value->running.reset();
  }
  return all.size();
}

struct HealthTable {
  static revenge_status add(const revenge_host* host, const revenge_health_check* check,
                            revenge_handle* handle, revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (check == nullptr || check->ask == nullptr || handle == nullptr)
      return say(error, REVENGE_INVALID, "check, its function or handle is NULL");
    if (text(check->name).empty()) return say(error, REVENGE_INVALID, "a check has a name");
    if (check->period_ns < 0 || check->timeout_ns < 0)
      return say(error, REVENGE_INVALID, "period_ns and timeout_ns must not be negative");
    if (check->criticality > REVENGE_HEALTH_CRITICAL)
      return say(error, REVENGE_INVALID, fmt::format("unknown criticality {}", check->criticality));
    HealthAdapter& adapter = ties->bundle.health;
    auto made = std::make_shared<HealthAdapter::Registered>(*host, *check);
    *handle = adapter.registered_.add(host->instance, made, HealthAdapter::kMaxChecks);
    if (*handle == 0)
      return say(error, REVENGE_LIMIT,
                 fmt::format("more than {} health checks of one plugin", HealthAdapter::kMaxChecks));
    adapter.show(made);
    return REVENGE_OK;
  }

  static revenge_status remove(const revenge_host* host, revenge_handle handle) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    const auto item = ties->bundle.health.registered_.take(handle, host->instance);
    if (!item) return REVENGE_GONE;
    const std::lock_guard lock(item->value->mutex);
    item->value->ended = true;
    item->value->running.reset();
    return item->value->inside ? REVENGE_BUSY : REVENGE_OK;
  }
};

const revenge_health& HealthAdapter::table() {
  static constexpr revenge_health kTable{sizeof(revenge_health), 0, HealthTable::add, HealthTable::remove};
  return kTable;
}

}  // namespace revenge::ext
