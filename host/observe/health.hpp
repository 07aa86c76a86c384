// What the host says about itself: conditions held by rooms and plugins, and the verdicts that follow from
// them. app owns Health, which outlives every HealthCondition. Thread safety: everything may be called from
// any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace revenge::observe {

enum class Affects : std::uint8_t {  // gravest first
  kLiveness,                         // unmet: the process should be restarted; also not ready
  kReadiness,                        // unmet: send no requests
  kDetail,                           // unmet: degraded, still serving
};

struct HealthEntry {
  std::string component;  // "http", "plugin/stream"
  std::string name;       // "listening"
  Affects affects;
  bool met;
  std::string reason;    // why it is not met; empty when it is
  base::WallTime since;  // of the last change of `met`
};

struct HealthReport {
  bool live = true;
  bool ready = true;
  bool degraded = false;             // any condition unmet
  std::vector<HealthEntry> entries;  // sorted by component, name and age
};

class Health;

// One named condition, unmet ("starting") until said otherwise, withdrawn when destroyed.
class HealthCondition {
 public:
  HealthCondition(HealthCondition&& other) noexcept;
  HealthCondition& operator=(HealthCondition&& other) noexcept;
  ~HealthCondition();

  void met();
  void unmet(std::string_view reason);

 private:
  friend class Health;
  HealthCondition(Health& health, std::uint64_t id) : health_(&health), id_(id) {}
  Health* health_;
  std::uint64_t id_;
};

class Health {
 public:
  explicit Health(const base::Clock& clock) : clock_(clock) {}
  Health(const Health&) = delete;
  Health& operator=(const Health&) = delete;

  // Two conditions of the same component and name stand side by side: during a swap both instances hold
  // theirs.
  HealthCondition condition(std::string_view component, std::string_view name, Affects affects);

  bool live() const;
  bool ready() const;  // every kLiveness and kReadiness condition is met; true when there is none
  HealthReport report() const;

 private:
  friend class HealthCondition;
  void change(std::uint64_t id, std::string_view reason);  // empty reason: met
  void withdraw(std::uint64_t id);
  bool anyUnmet(Affects up_to) const;  // of this and graver effect; REQUIRES mutex_

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::uint64_t next_id_ = 1;                     // guarded by mutex_
  std::map<std::uint64_t, HealthEntry> entries_;  // guarded by mutex_
};

}  // namespace revenge::observe
