// StateWriter, StateReader: what one version hands to the next, field by field; one function that names the fields serves
// both. Numbers are 8 bytes, little-endian; a text is its length and its bytes. The reader expects anything: past the end, or
// after a value that cannot be, it gives zeros and is no longer good(). Thread safety: one thread at a time.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/moment.hpp"

namespace revenge::resilience {

class StateWriter {
 public:
  template <std::integral Number>
  void number(const Number& value) {
    word(static_cast<std::uint64_t>(value));
  }
  void number(const double& value) { word(std::bit_cast<std::uint64_t>(value)); }
  void number(const Duration& value) { number(value.count()); }
  void number(const Moment& value) { number(value.nanoseconds()); }
  // One of `count` values.
  template <class Enum>
  void word(const Enum& value, std::size_t /*count*/) {
    word(static_cast<std::uint64_t>(value));
  }
  void text(const std::string& value) {
    word(value.size());
    bytes_ += value;
  }
  template <class Item, class Each>
  void list(const std::vector<Item>& items, std::size_t /*most*/, Each each) {
    word(items.size());
    for (const Item& item : items) each(item);
  }
  std::string take() { return std::move(bytes_); }

 private:
  void word(std::uint64_t value) {
    for (unsigned shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(value >> shift & 0xFFU);
  }
  std::string bytes_;
};

class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : rest_(bytes) {}

  template <std::integral Number>
  void number(Number& value) {
    const std::uint64_t bits = word();
    value = static_cast<Number>(bits);
    if (static_cast<std::uint64_t>(value) != bits) refuse();
  }
  void number(double& value) { value = std::bit_cast<double>(word()); }
  void number(Duration& value) { value = Duration(static_cast<std::int64_t>(word())); }
  void number(Moment& value) { value = Moment::ofNanoseconds(static_cast<std::int64_t>(word())); }
  template <class Enum>
  void word(Enum& value, std::size_t count) {
    const std::uint64_t bits = word();
    if (bits >= count) refuse();
    value = static_cast<Enum>(good_ ? bits : 0);
  }
  void text(std::string& value) { value = takeBytes(word()); }
  template <class Item, class Each>
  void list(std::vector<Item>& items, std::size_t most, Each each) {
    const std::uint64_t count = word();
    if (count > most || count > rest_.size()) refuse();  // each item is a byte at least
    items.clear();
    for (std::uint64_t i = 0; good_ && i < count; ++i) each(items.emplace_back());
  }
  void refuse() { good_ = false; }
  bool good() const { return good_; }
  bool atEnd() const { return good_ && rest_.empty(); }

 private:
  std::uint64_t word() {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const char byte : takeBytes(8)) {
      value |= std::uint64_t{static_cast<unsigned char>(byte)} << shift;
      shift += 8;
    }
    return value;
  }
  std::string_view takeBytes(std::uint64_t length) {
    good_ = good_ && length <= rest_.size();
    if (!good_) return {};
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace revenge::resilience
