// Which keys a line has: attributes put into their groups, one key once in each of them, and none that poses as a field
// of the line. Both formats are written from it. Thread safety: confined to one thread; views of the record it was
// made from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "observe/log.hpp"

namespace revenge::observe {

inline constexpr std::size_t kMaxLogAttributes = 64;  // of a line, bound ones included; the rest is counted

// Rules: the last of one key wins; groups of one key are one group; a group without members is left out; one without
// a name is not there, only its members; a key of a plugin that a field of the line has gets a '_' behind it.
class LogLayout {
 public:
  explicit LogLayout(const LogRecord& record);

  static constexpr std::uint8_t kRoot = 0;
  struct Node {
    std::string_view key;
    const Attribute* attribute;  // null: a group
    bool renamed;                // key is to be followed by '_'
    bool hidden;                 // a later one has its key
    std::uint8_t parent;
    std::uint8_t first_child;  // kRoot: none; likewise below
    std::uint8_t last_child;
    std::uint8_t next;
  };

  // Calls `put(node)` for each visible member of the group `parent`, in order.
  template <typename Put>
  void each(std::uint8_t parent, Put put) const {
    for (std::uint8_t at = nodes_[parent].first_child; at != kRoot; at = nodes_[at].next) {
      if (!nodes_[at].hidden && filled(at)) put(at, nodes_[at]);
    }
  }

  std::size_t dropped() const { return dropped_; }  // beyond kMaxLogAttributes, or by who made the record

 private:
  std::uint8_t add(std::uint8_t parent, std::string_view key, const Attribute* attribute);
  std::uint8_t visible(std::uint8_t parent, std::string_view key, bool renamed) const;
  bool filled(std::uint8_t at) const;

  const bool of_plugin_;
  std::size_t dropped_;
  std::uint8_t count_ = 1;
  std::array<Node, kMaxLogAttributes + 1> nodes_;
};

}  // namespace revenge::observe
