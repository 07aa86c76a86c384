#include "postgresql/rouser.hpp"

#include <algorithm>

#include <sys/eventfd.h>
#include <unistd.h>

namespace database::postgresql {

namespace {

constexpr std::uint64_t kQuiet = 50;  // periods without a statement after which it sleeps

}  // namespace

Rouser::Wait::Wait(Rouser& rouser) : rouser_(rouser), descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  const std::lock_guard lock(rouser_.mutex_);
  rouser_.waits_.push_back(this);
}

Rouser::Wait::~Wait() {
  {
    const std::lock_guard lock(rouser_.mutex_);
    std::erase(rouser_.waits_, this);
  }
  if (descriptor_ >= 0) ::close(descriptor_);
}

// It says that it waits, then looks whether the other is there; the other says that it goes, then looks who waits: so one of
// the two sees the other.
bool Rouser::Wait::begin() {
  if (descriptor_ < 0) return false;
  since_.store(rouser_.period_.load(std::memory_order_relaxed) * 2 + 1, std::memory_order_seq_cst);
  if (!rouser_.runs_.load(std::memory_order_seq_cst)) return false;
  if (rouser_.sleeps_.load(std::memory_order_seq_cst)) {
    const std::lock_guard lock(rouser_.mutex_);
    rouser_.sleeps_.store(false, std::memory_order_seq_cst);
    rouser_.changed_.notify_one();
  }
  return true;
}

void Rouser::Wait::end() {
  since_.store(since_.load(std::memory_order_relaxed) & ~std::uint64_t{1}, std::memory_order_release);
}

void Rouser::Wait::clear() {
  eventfd_t ignored = 0;
  static_cast<void>(::eventfd_read(descriptor_, &ignored));
}

void Rouser::Wait::rouse() const { static_cast<void>(::eventfd_write(descriptor_, 1)); }

void Rouser::look(std::uint64_t period) {
  for (const Wait* wait : waits_) {
    const std::uint64_t since = wait->since_.load(std::memory_order_seq_cst);
    if (since % 2 == 1 && since / 2 < period) wait->rouse();
  }
}

bool Rouser::isAnybodyWaiting(std::uint64_t since) const {
  return std::ranges::any_of(waits_, [since](const Wait* wait) {
    const std::uint64_t began = wait->since_.load(std::memory_order_seq_cst);
    return began % 2 == 1 || began / 2 >= since;
  });
}

void Rouser::run() {
  std::unique_lock lock(mutex_);
  runs_.store(!closed_, std::memory_order_seq_cst);
  while (!closed_) {
    changed_.wait_for(lock, every_, [this] { return closed_; });
    const std::uint64_t period = period_.load(std::memory_order_relaxed);
    look(period);
    period_.store(period + 1, std::memory_order_relaxed);
    if (isAnybodyWaiting(period < kQuiet ? 0 : period - kQuiet)) continue;
    sleeps_.store(true, std::memory_order_seq_cst);
    if (isAnybodyWaiting(period)) sleeps_.store(false, std::memory_order_seq_cst);
    changed_.wait(lock, [this] { return closed_ || !sleeps_.load(std::memory_order_relaxed); });
  }
  runs_.store(false, std::memory_order_seq_cst);
  for (const Wait* wait : waits_) wait->rouse();
}

void Rouser::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace database::postgresql
