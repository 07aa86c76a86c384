#include "wiring/sidecar_reading.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "catalogue/sidecar.hpp"
#include "naming/text.hpp"
#include "nfo/nfo.hpp"

namespace library {

namespace {

constexpr std::size_t kMostNameBytes =
    255;  // as a file's: an index of a database takes no more than some of it
constexpr std::size_t kMostIdBytes = 32;
constexpr std::int64_t kBillion = 1'000'000'000;

std::string shortened(std::string_view text, std::size_t most) {
  std::size_t length = std::min(text.size(), most);
  constexpr unsigned char kMask = 0xC0, kContinuation = 0x80;
  while (length > 0 && length < text.size() &&
         (static_cast<unsigned char>(text[length]) & kMask) == kContinuation)
    --length;
  return std::string(text.substr(0, length));
}

SidecarEntry::Of kindOf(nfo::Root root) {
  using Of = SidecarEntry::Of;
  switch (root) {
    case nfo::Root::kMovie:
    case nfo::Root::kMusicVideo:
      return Of::kMovie;
    case nfo::Root::kShow:
      return Of::kShow;
    case nfo::Root::kSeason:
      return Of::kSeason;
    case nfo::Root::kEpisode:
      return Of::kEpisode;
    case nfo::Root::kArtist:
      return Of::kArtist;
    case nfo::Root::kAlbum:
      return Of::kAlbum;
    case nfo::Root::kAddress:
      break;
  }
  return Of::kAddress;
}

SidecarEntry entryOf(const nfo::Nfo& nfo) {
  const auto id = [&nfo](const char* provider) {
    const auto found = nfo.ids.find(provider);
    return found == nfo.ids.end() ? std::string() : shortened(found->second, kMostIdBytes);
  };
  return {.of = kindOf(nfo.root),
          .title = shortened(nfo.title, kMostNameBytes),
          .sort_title = shortened(nfo.sort_title, kMostNameBytes),
          .artist = shortened(nfo.artist, kMostNameBytes),
          .date = nfo.date,
          .year = nfo.year,
          .season = nfo.season,
          .episode = nfo.episode,
          .display_season = nfo.display_season,
          .display_episode = nfo.display_episode,
          .ids = {id("tmdb"), id("imdb"), id("tvdb")}};
}

// Which of the images a description names lie in the library; those on the web stay.
class Images {
 public:
  Images(const disk::Root& root, std::string_view folder,
         const std::function<std::vector<std::string>()>& roots)
      : root_(root), folder_(folder), roots_(roots) {}

  // Empty: it is to be left out.
  std::string placeOf(const std::string& place) {
    if (place.starts_with("http://") || place.starts_with("https://")) return place;
    constexpr std::string_view kFile = "file://";
    const std::string path = place.starts_with(kFile) ? place.substr(kFile.size()) : place;
    if (path.find('\0') != std::string::npos || path.contains("://")) return {};
    if (!path.starts_with('/')) return below(root_, disk::joined(folder_, path));
    if (std::string found = below(root_, path); !found.empty()) return found;
    for (const std::string& other : others()) {
      const auto root = disk::Root::open(other);
      if (!root) continue;
      if (std::string found = below(*root, path); !found.empty()) return found;
    }
    return {};
  }

 private:
  // Below that root, as clients may be told.
  static std::string below(const disk::Root& root, const std::string& path) {
    const auto target = root.follow(path);
    if (!target || !target->is_file || !disk::isWithin(target->path, root.real())) return {};
    return target->path.substr(root.real().size() + (root.real().ends_with('/') ? 0 : 1));
  }
  const std::vector<std::string>& others() {
    if (!others_) others_ = roots_();
    return *others_;
  }

  const disk::Root& root_;
  const std::string_view folder_;
  const std::function<std::vector<std::string>()>& roots_;
  std::optional<std::vector<std::string>> others_;
};

void keepImages(nfo::Nfo& nfo, Images& images, std::vector<std::string>& warnings) {
  const auto keep = [&](std::string& place) {
    if (place.empty()) return true;
    std::string kept = images.placeOf(place);
    if (kept.empty())
      warnings.push_back(fmt::format("the image {} is not in the library", naming::displayForm(place)));
    place = std::move(kept);
    return !place.empty();
  };
  std::erase_if(nfo.images, [&](nfo::Image& image) { return !keep(image.place); });
  for (nfo::Person& actor : nfo.actors) static_cast<void>(keep(actor.image));
}

// Behind a byte order mark and white space, in any encoding: nobody meant the others to be read.
bool beginsAsXml(std::string_view text) {
  const std::size_t first = text.find_first_not_of(std::string_view("\xEF\xBB\xBF\xFE\xFF\0 \t\r\n", 10));
  return first == std::string_view::npos || text[first] == '<';
}

std::string errorText(int error) { return std::generic_category().message(error); }

std::expected<std::string, int> contentOf(int file, std::size_t bytes) {
  std::string text(bytes, '\0');
  std::size_t length = 0;
  while (length < bytes) {
    const ssize_t got = ::read(file, text.data() + length, bytes - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(errno);
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  text.resize(length);
  return text;
}

}  // namespace

std::expected<SidecarText, SidecarChanged> readSidecarFile(
    const disk::Root& root, const SidecarFile& file, const std::function<std::vector<std::string>()>& roots) {
  SidecarText text;
  const auto open = root.openFile(file.path);
  if (!open) {
    if (open.error() == ENOENT || open.error() == EINVAL) return std::unexpected(SidecarChanged());
    text.error = errorText(open.error());
    return text;
  }
  struct stat status = {};
  const bool is_it = ::fstat(open->descriptor(), &status) == 0 && status.st_ino == file.inode &&
                     static_cast<std::uint64_t>(status.st_size) == file.bytes &&
                     status.st_mtim.tv_sec * kBillion + status.st_mtim.tv_nsec == file.modified_ns;
  if (!is_it) return std::unexpected(SidecarChanged());
  if (file.bytes > nfo::kMaxBytes) {
    text.error = fmt::format("it has more than {} bytes", nfo::kMaxBytes);
    return text;
  }
  const auto bytes = contentOf(open->descriptor(), file.bytes);
  if (!bytes) {
    text.error = errorText(bytes.error());
    return text;
  }
  auto read = nfo::read(*bytes);
  if (!read) {
    text.error = std::move(read.error());
    text.is_text_alone = !beginsAsXml(*bytes);
    return text;
  }
  text.warnings = std::move(read->warnings);
  Images images(root, disk::folderOf(file.path), roots);
  std::vector<SidecarEntry> entries;
  for (nfo::Nfo& entry : read->entries) {
    keepImages(entry, images, text.warnings);
    entries.push_back(entryOf(entry));
    text.facts += nfo::toJson(entry) + '\n';
  }
  text.tags = storedSidecar(entries);
  return text;
}

}  // namespace library
