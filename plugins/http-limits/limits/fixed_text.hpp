// Text in a buffer of fixed size, for what is written once per request: no allocation, and what does not fit is cut and
// said to be. Thread safety: a plain value.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace revenge::http_limits {

template <std::size_t kCapacity>
class FixedText {
 public:
  // The characters stay unset: a decision carries a kilobyte of them and mostly writes none.
  FixedText() {}  // NOLINT(modernize-use-equals-default)

  void append(std::string_view text) {
    const std::size_t taken = std::min(text.size(), kCapacity - size_);
    text.copy(chars_.data() + size_, taken);
    size_ += taken;
    cut_ = cut_ || taken < text.size();
  }
  void append(char c) {
    if (size_ == kCapacity) {
      cut_ = true;
      return;
    }
    chars_[size_++] = c;
  }
  void appendNumber(std::uint64_t number, int base = 10) {
    if (kCapacity - size_ >= kMostDigits) {
      char* at = chars_.data() + size_;
      size_ += static_cast<std::size_t>(std::to_chars(at, at + kMostDigits, number, base).ptr - at);
      return;
    }
    std::array<char, kMostDigits> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    append(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
  }
  void clear() {
    size_ = 0;
    cut_ = false;
  }

  std::string_view view() const { return {chars_.data(), size_}; }
  bool empty() const { return size_ == 0; }
  bool cut() const { return cut_; }

 private:
  static constexpr std::size_t kMostDigits = 20;  // of 64 bits in the bases used here, ten and sixteen

  std::size_t size_ = 0;
  bool cut_ = false;
  std::array<char, kCapacity> chars_;
};

}  // namespace revenge::http_limits
