// StateWriter, StateReader: what one version hands to the next, as numbers and texts in a fixed order.
//
// Little-endian, 8 bytes a number; a text is its length and its bytes. One owner; not for two threads at once. The
// reader expects anything: past the end, or after a length that cannot be, it answers zeros and is no longer good().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stream {

class StateWriter {
 public:
  void number(std::uint64_t value);
  void text(std::string_view value);
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number();
  std::string text();
  bool good() const { return good_; }
  bool atEnd() const { return good_ && rest_.empty(); }

 private:
  std::string_view take(std::uint64_t length);

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace stream
