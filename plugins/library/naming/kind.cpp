#include "kind.hpp"

#include <algorithm>
#include <array>

#include "path_parts.hpp"
#include "text.hpp"

namespace library::naming {
namespace {

constexpr std::string_view kVideo[] = {
    "mkv",  "mp4", "m4v", "avi", "mov", "wmv", "ts",     "m2ts", "mts",  "mpg",  "mpeg", "webm",
    "flv",  "ogv", "ogm", "vob", "iso", "img", "3gp",    "3g2",  "divx", "xvid", "asf",  "rm",
    "rmvb", "m2v", "mpe", "mpv", "f4v", "wtv", "dvr-ms", "tp",   "trp",  "evo",  "qt",   "nuv",
    "mk3d", "bin", "nrg", "dat", "mxf", "y4m", "strm",   "m1v",  "ifo",
};
constexpr std::string_view kAudio[] = {
    "mp3", "flac", "m4a", "aac", "ogg", "oga", "opus", "wav", "wma",  "ape",  "alac",
    "aif", "aiff", "dsf", "dff", "wv",  "mka", "mpc",  "ac3", "dts",  "eac3", "tta",
    "m4b", "mp2",  "mp1", "ra",  "aax", "shn", "spx",  "mid", "midi", "thd",
};
constexpr std::string_view kSubtitle[] = {"srt", "ass",  "ssa",  "sub",  "idx", "vtt", "sup",
                                          "smi", "sami", "ttml", "dfxp", "mks", "usf", "psb"};
constexpr std::string_view kImage[] = {"jpg", "jpeg", "png",  "webp", "gif", "bmp", "tbn",
                                       "tif", "tiff", "avif", "heic", "svg", "jfif"};
constexpr std::string_view kUnfinished[] = {
    "part", "!qb",   "crdownload", "tmp",        "temp",       "partial",    "!ut",     "!bt", "download",
    "bts",  "aria2", "filepart",   "opdownload", "unfinished", "incomplete", "dtapart", "td",  "bc!"};

constexpr std::string_view kSystemFolders[] = {
    "@eadir",       "#recycle",  "$recycle.bin", "lost+found", "system volume information",
    "recycler",     "@recycle",  "#snapshot",    "#snapshots", "@recently-snapshot",
    "@tmp",         "__macosx",  "recycled",     "@sharesnap", "lost_found",
    "$windows.~bt", "found.000", "ctg",          "@transcode",
};
constexpr std::string_view kSystemFiles[] = {"thumbs.db", "desktop.ini", "ehthumbs.db", "folder.db",
                                             "album.nfo.bak"};

struct Stub {
  std::string_view token, type;
};
constexpr Stub kStubs[] = {
    {"dvd", "dvd"},     {"hddvd", "hddvd"},  {"bluray", "bluray"},  {"brrip", "bluray"}, {"bd25", "bluray"},
    {"bd50", "bluray"}, {"bdrip", "bluray"}, {"blu-ray", "bluray"}, {"vhs", "vhs"},      {"hdtv", "tv"},
    {"pdtv", "tv"},     {"dsr", "tv"},       {"dvb", "tv"},         {"tv", "tv"},        {"dvdrip", "dvd"}};

template <std::size_t N>
bool has(const std::string_view (&list)[N], std::string_view word) {
  return std::ranges::any_of(list,
                             [word](std::string_view entry) { return equalsIgnoringCase(entry, word); });
}

// ".hidden", and not "...And Justice for All".
bool isHidden(std::string_view name) { return name.size() > 1 && name[0] == '.' && name[1] != '.'; }

bool isSampleFolder(std::string_view name) {
  return equalsIgnoringCase(name, "sample") || equalsIgnoringCase(name, "samples");
}

// "sample", "sample-film" and "film-sample", but not "Resample" nor "Free Sample".
bool isSampleFile(std::string_view stem) {
  constexpr std::string_view kWord = "sample";
  constexpr std::string_view kSeparators = "-._([";
  if (stem.size() < kWord.size()) return false;
  if (equalsIgnoringCase(stem, kWord) || equalsIgnoringCase(stem, "samples")) return true;
  if (equalsIgnoringCase(stem.substr(0, kWord.size()), kWord) &&
      std::string_view("-._").contains(stem[kWord.size()])) {
    const std::string_view rest = stem.substr(kWord.size() + 1);
    const bool is_year = rest.size() >= 4 && isAllDigits(rest.substr(0, 4));  // "Sample.2010.1080p" is a film
    return !is_year;
  }
  std::string_view body = trimmed(stem, " )]");
  while (!body.empty() && isDigit(body.back()) && stem.size() - body.size() < 3) body.remove_suffix(1);
  if (body.size() <= kWord.size()) return false;
  const std::size_t at = body.size() - kWord.size();
  return equalsIgnoringCase(body.substr(at), kWord) && kSeparators.contains(body[at - 1]);
}

}  // namespace

bool isIgnoredFolder(std::string_view name) {
  return isHidden(name) || has(kSystemFolders, name) || isSampleFolder(name);
}

Kind kindOfExtension(std::string_view extension) {
  if (has(kVideo, extension)) return Kind::kVideo;
  if (has(kAudio, extension)) return Kind::kAudio;
  if (has(kSubtitle, extension)) return Kind::kSubtitle;
  if (has(kImage, extension)) return Kind::kImage;
  if (equalsIgnoringCase(extension, "nfo")) return Kind::kNfo;
  if (equalsIgnoringCase(extension, "disc")) return Kind::kDiscStub;
  return has(kUnfinished, extension) ? Kind::kIgnored : Kind::kOther;
}

Kind kindOf(std::string_view path) {
  const PathParts parts = splitPath(path);
  if (std::ranges::any_of(parts.folders, isIgnoredFolder)) return Kind::kIgnored;
  if (isHidden(parts.file) || parts.file.empty() || has(kSystemFiles, parts.file)) return Kind::kIgnored;
  const std::size_t dot = parts.file.rfind('.');
  const std::string_view extension =
      dot == std::string_view::npos ? std::string_view() : parts.file.substr(dot + 1);
  const Kind kind = extension.empty() ? Kind::kOther : kindOfExtension(extension);
  const bool may_be_sample = kind == Kind::kVideo || kind == Kind::kAudio;
  return may_be_sample && isSampleFile(parts.file.substr(0, dot)) ? Kind::kIgnored : kind;
}

std::string_view stubTypeOf(std::string_view path) {
  const PathParts parts = splitPath(path);
  if (!equalsIgnoringCase(parts.extension, "disc")) return {};
  const std::size_t at = parts.stem.find_last_of(" ._[(");
  const std::string_view token =
      trimmed(at == std::string_view::npos ? parts.stem : parts.stem.substr(at + 1), " )]");
  for (const Stub& stub : kStubs) {
    if (equalsIgnoringCase(stub.token, token)) return stub.type;
  }
  return {};
}

std::string_view kindName(Kind kind) {
  switch (kind) {
    case Kind::kVideo:
      return "video";
    case Kind::kAudio:
      return "audio";
    case Kind::kSubtitle:
      return "subtitle";
    case Kind::kImage:
      return "image";
    case Kind::kNfo:
      return "nfo";
    case Kind::kDiscStub:
      return "disc stub";
    case Kind::kOther:
      return "other";
    case Kind::kIgnored:
      return "ignored";
  }
  return "other";
}

}  // namespace library::naming
