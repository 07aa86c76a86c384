#include "pipeline/order.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

namespace revenge::resilience {
namespace {

// An order of two layers that does what it says and seldom what is meant.
struct Pair {
  LayerKind outer;
  LayerKind inner;
  bool is_told_of_outer;
  std::string_view why;
};

constexpr Pair kPairs[] = {
    {LayerKind::kBreaker, LayerKind::kRetry, true,
     "around a retry it sees one failure where several attempts have failed; put it inside"},
    {LayerKind::kBulkhead, LayerKind::kRetry, true,
     "around a retry its slot stays taken while the retry waits; put it inside"},
    {LayerKind::kAdaptive, LayerKind::kRetry, true,
     "around a retry it takes the delays between attempts for the other side's time; put it inside"},
    {LayerKind::kRate, LayerKind::kRetry, true,
     "around a retry it counts the first attempt alone; put it inside"},
    {LayerKind::kKeyedRate, LayerKind::kRetry, true,
     "around a retry it counts the first attempt alone; put it inside"},
    {LayerKind::kHedge, LayerKind::kRetry, true,
     "around a retry each of its attempts is retried for itself; put it inside"},
    {LayerKind::kBulkhead, LayerKind::kBreaker, true,
     "around a breaker, calls wait for a slot that the breaker then refuses; put it inside"},
    {LayerKind::kBulkhead, LayerKind::kCoalesce, true,
     "around a coalescing layer, each that only waits for another's answer takes a slot; put it inside"},
    {LayerKind::kHedge, LayerKind::kCoalesce, true,
     "around a coalescing layer its second attempt joins its first"},
    {LayerKind::kBreaker, LayerKind::kFallback, false,
     "inside of a breaker its answer hides the failures from the breaker; put it outermost"},
    {LayerKind::kRetry, LayerKind::kFallback, false,
     "inside of a retry its answer ends the retries before they begin; put it outermost"},
    {LayerKind::kAdaptive, LayerKind::kFallback, false,
     "inside of an adaptive limit its answer hides timeouts from the limit"},
    {LayerKind::kTimeout, LayerKind::kFallback, false,
     "inside of a timeout it does not answer when that is over; put it outermost"},
};

class Check {
 public:
  Check(std::span<const DeclaredLayer> layers, Repeat repeat) : layers_(layers), repeat_(repeat) {}

  std::vector<OrderFinding> run() && {
    settings();
    whole();
    for (std::size_t inner = 0; inner < layers_.size(); ++inner) {
      alone(inner);
      for (std::size_t outer = 0; outer < inner; ++outer) pair(outer, inner);
    }
    return std::move(findings_);
  }

 private:
  std::string keyOf(std::size_t index) const { return fmt::format("{}: {}", index, layers_[index].word); }
  void warn(std::size_t index, std::string_view why) {
    findings_.push_back({Gravity::kWarning, keyOf(index), std::string(why)});
  }
  template <class Settings>
  const Settings* get(std::size_t index) const {
    return std::get_if<Settings>(&layers_[index].settings);
  }
  bool has(LayerKind kind, std::size_t from, std::size_t to) const {
    return std::any_of(layers_.begin() + static_cast<std::ptrdiff_t>(from),
                       layers_.begin() + static_cast<std::ptrdiff_t>(to),
                       [&](const DeclaredLayer& layer) { return layer.kind() == kind; });
  }

  void settings() {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const std::optional<Problem> found = std::visit(
          [](const auto& one) -> std::optional<Problem> {
            if constexpr (std::is_same_v<std::decay_t<decltype(one)>, FallbackSettings>)
              return std::nullopt;
            else
              return problem(one);
          },
          layers_[i].settings);
      if (found) findings_.push_back({Gravity::kRefused, keyOf(i) + "." + found->key, found->why});
    }
  }

