// Range requests (RFC 9110, 14): which bytes a Range field asks of a representation. Thread safety: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace revenge::http {

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

inline constexpr std::size_t kMaxRanges = 16;

// What the field asks. kWhole: absent, malformed, of another unit, too many or overlapping parts: the field is
// ignored, so that no answer is longer than the representation. kUnsatisfiable: 416.
class RangeSet {
 public:
  enum class Kind : std::uint8_t { kWhole, kUnsatisfiable, kParts };

  static RangeSet parse(std::string_view field, std::uint64_t size);

  Kind kind() const { return kind_; }
  std::span<const ByteRange> parts() const {
    return {parts_.data(), count_};
  }  // in the order asked, satisfiable ones

 private:
  bool add(std::string_view element, std::uint64_t size);
  bool overlapping() const;

  Kind kind_ = Kind::kWhole;
  std::size_t count_ = 0;
  std::array<ByteRange, kMaxRanges> parts_;
};

}  // namespace revenge::http
