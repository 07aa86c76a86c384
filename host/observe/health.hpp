// What the host says about itself: conditions held by rooms and plugins, and the verdicts that follow from
// them. app owns Health, which outlives every HealthCondition and HealthSource. Thread safety: everything may be called
// from any thread; a report never waits for anything that is being checked.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace revenge::observe {

enum class Affects : std::uint8_t {  // gravest first
  kLiveness,                         // unmet: the process should be restarted; also not ready
  kStartup,                          // unmet: it has not come up yet; also not ready
  kReadiness,                        // unmet: send no requests
  kDetail,                           // unmet: degraded, still serving
};

struct HealthEntry {
  std::string component;  // "http", "plugin/stream"
  std::string name;       // "listening"
  Affects affects;
  bool met;
  std::string reason;                          // why it is not met, or in doubt; empty when all is well
  base::WallTime since;                        // of the last change of `met`
  bool pending = false;                        // its holder has said nothing yet
  std::optional<base::WallTime> checked = {};  // of a check: when it last had a result
};

enum class Probe : std::uint8_t { kLive, kStartup, kReady };
enum class Verdict : std::uint8_t { kPass, kWarn, kFail };

// What a verdict is called and answered with, side by side.
struct VerdictRow {
  std::string_view status;  // of application/health+json
  std::uint32_t http;
};
inline constexpr VerdictRow kVerdicts[] = {{"pass", 200}, {"warn", 200}, {"fail", 503}};
inline constexpr const VerdictRow& rowOf(Verdict verdict) {
  return kVerdicts[static_cast<std::size_t>(verdict)];
}

struct HealthReport {
  bool live = true;
  bool started = true;
  bool ready = true;
  bool degraded = false;  // any condition unmet
  base::WallTime at = {};
  std::vector<HealthEntry> entries = {};  // sorted by component, name and age

  Verdict verdict(Probe probe) const;
};
Verdict verdictOf(const HealthEntry& entry);

class Health;

// One named condition, unmet ("starting") until said otherwise, withdrawn when destroyed.
class HealthCondition {
 public:
  HealthCondition(HealthCondition&& other) noexcept;
  HealthCondition& operator=(HealthCondition&& other) noexcept;
  ~HealthCondition();

  void met();
  void unmet(std::string_view reason);
  void doubted(std::string_view reason);  // as it is, but the last look was not good
  void checked();                         // there was a look just now

 private:
  friend class Health;
  HealthCondition(Health& health, std::uint64_t id) : health_(&health), id_(id) {}
  Health* health_;
  std::uint64_t id_;
};

// Entries that are found out only when somebody asks; ends with this object, which waits for a report that is under way.
class [[nodiscard]] HealthSource {
 public:
  using Tell = std::function<void(std::vector<HealthEntry>& entries)>;

  HealthSource(HealthSource&& other) noexcept
      : health_(std::exchange(other.health_, nullptr)), at_(other.at_) {}
  HealthSource& operator=(HealthSource&&) = delete;
  ~HealthSource();

 private:
  friend class Health;
  HealthSource(Health& health, std::list<Tell>::iterator at) : health_(&health), at_(at) {}
  Health* health_;
  std::list<Tell>::iterator at_;
};

class Health {
 public:
  explicit Health(const base::Clock& clock) : clock_(clock) {}
  Health(const Health&) = delete;
  Health& operator=(const Health&) = delete;

  // Two conditions of the same component and name stand side by side: during a swap both instances hold
  // theirs, and one that has not said anything yet does not count beside one that is met; when that one goes first, what
  // it said holds until the other speaks.
  HealthCondition condition(std::string_view component, std::string_view name, Affects affects);
  // Their entries affect kDetail alone, so that probes need not look at them. Called by whoever asks for a report.
  HealthSource source(HealthSource::Tell tell);

  bool live() const;
  bool ready() const;  // every condition but those of kDetail is met; true when there is none
  HealthReport report() const;

 private:
  friend class HealthCondition;
  friend class HealthSource;
  void change(std::uint64_t id, std::string_view reason);  // empty reason: met
  void amend(std::uint64_t id, const std::function<void(HealthEntry&)>& how);
  void withdraw(std::uint64_t id);
  bool anyUnmet(Affects from, Affects to) const;  // REQUIRES mutex_
  bool counts(const HealthEntry& entry) const;    // REQUIRES mutex_

  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::uint64_t next_id_ = 1;                     // guarded by mutex_
  std::map<std::uint64_t, HealthEntry> entries_;  // guarded by mutex_
  mutable std::shared_mutex sources_mutex_;
  std::list<HealthSource::Tell> sources_;  // guarded by sources_mutex_
};

}  // namespace revenge::observe
