#include "wiring/entry.hpp"

#include <utility>

namespace revenge::resilience {

Entry::Entry(std::shared_ptr<const Pipeline> its_pipeline) : pipeline(std::move(its_pipeline)) {
  for (std::size_t i = 0; i < pipeline->size(); ++i) {
    const LayerKind kind = pipeline->kind(i);
    if (kind == LayerKind::kRate || kind == LayerKind::kKeyedRate) rate = i;
    has_keys = has_keys || kind == LayerKind::kKeyedRate;
  }
}

}  // namespace revenge::resilience
