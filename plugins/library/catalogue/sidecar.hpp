// SidecarEntry: what of a description in a sidecar file (.nfo) decides how a title or an item is shown; the rest of it stays with
// the file. Identity never depends on it. Values; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/rows.hpp"
#include "naming/ids.hpp"

namespace library {

struct SidecarEntry {
  enum class Of : std::uint8_t { kMovie, kShow, kSeason, kEpisode, kAlbum, kArtist, kAddress };

  Of of = Of::kAddress;
  std::string title{};
  std::string sort_title{};
  std::string artist{};
  std::string date{};  // 2018-03-24
  std::optional<int> year{}, season{}, episode{}, display_season{}, display_episode{};
  naming::Ids ids{};

  bool operator==(const SidecarEntry&) const = default;
};

// As they are stored: UTF-8 without NUL; empty for none.
std::string storedSidecar(std::span<const SidecarEntry> entries);
// What was stored; anything else gives what can be read of it.
std::vector<SidecarEntry> readSidecar(std::string_view stored);

// Over what the names say; what the entry is silent about stays.
void describe(TitleRow& title, const SidecarEntry& entry);
// `title_sort` is of its show.
void describe(ItemRow& episode, std::string_view title_sort, const SidecarEntry& entry);

// Where an episode stands among all items.
std::string episodeSort(std::string_view title_sort, const ItemRow& episode);

}  // namespace library
