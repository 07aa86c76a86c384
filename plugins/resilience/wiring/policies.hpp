// Policies: the objects that pipelines are made of, by their names, and the pipelines, by theirs. A configuration makes what
// is new, changes live what can be, and keeps the rest, so that states, levels and permits survive it. Thread safety: find()
// from any thread, without a lock; the rest takes turns.
//
// Rationale: a directory that was in force once is kept until the end, as configurations are: runs refer to it without counting.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wiring/directory.hpp"
#include "wiring/settings.hpp"

namespace revenge::resilience {

class Policies {
 public:
  // Told of what a breaker does, on the thread that brought it about.
  using Told = std::function<void(const std::string& policy, const BreakerEvent&)>;

  explicit Policies(Told told) : told_(std::move(told)) {}
  Policies(const Policies&) = delete;
  Policies& operator=(const Policies&) = delete;

  // Requires: the settings were read by readSettings().
  void apply(const Settings& settings, Moment now);

  // Null: there is none. Lives as long as this.
  const Entry* find(std::string_view pipeline) const noexcept {
    return directory_.load(std::memory_order_acquire)->find(pipeline);
  }
  // Empty: there is none.
  std::optional<Layer> policy(const std::string& name) const;
  std::shared_ptr<RetryBudget> budget(const std::string& name) const;
  // Those in force, by name.
  std::map<std::string, Layer> policies() const;
  std::map<std::string, std::shared_ptr<RetryBudget>> budgets() const;
  std::vector<std::shared_ptr<const Pipeline>> pipelines() const;

 private:
  Layer layerLocked(const DeclaredLayer& declared, Moment now);
  Layer freshLocked(const DeclaredLayer& declared, const Layer* earlier, Moment now);
  std::shared_ptr<RetryBudget> budgetLocked(const std::string& name) const;

  const Told told_;
  mutable std::mutex mutex_;  // below
  std::map<std::string, Layer> policies_;
  std::map<std::string, std::shared_ptr<RetryBudget>> budgets_;
  std::map<std::string, Notices<BreakerEvent>::Subscription> told_of_;
  std::vector<std::unique_ptr<const Directory>> directories_;
  std::atomic<const Directory*> directory_ = &empty_;
  Directory empty_;
};

}  // namespace revenge::resilience
