#include "http/deadlines.hpp"

#include <algorithm>

namespace revenge::http {

void Deadline::unlink() {
  if (from_ == nullptr) return;
  *from_ = next_;
  if (next_ != nullptr) next_->from_ = from_;
  from_ = nullptr;
  next_ = nullptr;
}

Deadlines::~Deadlines() {
  for (Deadline*& head : slots_) {
    while (head != nullptr) head->unlink();
  }
}

void Deadlines::arm(Deadline& deadline, base::Instant at) {
  deadline.at_ = at;
  if (deadline.from_ != nullptr && deadline.slot_end_ <= at) return;
  deadline.unlink();
  link(deadline);
}

void Deadlines::link(Deadline& deadline) {
  // One beyond the horizon waits in the farthest list and is linked again from there.
  const base::Instant at =
      std::clamp(deadline.at_, now_, now_ + kTick * static_cast<base::Duration::rep>(kSlots - 2));
  Deadline*& head = slots_[slotOf(at)];
  deadline.slot_end_ = at;
  deadline.next_ = head;
  deadline.from_ = &head;
  if (head != nullptr) head->from_ = &deadline.next_;
  head = &deadline;
}

void Deadlines::tick(base::Instant now) {
  if (now <= now_) return;
  const std::size_t first = slotOf(now_);
  const auto passed =
      static_cast<std::size_t>(now.time_since_epoch() / kTick - now_.time_since_epoch() / kTick);
  now_ = now;
  for (std::size_t i = 0; i <= std::min(passed, kSlots - 1); ++i) visit((first + i) % kSlots, now);
}

void Deadlines::visit(std::size_t slot, base::Instant now) {
  Deadline* due = slots_[slot];
  slots_[slot] = nullptr;
  if (due != nullptr) due->from_ = &due;  // the list is ours now; what reached() destroys leaves it by itself
  while (due != nullptr) {
    Deadline& one = *due;
    one.unlink();
    if (one.at_ <= now) {
      one.disarm();
      one.reached();
    } else if (one.armed()) {
      link(one);
    }
  }
}

}  // namespace revenge::http
