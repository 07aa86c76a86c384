// Priority: the class of a call. When there is too little for all, a lower class goes first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace revenge::resilience {

enum class Priority : std::uint8_t { kPlayback, kBrowsing, kBackground };
inline constexpr std::size_t kPriorities = 3;

constexpr std::size_t indexOf(Priority priority) noexcept { return static_cast<std::size_t>(priority); }

constexpr std::string_view nameOf(Priority priority) noexcept {
  switch (priority) {
    case Priority::kPlayback:
      return "playback";
    case Priority::kBrowsing:
      return "browsing";
    case Priority::kBackground:
      return "background";
  }
  return "?";
}

}  // namespace revenge::resilience
