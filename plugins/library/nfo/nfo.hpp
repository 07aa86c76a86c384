// What an .nfo file says of a film, a show, a season, an episode or an album: the XML that Kodi, Jellyfin,
// Emby, Sonarr, Radarr, tinyMediaManager and MediaElch write, or a provider's address alone. Values; safe
// from any thread.
//
// A number that is not set, a text or list that is empty: the file does not say, or says what cannot be.
// Texts are UTF-8 in display form (naming/text.hpp), whatever the file was written in; a plot, an outline and
// an overview keep their lines.
//
// Sources: https://kodi.wiki/view/NFO_files, and what the writers above are seen to write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace library::nfo {

inline constexpr std::size_t kMaxBytes = 1024UZ * 1024;  // of a file

// The element a description stands in; kAddress: none, only addresses of providers.
enum class Root : std::uint8_t { kMovie, kShow, kSeason, kEpisode, kMusicVideo, kArtist, kAlbum, kAddress };

struct Rating {
  std::string source = {};  // "imdb", "critics"; empty: the file does not say whose
  double value = 0;         // 0 to 10
  std::optional<std::int64_t> votes = {};
  bool is_default = false;  // the one to show: of all, one at the most

  bool operator==(const Rating&) const = default;
};

struct Person {
  std::string name = {};
  std::string role = {};   // whom an actor plays
  std::string type = {};   // "GuestStar", as it stands there
  std::string image = {};  // a place, as Image has it

  bool operator==(const Person&) const = default;
};

enum class ImageKind : std::uint8_t {
  kPoster,
  kFanart,
  kLogo,
  kBanner,
  kLandscape,
  kClearArt,
  kDisc,
  kStill
};

struct Image {
  ImageKind kind = ImageKind::kPoster;
  // A URL or a path, byte for byte as it stands there, though in UTF-8. It is anybody's: nobody has looked
  // whether it exists, or lies where files of a library may lie.
  std::string place = {};

  bool operator==(const Image&) const = default;
};

struct Collection {
  std::string name = {};
  std::string overview = {};
  std::string tmdb = {};  // its id: never that of the film

  bool operator==(const Collection&) const = default;
};

struct NamedSeason {
  std::string name = {};
  std::string plot = {};

  bool operator==(const NamedSeason&) const = default;
};

enum class Status : std::uint8_t { kUnknown, kContinuing, kEnded, kUpcoming, kCancelled };

enum class Stereo : std::uint8_t { kNone, kSideBySide, kHalfSideBySide, kTopBottom, kHalfTopBottom };

// What fileinfo/streamdetails tell; what ffprobe finds in the file itself wins.
struct StreamDetails {
  std::optional<std::int64_t> duration_s = {};
  Stereo stereo = Stereo::kNone;                     // half, where the size of the frame is not known
  std::vector<std::string> audio_languages = {};     // BCP 47, each once; "und": one that nobody knows
  std::vector<std::string> subtitle_languages = {};  // likewise

  bool operator==(const StreamDetails&) const = default;
};

struct Nfo {
  Root root = Root::kAddress;
  std::string title = {};
  std::string original_title = {};
  std::string sort_title = {};
  std::string show_title = {};   // of an episode
  std::string artist = {};       // of an album or a music video; several with commas
  std::optional<int> year = {};  // as given, else of the date; after 1850
  std::string date = {};         // of the first showing or release: 2017-04-30
  std::string plot = {};
  std::string outline = {};
  std::string tagline = {};
  std::string certification = {};  // "US:PG-13", as it stands there
  std::optional<int> runtime_min = {};
  std::optional<int> season = {};
  std::optional<int> episode = {};
  std::optional<int> display_season = {};  // where a special is shown
  std::optional<int> display_episode = {};
  Status status = Status::kUnknown;         // of a show
  std::map<int, NamedSeason> seasons = {};  // of a show
  // By the provider in lower case: "tmdb", "imdb", "tvdb", "musicbrainz_album". Those of a known provider
  // have its form.
  std::map<std::string, std::string> ids = {};
  std::optional<Collection> collection = {};
  std::vector<Rating> ratings = {};        // by their sources; of several by one, the first
  std::optional<double> user_rating = {};  // more than 0, at most 10
  std::vector<std::string> genres = {}, studios = {}, countries = {}, tags = {};
  std::vector<std::string> directors = {}, writers = {};
  std::vector<Person> actors = {};  // in the order they are to be shown in
  std::vector<Image> images = {};   // the first of each kind
  std::optional<StreamDetails> streams = {};
  bool is_locked = false;  // no provider from elsewhere is to fill anything

  bool operator==(const Nfo&) const = default;
};

struct File {
  std::vector<Nfo> entries = {};  // at least one; several only of episodes
  // What in it was passed over, in words for people; the first few.
  std::vector<std::string> warnings = {};
};

// What the bytes of a file say. An error is a text for people, without the file's name: it is empty, more
// than kMaxBytes, declares a document type, ends in the middle, is in an encoding that is not known here, or
// is neither XML nor an address. No entity but the five of XML is expanded and nothing else is opened,
// whatever it says; time and memory are bounded by its size. An address beside a description gives it ids
// that it does not have, if it is one of such a thing.
std::expected<File, std::string> read(std::string_view bytes);

// As it is stored and shown, without what is not set; snake_case names, enums as words, empty lists left out.
std::string toJson(const Nfo& nfo);

}  // namespace library::nfo
