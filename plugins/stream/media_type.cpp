#include "media_type.hpp"

#include <algorithm>
#include <array>

namespace stream {

namespace {

// Nothing here can run script in a browser: that is what makes it safe to serve files of unknown origin.
constexpr std::array kTypes{
    MediaType{"mkv", "video/x-matroska", Kind::kVideo},
    MediaType{"mp4", "video/mp4", Kind::kVideo},
    MediaType{"m4v", "video/mp4", Kind::kVideo},
    MediaType{"webm", "video/webm", Kind::kVideo},
    MediaType{"mov", "video/quicktime", Kind::kVideo},
    MediaType{"avi", "video/x-msvideo", Kind::kVideo},
    MediaType{"ts", "video/mp2t", Kind::kVideo},
    MediaType{"m2ts", "video/mp2t", Kind::kVideo},
    MediaType{"mts", "video/mp2t", Kind::kVideo},
    MediaType{"mpg", "video/mpeg", Kind::kVideo},
    MediaType{"mpeg", "video/mpeg", Kind::kVideo},
    MediaType{"ogv", "video/ogg", Kind::kVideo},
    MediaType{"wmv", "video/x-ms-wmv", Kind::kVideo},
    MediaType{"flv", "video/x-flv", Kind::kVideo},
    MediaType{"3gp", "video/3gpp", Kind::kVideo},
    MediaType{"mp3", "audio/mpeg", Kind::kAudio},
    MediaType{"flac", "audio/flac", Kind::kAudio},
    MediaType{"m4a", "audio/mp4", Kind::kAudio},
    MediaType{"m4b", "audio/mp4", Kind::kAudio},
    MediaType{"aac", "audio/aac", Kind::kAudio},
    MediaType{"ogg", "audio/ogg", Kind::kAudio},
    MediaType{"oga", "audio/ogg", Kind::kAudio},
    MediaType{"opus", "audio/ogg", Kind::kAudio},
    MediaType{"wav", "audio/wav", Kind::kAudio},
    MediaType{"weba", "audio/webm", Kind::kAudio},
    MediaType{"mka", "audio/x-matroska", Kind::kAudio},
    MediaType{"wma", "audio/x-ms-wma", Kind::kAudio},
    MediaType{"aif", "audio/aiff", Kind::kAudio},
    MediaType{"aiff", "audio/aiff", Kind::kAudio},
    MediaType{"srt", "application/x-subrip", Kind::kSubtitle},
    MediaType{"vtt", "text/vtt; charset=utf-8", Kind::kSubtitle},
    MediaType{"ass", "text/x-ssa", Kind::kSubtitle},
    MediaType{"ssa", "text/x-ssa", Kind::kSubtitle},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

const MediaType* mediaTypeOf(std::string_view fileName) {
  const std::size_t dot = fileName.rfind('.');
  // ".mkv" is a hidden file without an extension.
  if (dot == std::string_view::npos || dot == 0 || fileName[dot - 1] == '/') return nullptr;
  const std::string_view extension = fileName.substr(dot + 1);
  const auto* const found = std::ranges::find_if(kTypes, [extension](const MediaType& type) {
    return std::ranges::equal(extension, type.extension, {}, lower);
  });
  return found == kTypes.end() ? nullptr : found;
}

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::kVideo:
      return "video";
    case Kind::kAudio:
      return "audio";
    case Kind::kSubtitle:
      return "subtitle";
  }
  return "";
}

}  // namespace stream
