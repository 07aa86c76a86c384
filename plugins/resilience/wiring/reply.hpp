// Reply: what a run says to who has acquired or settled, and who is told when that takes time. Thread safety: a view that
// lives as long as it is told, and an interface that is called once.
#pragma once

#include <cstdint>

#include "pipeline/ending.hpp"
#include "pipeline/passage.hpp"
#include "policy/rate_limiter.hpp"

namespace revenge::resilience {

struct Reply {
  StepKind kind = StepKind::kEnded;  // kGranted or kFallback: with a token; kEnded: how, by `ending`
  bool was_cut = false;              // ended because the instance hands over: worth asking again at once
  std::uint32_t attempts = 0;
  std::uint64_t token = 0;
  Moment until = Moment::never();
  const Ending* ending = nullptr;  // of kEnded and kFallback
  RateLevel level;                 // of the innermost rate limit passed or refused by; limit 0: none
};

// Owned by the run that waits for it.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  // Once, on any thread, with no lock held. False: nobody has it; a token in it is given back.
  virtual bool answer(const Reply& reply) noexcept = 0;
};

}  // namespace revenge::resilience
