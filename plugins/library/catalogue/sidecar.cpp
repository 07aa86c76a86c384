#include "catalogue/sidecar.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "catalogue/placing.hpp"

namespace library {

namespace {

constexpr char kBetween = '\x1f';  // ASCII's separators of units and of records
constexpr char kBehind = '\x1e';

std::string plain(std::string text) {
  const auto is_kept = [](char c) { return c != kBetween && c != kBehind && c != '\0'; };
  std::ranges::replace_if(text, [&](char c) { return !is_kept(c); }, ' ');
  return text;
}

std::string textOf(const std::optional<int>& number) { return number ? std::to_string(*number) : ""; }

std::optional<int> numberOf(std::string_view text) {
  int number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) return std::nullopt;
  return number;
}

constexpr std::size_t kFields = 13;

std::array<std::string, kFields> fieldsOf(const SidecarEntry& entry) {
  return {std::to_string(static_cast<int>(entry.of)),
          entry.title,
          entry.sort_title,
          entry.artist,
          entry.date,
          textOf(entry.year),
          textOf(entry.season),
          textOf(entry.episode),
          textOf(entry.display_season),
          textOf(entry.display_episode),
          entry.ids.tmdb,
          entry.ids.imdb,
          entry.ids.tvdb};
}

SidecarEntry entryOf(std::string_view record) {
  std::array<std::string_view, kFields> fields;
  for (std::string_view& field : fields) {
    field = record.substr(0, record.find(kBetween));
    record.remove_prefix(std::min(field.size() + 1, record.size()));
  }
  constexpr int kLast = static_cast<int>(SidecarEntry::Of::kAddress);
  SidecarEntry entry;
  entry.of = static_cast<SidecarEntry::Of>(std::clamp(numberOf(fields[0]).value_or(kLast), 0, kLast));
  entry.title = fields[1];
  entry.sort_title = fields[2];
  entry.artist = fields[3];
  entry.date = fields[4];
  entry.year = numberOf(fields[5]);
  entry.season = numberOf(fields[6]);
  entry.episode = numberOf(fields[7]);
  entry.display_season = numberOf(fields[8]);
  entry.display_episode = numberOf(fields[9]);
  entry.ids = {std::string(fields[10]), std::string(fields[11]), std::string(fields[12])};
  return entry;
}

void describeIds(naming::Ids& ids, const SidecarEntry& entry) {
  naming::Ids all = entry.ids;
  all.fillFrom(ids);
  ids = std::move(all);
}

// In front of the episode it names, behind the one before that; without one, behind the season.
std::string specialSort(std::string_view title_sort, const SidecarEntry& entry) {
  constexpr int kBehindAll = 99999;
  const int before = entry.display_episode ? std::max(*entry.display_episode - 1, 0) : kBehindAll;
  return fmt::format("{} s{:04}e{:05}9", title_sort, *entry.display_season, before);
}

}  // namespace

std::string storedSidecar(std::span<const SidecarEntry> entries) {
  std::string text;
  for (const SidecarEntry& entry : entries) {
    for (const std::string& field : fieldsOf(entry)) {
      text += plain(field);
      text += kBetween;
    }
    text += kBehind;
  }
  return text;
}

std::vector<SidecarEntry> readSidecar(std::string_view stored) {
  std::vector<SidecarEntry> entries;
  while (!stored.empty()) {
    const std::string_view record = stored.substr(0, stored.find(kBehind));
    stored.remove_prefix(std::min(record.size() + 1, stored.size()));
    entries.push_back(entryOf(record));
  }
  return entries;
}

void describe(TitleRow& title, const SidecarEntry& entry) {
  if (!entry.title.empty()) {
    title.name = entry.title;
    title.sort = sortKey(entry.title);
  }
  if (!entry.sort_title.empty()) title.sort = sortKey(entry.sort_title);
  if (entry.year) title.year = entry.year;
  if (!entry.artist.empty()) title.artist = entry.artist;
  describeIds(title.ids, entry);
}

void describe(ItemRow& episode, std::string_view title_sort, const SidecarEntry& entry) {
  if (!entry.title.empty()) episode.name = entry.title;
  if (!entry.date.empty()) episode.air_date = entry.date;
  if (entry.year) episode.year = entry.year;
  const bool is_shown_elsewhere = episode.season == 0 && entry.display_season;
  episode.sort = is_shown_elsewhere ? specialSort(title_sort, entry) : episodeSort(title_sort, episode);
}

std::string episodeSort(std::string_view title_sort, const ItemRow& episode) {
  return fmt::format("{} s{:04}e{:05} {}", title_sort, episode.season.value_or(9999),
                     episode.episode.value_or(99999), episode.air_date);
}

}  // namespace library
