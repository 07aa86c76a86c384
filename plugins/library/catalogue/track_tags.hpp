// TrackTags: what the tags inside a track say of where it belongs; they decide, and the name only where they are silent. A value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace library {

struct TrackTags {
  std::string artist{};  // of the album, else of the track
  std::string album{};
  std::string title{};
  std::optional<int> year{}, disc{}, track{};

  bool operator==(const TrackTags&) const = default;
  bool isEmpty() const { return *this == TrackTags(); }
};

// As they are stored: UTF-8 without NUL; empty for none.
std::string stored(const TrackTags& tags);
// What was stored; anything else gives what can be read of it.
TrackTags readTags(std::string_view stored);

}  // namespace library
