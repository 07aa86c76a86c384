#include "observe/health_checks.hpp"

#include <mutex>
#include <optional>
#include <utility>

namespace revenge::observe {

struct HealthChecks::Core : std::enable_shared_from_this<Core> {
  Core(CheckSpec with, Ask asked, HealthCondition at, base::Scheduler& time)
      : spec(std::move(with)), ask(std::move(asked)), scheduler(time), condition(std::move(at)) {}

  // Tasks under way keep the memory, not the check: once closed they do nothing.
  void arm(base::Duration after) {
    const std::lock_guard lock(mutex);
    if (condition) due = scheduler.after(after, [self = shared_from_this()] { self->question(); });
  }

  void question() {
    const std::lock_guard begun(asking);
    std::uint64_t round = 0;
    {
      const std::lock_guard lock(mutex);
      if (!condition) return;
      due = scheduler.after(spec.period, [self = shared_from_this()] { self->question(); });
      if (asked) return overdue(false);
      asked = true;
      late = false;
      round = ++rounds;
      deadline = scheduler.after(spec.timeout, [self = shared_from_this(), round] {
        const std::lock_guard timed(self->mutex);
        if (self->condition && self->asked && self->rounds == round) self->overdue(true);
      });
    }
    ask([self = shared_from_this(), round](const base::Result<>& result) { self->answered(round, result); });
  }

  void answered(std::uint64_t round, const base::Result<>& result) {
    const std::lock_guard lock(mutex);
    if (!condition || !asked || rounds != round) return;
    asked = false;
    scheduler.cancel(deadline);
    if (late) return;  // counted already
    if (result) {
      passed();
    } else {
      failed(result.error().message);
    }
  }

  // REQUIRES mutex, and a condition, as do those below. The first time at the deadline, then at each period.
  void overdue(bool first) {
    if (!first && !late) return;  // its deadline is still to come
    late = true;
    failed(fmt::format("no answer within {} ms", spec.timeout / std::chrono::milliseconds(1)));
  }

  void passed() {
    failures = 0;
    condition->checked();
    if (++successes >= spec.success_threshold) condition->met();
  }

  void failed(std::string_view why) {
    successes = 0;
    condition->checked();
    if (++failures >= spec.failure_threshold) {
      condition->unmet(why);
    } else {
      condition->doubted(why);
    }
  }

  void close() {
    const std::lock_guard no_more(asking);
    const std::lock_guard lock(mutex);
    if (!condition) return;
    scheduler.cancel(due);
    scheduler.cancel(deadline);
    condition.reset();
  }

  const CheckSpec spec;
  const Ask ask;
  base::Scheduler& scheduler;

  std::mutex asking;                         // held while a question begins; before mutex
  std::mutex mutex;                          // guards what follows; before that of Health
  std::optional<HealthCondition> condition;  // none: closed
  base::TimerId due = base::TimerId::kNone;
  base::TimerId deadline = base::TimerId::kNone;
  std::uint64_t rounds = 0;
  bool asked = false;  // the answer to round `rounds` is still to come
  bool late = false;   // and its deadline has passed
  unsigned failures = 0;
  unsigned successes = 0;
};

HealthChecks::Check HealthChecks::add(CheckSpec spec, Ask ask) {
  HealthCondition condition = health_.condition(spec.component, spec.name, spec.affects);
  auto core = std::make_shared<Core>(std::move(spec), std::move(ask), std::move(condition), scheduler_);
  core->arm(base::Duration::zero());
  return Check(std::move(core));
}

HealthChecks::Check& HealthChecks::Check::operator=(Check&& other) noexcept {
  std::swap(core_, other.core_);
  return *this;
}

HealthChecks::Check::~Check() {
  if (core_ != nullptr) core_->close();
}

}  // namespace revenge::observe
