// Id: the name of a library, title, item or file, for good. Random, so that it says nothing of path or name; in the order
// they were made (UUID version 7, RFC 9562), so that tables and indexes grow at their end. A value; safe from any thread.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>

namespace library {

struct Id {
  std::array<unsigned char, 16> bytes{};

  auto operator<=>(const Id&) const = default;
  bool isNone() const { return *this == Id(); }
};

std::string text(const Id& id);                  // "0193d3f2-7c1a-7b5e-9d3a-2f4c6e8a0b1c"
std::optional<Id> parseId(std::string_view);     // exactly what text() writes; capitals too
std::string_view bytesOf(const Id& id);          // as it is stored
std::optional<Id> idOf(std::string_view bytes);  // as it was stored; nothing: these are not 16 bytes

struct IdHash {
  std::size_t operator()(const Id& id) const;
};

// Makes ids, and the shorter keys of what is named nowhere outside. One thread at a time.
class IdMaker {
 public:
  explicit IdMaker(std::uint64_t seed) : random_(seed) {}

  Id id(std::int64_t unix_ms);
  // Positive, growing: 42 bits of time and 21 that count.
  std::int64_t key(std::int64_t unix_ms);

 private:
  std::mt19937_64 random_;
  std::int64_t last_ms_ = 0;
  std::uint32_t count_ = 0;
  std::int64_t last_key_ = 0;
};

}  // namespace library
