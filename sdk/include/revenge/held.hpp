// Held: ownership of a registration that would otherwise last as long as the instance.
//
// A route, timer or thread goes on when its registration is ignored; assigned to a Held (Route, Timer, Thread)
// it ends with that object. One owner, movable; not for two threads at once.
#pragma once

#include <utility>

namespace revenge {

// Requires: a default-constructed Registration is none; `end()` may be called once on any other, and is harmless
// when the host has already ended it.
template <class Registration>
class Held {
 public:
  Held() = default;
  Held(Registration registration) : registration_(std::move(registration)), held_(true) {}
  Held(Held&& other) noexcept
      : registration_(std::move(other.registration_)), held_(std::exchange(other.held_, false)) {}
  Held& operator=(Held&& other) noexcept {
    std::swap(registration_, other.registration_);
    std::swap(held_, other.held_);
    return *this;
  }
  ~Held() { end(); }

  void end() {
    if (std::exchange(held_, false)) std::exchange(registration_, Registration()).end();
  }
  explicit operator bool() const { return held_; }
  const Registration* operator->() const { return &registration_; }

 private:
  Registration registration_;
  bool held_ = false;
};

}  // namespace revenge
