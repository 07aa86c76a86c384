// How long a caller still waits, carried from process to process: as what remains, in milliseconds, because clocks
// differ. Thread safety: pure functions, and a value.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace revenge::resilience {

inline constexpr std::string_view kDefaultDeadlineHeader = "X-Request-Timeout-Ms";

// What the header says: digits alone, at most 10 of them; blanks around are no matter. Empty: anything else, which is to
// be counted and then treated as no header, since refusing a call for it would help nobody. Zero is an expired call.
std::optional<std::chrono::milliseconds> readRemaining(std::string_view header);

// The text for an outgoing call, rounded down, so that the callee never believes to have longer than we wait. Empty when
// nothing or less than a millisecond remains: then the call is not worth making.
class RemainingText {
 public:
  explicit RemainingText(std::chrono::nanoseconds remaining);
  std::string_view view() const { return {digits_.data(), size_}; }
  bool isWorthCalling() const { return size_ != 0; }

 private:
  std::array<char, 20> digits_{};
  std::size_t size_ = 0;
};

// Whether the work belongs to whoever asked for it, or goes on behind the answer.
enum class Attachment { kToCaller, kBackground };

// The timeout of an outgoing call: the smaller of its own and of what the caller has left. Background work is not bound
// by a caller that is long gone: own alone. Never negative.
std::chrono::nanoseconds outgoingTimeout(std::chrono::nanoseconds own,
                                         std::optional<std::chrono::nanoseconds> remaining,
                                         Attachment attachment = Attachment::kToCaller);

}  // namespace revenge::resilience
