// What the name of a subtitle beside a video says: its language and flags, and which video it is of. An audio track in a
// file of its own is named the same way. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace library::naming {

struct SubtitleName {
  std::string language;  // BCP 47; empty: none is said
  std::string title;
  bool is_forced = false;
  bool is_default = false;
  bool is_hearing_impaired = false;
};

// Of a file by its name and the stem of its video; an empty stem: the video is unknown, and no title is read.
SubtitleName parseSubtitle(std::string_view file_name, std::string_view video_stem);

// Which of the videos, by their file names, the subtitle is of; its path is below the folder of the videos, which may
// have a folder of subtitles. Nothing: none, or several could be meant.
std::optional<std::size_t> matchSubtitle(std::string_view subtitle_path,
                                         std::span<const std::string_view> videos);

// "Subs", "Subtitles" and so on.
bool isSubtitleFolder(std::string_view name);

}  // namespace library::naming
