// Bytes that change their owner: the C++ side of revenge_buffer: it calls release
// exactly once, on whatever thread destroys it. Thread safety: plain values.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <revenge/abi/base.h>

#include "base/unique_fd.hpp"

namespace revenge::http {

inline std::string_view text(revenge_view view) { return {view.data, view.size}; }
inline revenge_view view(std::string_view text) { return {text.data(), text.size()}; }

class Bytes {
 public:
  Bytes() = default;
  explicit Bytes(revenge_buffer buffer) : buffer_(buffer) {}
  explicit Bytes(std::string text);               // owned
  static Bytes borrowed(std::string_view text) {  // lives until the call it is passed to returns
    return Bytes(revenge_buffer{text.data(), text.size(), nullptr, nullptr});
  }
  Bytes(Bytes&& other) noexcept : buffer_(std::exchange(other.buffer_, {})) {}
  Bytes& operator=(Bytes&& other) noexcept {
    if (this != &other) {
      reset();
      buffer_ = std::exchange(other.buffer_, {});
    }
    return *this;
  }
  ~Bytes() { reset(); }

  void reset() {
    const revenge_buffer old = std::exchange(buffer_, {});
    if (old.release != nullptr) old.release(old.owner);
  }
  bool owned() const { return buffer_.release != nullptr; }
  std::string_view view() const { return {buffer_.data, buffer_.size}; }
  std::size_t size() const { return buffer_.size; }

 private:
  revenge_buffer buffer_{};
};

using base::UniqueFd;

}  // namespace revenge::http
