// What follows a part of an asynchronous run: the body, or a layer that runs several attempts, which in turn run the next part.
// Thread safety: as Flow.
#pragma once

#include <exception>
#include <memory>

#include "pipeline/coalesced.hpp"
#include "pipeline/hedged.hpp"
#include "pipeline/operation.hpp"

namespace revenge::resilience {

template <class T, class E>
void Operation<T, E>::enter(const std::shared_ptr<Body>& running) noexcept {
  try {
    if (running->end == pipeline->size())
      call(running->attempt, Completion<T, E>(running));
    else if (pipeline->kind(running->end) == LayerKind::kHedge)
      std::make_shared<Hedged<T, E>>(this->shared_from_this(), running)->begin();
    else
      std::make_shared<Coalesced<T, E>>(this->shared_from_this(), running)->begin();
  } catch (...) {
    if (!running->claim()) return;
    running->word.exception = std::current_exception();
    running->finish(Verdict::kFailure);
  }
}

}  // namespace revenge::resilience
