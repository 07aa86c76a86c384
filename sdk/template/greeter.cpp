#include "greeter.hpp"

#include <utility>

namespace hello {

Greeter::Greeter(Clock clock) : clock_(std::move(clock)), since_(clock_()) {}

std::expected<void, std::string> Greeter::accepts(const std::string& greeting) {
  if (greeting.empty()) return std::unexpected("greeting: must not be empty");
  return {};
}

void Greeter::use(const std::string& greeting) {
  const std::lock_guard lock(mutex_);
  greeting_ = greeting;
}

void Greeter::refresh() {
  const std::lock_guard lock(mutex_);
  since_ = clock_();
  greeted_ = 0;
}

std::string Greeter::greet(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto age = std::chrono::floor<std::chrono::seconds>(clock_() - since_);
  return greeting_ + ", " + std::string(name) + " (" + std::to_string(++greeted_) + " in " +
         std::to_string(age.count()) + " s)";
}

}  // namespace hello
