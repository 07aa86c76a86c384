#include "pipeline/pipeline.hpp"

#include <cassert>
#include <utility>

namespace revenge::resilience {
namespace {

const RetryBudget* budgetOf(const Layer& layer) {
  if (const auto* const retry = std::get_if<std::shared_ptr<Retry>>(&layer)) return (*retry)->budget();
  if (const auto* const hedge = std::get_if<std::shared_ptr<Hedge>>(&layer)) return (*hedge)->budget();
  return nullptr;
}

}  // namespace

Pipeline::Pipeline(std::string name, std::vector<Layer> layers)
    : name_(std::move(name)), layers_(std::move(layers)) {
  assert(layers_.size() <= kMaxLayers);
  for (std::size_t inner = 0; inner < layers_.size(); ++inner)
    for (std::size_t outer = 0; outer < inner; ++outer)
      if (budgetOf(layers_[outer]) == budgetOf(layers_[inner])) budget_use_[inner] = BudgetUse::kCounted;
}

std::size_t Pipeline::partEnd(std::size_t from) const {
  while (from < size() && kind(from) != LayerKind::kHedge && kind(from) != LayerKind::kCoalesce) ++from;
  return from;
}

}  // namespace revenge::resilience
