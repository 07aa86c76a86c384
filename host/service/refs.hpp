// Names of the things this room keeps: an instance record and a slot. Plain values; stale ones are recognised
// by their generation and answered "gone", never followed. Generation 0 is never given out, so a default one
// is "none".
#pragma once

#include <compare>
#include <cstdint>

namespace revenge::service {

inline constexpr std::uint32_t kMaxInstances =
    256;  // live and retired; 16 bytes each in every thread's block
inline constexpr std::uint32_t kMaxSlots = 1024;

struct InstanceRef {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;

  explicit operator bool() const { return generation != 0; }
  // As it crosses the boundary: a revenge_handle, 0 for none.
  std::uint64_t bits() const { return std::uint64_t{generation} << 32 | index; }
  static InstanceRef fromBits(std::uint64_t bits) {
    return {static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32)};
  }
  auto operator<=>(const InstanceRef&) const = default;
};

struct SlotRef {
  std::uint16_t index = 0;
  std::uint16_t consumer = 0;  // index of the instance that owns it: others are refused
  std::uint32_t generation = 0;

  explicit operator bool() const { return generation != 0; }
  std::uint64_t bits() const {
    return std::uint64_t{generation} << 32 | std::uint64_t{consumer} << 16 | index;
  }
  static SlotRef fromBits(std::uint64_t bits) {
    return {static_cast<std::uint16_t>(bits), static_cast<std::uint16_t>(bits >> 16),
            static_cast<std::uint32_t>(bits >> 32)};
  }
  auto operator<=>(const SlotRef&) const = default;
};

}  // namespace revenge::service
