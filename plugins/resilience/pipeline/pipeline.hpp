// A pipeline: policies in their order, outermost first. Built from configuration, never changed afterwards; the policies are
// shared objects with names of their own, so that their counters and permits survive the pipeline. A passage (passage.hpp)
// takes one run through it; run.hpp runs functions. Thread safety: constant.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "pipeline/fallback.hpp"
#include "pipeline/hedge.hpp"
#include "pipeline/retry.hpp"
#include "pipeline/timeout.hpp"
#include "policy/adaptive_limiter.hpp"
#include "policy/breaker.hpp"
#include "policy/bulkhead.hpp"
#include "policy/keyed_limiter.hpp"
#include "policy/rate_limiter.hpp"

namespace revenge::resilience {

class Coalescer;

// What a layer is, in the order of the variant below.
enum class LayerKind : std::uint8_t {
  kFallback,
  kTimeout,
  kRetry,
  kBreaker,
  kRate,
  kKeyedRate,
  kBulkhead,
  kAdaptive,
  kHedge,
  kCoalesce,
};

// shared: with other pipelines, with the one that replaces this, and with runs that have not ended.
using Layer =
    std::variant<std::shared_ptr<Fallback>, std::shared_ptr<Timeout>, std::shared_ptr<Retry>,
                 std::shared_ptr<Breaker>, std::shared_ptr<RateLimiter>, std::shared_ptr<KeyedLimiter>,
                 std::shared_ptr<Bulkhead>, std::shared_ptr<AdaptiveLimiter>, std::shared_ptr<Hedge>,
                 std::shared_ptr<Coalescer>>;

constexpr LayerKind kindOf(const Layer& layer) { return static_cast<LayerKind>(layer.index()); }

inline constexpr std::size_t kMaxLayers = 12;

class Pipeline {
 public:
  // Requires: at most kMaxLayers, none of them null.
  Pipeline(std::string name, std::vector<Layer> layers);

  const std::string& name() const { return name_; }
  const std::vector<Layer>& layers() const { return layers_; }
  std::size_t size() const { return layers_.size(); }
  LayerKind kind(std::size_t index) const { return kindOf(layers_[index]); }
  // Requires: the kind is T's.
  template <class T>
  T& get(std::size_t index) const {
    return **std::get_if<std::shared_ptr<T>>(&layers_[index]);
  }
  // Of a retry or hedge.
  BudgetUse budgetUse(std::size_t index) const { return budget_use_[index]; }
  // The first hedge or coalescing layer at or behind `from`, else size(): what lies before it is one passage.
  std::size_t partEnd(std::size_t from) const;

 private:
  std::string name_;
  std::vector<Layer> layers_;
  std::array<BudgetUse, kMaxLayers> budget_use_{};
};

}  // namespace revenge::resilience
