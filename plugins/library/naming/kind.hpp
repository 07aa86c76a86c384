// What a path below the root of a library is, by its name alone: a video, a subtitle, something to leave alone.
// Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

namespace library::naming {

enum class Kind : std::uint8_t { kVideo, kAudio, kSubtitle, kImage, kNfo, kDiscStub, kOther, kIgnored };

// Of a file. Ignored: what lies in a folder a system keeps for itself, a hidden file, a sample, a file being written.
Kind kindOf(std::string_view path);
// Whether a scan should stay out of the folder with this name.
bool isIgnoredFolder(std::string_view name);
// By the extension alone, without its dot.
Kind kindOfExtension(std::string_view extension);

// What a catalogue has rows of: media, and what belongs to them.
constexpr bool isListed(Kind kind) {
  return kind == Kind::kVideo || kind == Kind::kAudio || kind == Kind::kSubtitle || kind == Kind::kNfo;
}

// What the disc or the broadcast of a stub is: dvd, bluray, hddvd, vhs or tv; empty: it does not say, or is no stub.
std::string_view stubTypeOf(std::string_view path);

std::string_view kindName(Kind kind);

}  // namespace library::naming