  void whole() {
    if (layers_.size() > kMaxLayers)
      findings_.push_back(
          {Gravity::kRefused, "",
           fmt::format("has {} layers, at most {} are possible", layers_.size(), kMaxLayers)});
    if (!layers_.empty() && !has(LayerKind::kTimeout, 0, layers_.size()))
      findings_.push_back({Gravity::kWarning, "",
                           "has no timeout: a call that hangs is waited for as long as its caller waits"});
    // Saturating: what counts is that it is large.
    std::uint64_t product = 1;
    std::size_t retries = 0;
    std::size_t innermost = 0;
    bool is_shared = true;
    for (std::size_t i = 0; i < layers_.size(); ++i)
      if (const auto* const retry = get<RetrySettings>(i)) {
        product = retry->unlimited ? UINT32_MAX
                                   : std::min<std::uint64_t>(product * retry->max_attempts, UINT32_MAX);
        is_shared = is_shared && !layers_[i].budget.empty() &&
                    (retries == 0 || layers_[i].budget == layers_[innermost].budget);
        innermost = i;
        ++retries;
      }
    if (retries > 1 && !is_shared)
      warn(innermost,
           fmt::format("with the retries around it one call may become {}; give them one budget", product));
  }

  void alone(std::size_t index) {
    if (const auto* const retry = get<RetrySettings>(index)) {
      const bool is_bounded = has(LayerKind::kTimeout, 0, index) || retry->max_elapsed > Duration::zero();
      if (retry->unlimited && !is_bounded)
        warn(index, "without limit and without a timeout around it, it may never end");
      if (!retry->unlimited && !is_bounded)
        warn(
            index,
            "without a timeout around it or max_elapsed, all its attempts and delays together have no limit");
      if (!has(LayerKind::kTimeout, index, layers_.size()))
        warn(index, "without a timeout inside, the first attempt that hangs takes the time of all");
      if (repeat_ == Repeat::kUnsafe)
        warn(index, "these calls are not safe to repeat: only refusals are retried");
    }
    if (get<HedgeSettings>(index) != nullptr && repeat_ == Repeat::kUnsafe)
      warn(index, "these calls are not safe to repeat: it never starts a second attempt");
    if (layers_[index].word == "attempt_timeout" && has(LayerKind::kRetry, index, layers_.size()))
      warn(index, "around a retry it limits all attempts together; put it inside");
    if (layers_[index].kind() == LayerKind::kFallback && index > 0 && !has(LayerKind::kBreaker, 0, index) &&
        !has(LayerKind::kRetry, 0, index) && !has(LayerKind::kAdaptive, 0, index) &&
        !has(LayerKind::kTimeout, 0, index))
      warn(index, "does not answer what the layers around it refuse; put it outermost");
  }

  void pair(std::size_t outer, std::size_t inner) {
    for (const Pair& rule : kPairs)
      if (layers_[outer].kind() == rule.outer && layers_[inner].kind() == rule.inner)
        warn(rule.is_told_of_outer ? outer : inner, rule.why);
    if (layers_[outer].kind() == LayerKind::kBulkhead && layers_[inner].kind() == LayerKind::kBulkhead &&
        layers_[outer].policy == layers_[inner].policy)
      findings_.push_back(
          {Gravity::kRefused, keyOf(inner),
           fmt::format("is the bulkhead `{}` a second time: calls would wait for their own slots",
                       layers_[inner].policy)});
    times(outer, inner);
  }

  void times(std::size_t outer, std::size_t inner) {
    if (const auto* const rate = get<RateSettings>(inner))
      if (get<BulkheadSettings>(outer) != nullptr && rate->max_wait > Duration::zero())
        warn(outer, "around a rate that is waited for, its slot stays taken meanwhile; put it inside");
    const auto* const limit = get<TimeoutSettings>(outer);
    if (limit == nullptr) return;
    if (const auto* const timeout = get<TimeoutSettings>(inner))
      if (timeout->limit >= limit->limit) warn(inner, "never fires: the timeout around it is not longer");
    if (const auto* const retry = get<RetrySettings>(inner))
      if (retry->backoff.kind != BackoffKind::kNone && retry->backoff.initial >= limit->limit)
        warn(inner, "never retries: its first delay does not fit into the timeout around it");
    if (const auto* const bulkhead = get<BulkheadSettings>(inner))
      if (bulkhead->queue_size > 0 && bulkhead->max_wait >= limit->limit)
        warn(inner, "max_wait does not fit into the timeout around it, which ends the wait before");
  }

  std::span<const DeclaredLayer> layers_;
  Repeat repeat_;
  std::vector<OrderFinding> findings_;
};

}  // namespace

std::vector<OrderFinding> checkOrder(std::span<const DeclaredLayer> layers, Repeat repeat) {
  return Check(layers, repeat).run();
}

}  // namespace revenge::resilience
