// Checks that somebody has to carry out: asked at their period, side by side, each with a deadline; what the last one said stays
// in Health, so that whoever asks there is answered at once. A check that does not answer delays nobody and is not asked again
// before it has: each period without an answer is one more failure. app owns it, after Health and the scheduler. Thread safety:
// everything may be called from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "observe/health.hpp"

namespace revenge::observe {

struct CheckSpec {
  std::string component = {};
  std::string name = {};
  base::Duration period = std::chrono::seconds(10);
  base::Duration timeout = std::chrono::seconds(1);  // no answer by then is a failure
  unsigned failure_threshold = 3;                    // failures in a row until it counts as failed
  unsigned success_threshold = 1;                    // successes in a row until it counts as passed
  Affects affects = Affects::kDetail;                // kReadiness: a critical one
};

class HealthChecks {
 public:
  // Called once for each question, with the result; later calls do nothing.
  using Answer = std::function<void(const base::Result<>& result)>;
  // Asks, and returns at once: called on the scheduler's thread. May answer before it returns.
  using Ask = std::function<void(Answer answer)>;

  HealthChecks(Health& health, base::Scheduler& scheduler) : health_(health), scheduler_(scheduler) {}

  // Asked for the first time at once; pending until then. Ends with the Check: no question begins after that, an answer that
  // is still to come is ignored.
  class [[nodiscard]] Check;
  Check add(CheckSpec spec, Ask ask);

 private:
  struct Core;
  Health& health_;
  base::Scheduler& scheduler_;
};

class [[nodiscard]] HealthChecks::Check {
 public:
  Check(Check&& other) noexcept = default;
  Check& operator=(Check&& other) noexcept;
  ~Check();

 private:
  friend class HealthChecks;
  explicit Check(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  std::shared_ptr<Core> core_;  // shared with the timers and the answers under way
};

}  // namespace revenge::observe
