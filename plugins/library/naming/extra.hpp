// Whether a file is an extra of a title: a trailer, a deleted scene, a theme. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

namespace library::naming {

enum class ExtraType : std::uint8_t {
  kNone,
  kTrailer,
  kBehindTheScenes,
  kDeletedScene,
  kFeaturette,
  kInterview,
  kScene,
  kShort,
  kClip,
  kSample,
  kThemeSong,
  kThemeVideo,
  kOther,
};

// "trailer", "behindthescenes", "deletedscene" and so on; empty for kNone.
std::string_view extraTypeName(ExtraType type);

// Of a file by its path below the root of its library: by its name, or by a folder of extras around it.
ExtraType extraOf(std::string_view path);
// By the name alone.
ExtraType extraByName(std::string_view stem);
// What the files of a folder with this name are.
ExtraType extraFolder(std::string_view name);
// The stem without the mark of an extra at its end: "300" of "300-trailer2".
std::string_view withoutExtraMark(std::string_view stem);

}  // namespace library::naming
