// Directory: the pipelines of one configuration, found by their names. A look-up is of a word that a caller has written: it is
// mixed from its ends alone, and compared. Thread safety: constant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "wiring/entry.hpp"

namespace revenge::resilience {

class Directory {
 public:
  // Names that are told apart nowhere but in their middle share a chain; the operator chose them.
  explicit Directory(std::vector<std::shared_ptr<const Pipeline>> pipelines = {});

  // Null: there is none.
  const Entry* find(std::string_view name) const noexcept {
    for (std::size_t i = mixOf(name) & mask_;; i = (i + 1) & mask_) {
      const Place& place = places_[i];
      if (place.entry == nullptr || isSame(place.name, name)) return place.entry;
    }
  }
  // By name.
  const std::vector<Entry>& entries() const noexcept { return entries_; }

 private:
  struct Place {
    std::string_view name;
    const Entry* entry = nullptr;
  };

  template <class Word>
  static std::uint64_t wordAt(const char* bytes) noexcept {
    Word word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
  }
  // Words from the beginning, and the last one, which may overlap the one before.
  template <class Word>
  static bool isSameBy(std::string_view one, std::string_view other) noexcept {
    const char* const left = one.data();
    const char* const right = other.data();
    const std::size_t last = one.size() - sizeof(Word);
    for (std::size_t i = 0; i < last; i += sizeof(Word))
      if (wordAt<Word>(left + i) != wordAt<Word>(right + i)) return false;
    return wordAt<Word>(left + last) == wordAt<Word>(right + last);
  }
  // Names are short: a call of memcmp would take longer.
  static bool isSame(std::string_view one, std::string_view other) noexcept {
    const std::size_t size = one.size();
    if (size != other.size()) return false;
    if (size < sizeof(std::uint32_t)) return one == other;
    if (size < sizeof(std::uint64_t)) return isSameBy<std::uint32_t>(one, other);
    return isSameBy<std::uint64_t>(one, other);
  }
  static std::size_t mixOf(std::string_view name) noexcept {
    constexpr std::uint64_t kTurn = 0x9E3779B97F4A7C15U;
    const char* const begin = name.data();
    const std::size_t size = name.size();
    std::uint64_t ends = 0;
    if (size >= sizeof(std::uint64_t))
      ends =
          wordAt<std::uint64_t>(begin) * kTurn + wordAt<std::uint64_t>(begin + size - sizeof(std::uint64_t));
    else if (size >= sizeof(std::uint32_t))
      ends =
          wordAt<std::uint32_t>(begin) << 32U | wordAt<std::uint32_t>(begin + size - sizeof(std::uint32_t));
    else if (size > 0)
      ends = wordAt<std::uint8_t>(begin) << 16U | wordAt<std::uint8_t>(begin + size / 2) << 8U |
             wordAt<std::uint8_t>(begin + size - 1);
    return static_cast<std::size_t>((ends + size) * kTurn >> 32U);
  }

  std::vector<Entry> entries_;
  std::vector<Place> places_;  // open addressing, at most half full
  std::size_t mask_ = 0;
};

}  // namespace revenge::resilience
