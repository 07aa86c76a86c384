// A function of a plugin as the host keeps it, and its end. Thread safety: KeptFunction any thread; the rest pure.
#pragma once

#include <atomic>

#include <revenge/abi/service.h>

namespace revenge::service {

// As much of it as its filler knew.
inline revenge_function copyOf(const revenge_function& given) {
  revenge_function own{sizeof(revenge_function), 0, given.context, given.call, nullptr};
  if (REVENGE_HAS(&given, revenge_function, released)) own.released = given.released;
  return own;
}

// Requires: its owner is entered, and nobody calls it any more.
inline void release(const revenge_function& function) {
  if (function.released != nullptr) function.released(function.context);
}

// Released by the last who leaves it: whoever keeps it, or a call of it that was in progress then. Requires: its owner is
// entered at each leave().
class KeptFunction {
 public:
  explicit KeptFunction(const revenge_function& function) : function_(copyOf(function)) {}
  KeptFunction(const KeptFunction&) = delete;
  KeptFunction& operator=(const KeptFunction&) = delete;

  // False: it has been released.
  bool enter() {
    int users = users_.load(std::memory_order_relaxed);
    while (users > 0 && !users_.compare_exchange_weak(users, users + 1, std::memory_order_acquire)) {
    }
    return users > 0;
  }
  void leave() {
    if (users_.fetch_sub(1, std::memory_order_acq_rel) == 1) release(function_);
  }
  const revenge_function& raw() const { return function_; }

 private:
  const revenge_function function_;
  std::atomic<int> users_{1};
};

}  // namespace revenge::service
