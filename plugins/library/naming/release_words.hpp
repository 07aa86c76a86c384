// The words of releases: what resolution, source, codec, language, edition and the like are called in file names.
// Thread safety: constant tables and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace library::naming {

enum class Tag : std::uint8_t {
  kResolution,
  kSource,
  kVideo,
  kAudio,
  kRange,    // HDR and its kin
  kService,  // where it was streamed
  kRelease,  // PROPER, REPACK, iNTERNAL
  kLanguage,
  kSubtitles,
  kEdition,
  kThreeD,
  kChecksum,
};

// Whether a word may be part of a title: a weak one ends a title only where tags alone follow it.
enum class Strength : std::uint8_t { kWeak, kStrong };

struct ReleaseWord {
  std::string_view words = {};  // lower case, one space between
  Tag tag = Tag::kRelease;
  Strength strength = Strength::kWeak;
  std::string_view value = {};  // what it is called in results; empty: it has no result
};

// The longest phrase at the front of the words; null: none. Says how many words it took.
const ReleaseWord* findReleaseWord(std::span<const std::string_view> words, std::size_t& taken);
// The words that have a form instead of a spelling: 1080p, 1920x1080, 10bit, AAC2, 60fps, a CRC in brackets.
const ReleaseWord* releasePattern(std::string_view word, bool bracketed);
// "1080p" of "1080i", "1920x1080", "fhd" and so on, as digits and "p"; empty: the word says no resolution.
std::string_view resolutionName(std::string_view word);

}  // namespace library::naming
