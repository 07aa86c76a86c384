#include "pipeline/attempt.hpp"

namespace revenge::resilience {

std::stop_token Attempt::stopToken() {
  std::stop_token token;
  {
    const std::lock_guard lock(mutex_);
    if (source_) return source_->get_token();
    source_.emplace();
    token = source_->get_token();
  }
  if (stop_.load(std::memory_order_acquire)) requestStop();
  // Outside of the lock: where the caller has cancelled already, it calls requestStop() at once.
  if (call_.stop.stop_possible()) from_caller_.emplace(call_.stop, Relay{this});
  return token;
}

void Attempt::requestStop() noexcept {
  stop_.store(true, std::memory_order_release);
  std::optional<std::stop_source> source;
  {
    const std::lock_guard lock(mutex_);
    source = source_;
  }
  // Outside of the lock: it calls back what listens.
  if (source) source->request_stop();
}

}  // namespace revenge::resilience
