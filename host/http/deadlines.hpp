// The timeouts of one loop: thousands of deadlines that nearly always move before they are reached. Moving one later
// is a store; the list it stands in is corrected when its turn comes. Thread safety: belongs to a loop. Whoever owns a
// Deadline unlinks it by destroying it, before the Deadlines.
#pragma once

#include <array>
#include <cstddef>
#include <limits>

#include "base/clock.hpp"

namespace revenge::http {

class Deadline {
 public:
  Deadline() = default;
  virtual ~Deadline() { unlink(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void disarm() { at_ = kNever; }
  bool armed() const { return at_ != kNever; }
  // Disarms, and leaves the Deadlines: destroying it later touches nothing of the loop's.
  void remove() {
    disarm();
    unlink();
  }

 protected:
  virtual void reached() = 0;  // disarmed before; may arm again or destroy this

 private:
  friend class Deadlines;
  static constexpr base::Instant kNever = base::Instant::max();

  void unlink();

  base::Instant at_ = kNever;
  base::Instant slot_end_ = kNever;  // of the list it stands in
  Deadline* next_ = nullptr;
  Deadline** from_ = nullptr;  // null: in no list
};

class Deadlines {
 public:
  static constexpr base::Duration kTick = std::chrono::milliseconds(100);

  explicit Deadlines(base::Instant now) : now_(now) {}
  ~Deadlines();
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  // Reached at the first tick after `at`.
  void arm(Deadline& deadline, base::Instant at);
  void tick(base::Instant now);

 private:
  static constexpr std::size_t kSlots = 1024;
  static std::size_t slotOf(base::Instant at) {
    return static_cast<std::size_t>(at.time_since_epoch() / kTick) % kSlots;
  }
  void link(Deadline& deadline);
  void visit(std::size_t slot, base::Instant now);

  base::Instant now_;
  std::array<Deadline*, kSlots> slots_{};
};

}  // namespace revenge::http
