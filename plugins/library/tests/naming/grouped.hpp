// Groups of a folder's files as text, to compare and to read: "Name{1080p: a.mkv + b.mkv; 720p: c.mkv}".
// Thread safety: pure functions.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "naming/grouping.hpp"

namespace library::naming {

struct Counts {
  std::size_t items = 0;
  std::size_t extras = 0;
  std::vector<std::size_t> versions;  // of each item
  std::vector<std::size_t> parts;     // of the first version of each item
  bool operator==(const Counts&) const = default;
};

inline Counts countsOf(const Grouping& grouping) {
  Counts counts{grouping.items.size(), grouping.extras.size(), {}, {}};
  for (const Item& item : grouping.items) {
    counts.versions.push_back(item.versions.size());
    std::size_t parts = 0;
    for (const FileVersion& version : item.versions) parts = std::max(parts, version.files.size());
    counts.parts.push_back(parts);
  }
  return counts;
}

inline std::string shown(const Grouping& grouping, const std::vector<std::string_view>& names) {
  std::string out;
  for (const Item& item : grouping.items) {
    out += item.name + "{";
    for (const FileVersion& version : item.versions) {
      if (out.back() != '{') out += "; ";
      if (!version.label.empty()) out += version.label + ": ";
      for (std::size_t i = 0; i < version.files.size(); ++i)
        out += (i == 0 ? "" : " + ") + std::string(names[version.files[i]]);
    }
    out += "}";
  }
  for (const ExtraFile& extra : grouping.extras) {
    out += "[" + std::string(extraTypeName(extra.type)) + ": " + std::string(names[extra.file]);
    if (extra.item != kNoItem) out += " of " + grouping.items[extra.item].name;
    out += "]";
  }
  return out;
}

}  // namespace library::naming
