// Held: ownership of a registration that would otherwise last as long as the instance.
//
// A route, timer or thread goes on when its registration is ignored; assigned to a Held (Route, Timer, Thread)
// it ends with that object. One owner, movable; not for two threads at once.
#pragma once

#include <optional>
#include <utility>

namespace revenge {

// Requires: `registration.end()` may be called once, and is harmless when the host has already ended it.
template <class Registration>
class Held {
 public:
  Held() = default;
  Held(Registration registration) : registration_(std::move(registration)) {}
  Held(Held&& other) noexcept : registration_(std::exchange(other.registration_, std::nullopt)) {}
  Held& operator=(Held&& other) noexcept {
    std::swap(registration_, other.registration_);
    return *this;
  }
  ~Held() { end(); }

  void end() {
    if (auto registration = std::exchange(registration_, std::nullopt)) registration->end();
  }
  explicit operator bool() const { return registration_.has_value(); }
  const Registration* operator->() const { return &*registration_; }

 private:
  std::optional<Registration> registration_;
};

}  // namespace revenge
