// What a file is, by the extension of its name. Stateless, safe from any thread.
#pragma once

#include <string_view>

namespace stream {

enum class Kind { kVideo, kAudio, kSubtitle };

struct MediaType {
  std::string_view extension;  // lower case, without the dot
  std::string_view mime;
  Kind kind;
};

// Null: no media file, which is neither listed nor served. The result lives as long as the program.
const MediaType* mediaTypeOf(std::string_view fileName);

std::string_view name(Kind kind);

}  // namespace stream
