#include "addresses.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "naming/text.hpp"
#include "providers.hpp"

namespace library::nfo {
namespace {

constexpr std::size_t kMaxAddresses = 100;
constexpr std::size_t kMaxTried = 1000;
constexpr std::size_t kMaxAddress = 2048;
constexpr std::size_t kMinImdbDigits = 7;
// A shorter number in a path of thetvdb.com is the name of a show: "24", "1923".
constexpr std::size_t kMinTvdbDigits = 5;

constexpr Roots kFilm = in(Root::kMovie, Root::kAddress);
constexpr Roots kShow = in(Root::kShow, Root::kAddress);
constexpr Roots kTitle = in(Root::kMovie, Root::kShow, Root::kEpisode, Root::kMusicVideo, Root::kAddress);
constexpr Roots kAlbum = in(Root::kAlbum, Root::kAddress);
constexpr Roots kArtist = in(Root::kArtist, Root::kAddress);

struct Site {
  std::string_view domain;
  std::string_view before;  // what stands before the id
  std::string_view provider;
  std::size_t min_digits;
  Roots roots;
};
constexpr Site kSites[] = {
    {"themoviedb.org", "/movie/", "tmdb", 1, kFilm},
    {"themoviedb.org", "/tv/", "tmdb", 1, kShow},
    {"tmdb.org", "/movie/", "tmdb", 1, kFilm},
    {"tmdb.org", "/tv/", "tmdb", 1, kShow},
    {"imdb.com", "/title/", "imdb", kMinImdbDigits, kTitle},
    {"imdb.com", "/title?", "imdb", kMinImdbDigits, kTitle},
    {"thetvdb.com", "/dereferrer/series/", "tvdb", 1, kShow},
    {"thetvdb.com", "/dereferrer/movie/", "tvdb", 1, kFilm},
    {"thetvdb.com", "/series/", "tvdb", kMinTvdbDigits, kShow},
    {"tvmaze.com", "/shows/", "tvmaze", 1, kShow},
    {"anidb.net", "/anime/", "anidb", 1, kTitle},
    {"musicbrainz.org", "/release/", "musicbrainz_album", 0, kAlbum},
    {"musicbrainz.org", "/release-group/", "musicbrainz_release_group", 0, kAlbum},
    {"musicbrainz.org", "/artist/", "musicbrainz_artist", 0, kArtist},
};

bool isNameCharacter(char c) {
  return naming::isAsciiLetter(c) || naming::isDigit(c) || c == '-' || c == '_';
}

// The id at the front, if it ends there. Names follow the ids of some behind a dash.
std::string takeId(std::string_view provider, std::size_t min_digits, std::string_view text) {
  const std::string_view prefix = provider == "imdb" && text.starts_with("tt") ? "tt" : "";
  const bool is_number = min_digits > 0;
  const std::string_view rest = text.substr(prefix.size());
  const std::size_t length =
      is_number ? naming::countDigits(rest)
                : static_cast<std::size_t>(std::ranges::find_if_not(rest, isNameCharacter) - rest.begin());
  if (length < min_digits || length == 0) return {};
  const std::string_view behind = rest.substr(length);
  if (!behind.empty() && isNameCharacter(behind.front()) && (behind.front() != '-' || provider != "tmdb"))
    return {};
  return idOf(provider, text.substr(0, prefix.size() + length)).value_or("");
}

// The number that a query has under a name: "?tab=series&id=78874".
std::string_view queried(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find_first_of("&;"), query.size());
    const std::string_view part = query.substr(0, end);
    if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
      return part.substr(name.size() + 1);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (query.starts_with("amp;")) query.remove_prefix(4);
  }
  return {};
}

void addTvdbQuery(std::vector<Address>& found, std::string_view behind) {
  const std::size_t mark = behind.find('?');
  if (mark == std::string_view::npos) return;
  const std::string_view query = behind.substr(mark + 1);
  if (queried(query, "tab") != "series") return;
  const std::string_view number = queried(query, "id");
  const auto id = idOf("tvdb", number.substr(0, naming::countDigits(number)));
  if (id) found.push_back({"tvdb", *id, kShow});
}

// Requires: the domain stands at `at`.
void addAt(std::vector<Address>& found, std::string_view text, std::size_t at,
           const std::string_view domain) {
  std::string_view behind = text.substr(at + domain.size(), kMaxAddress);
  behind = behind.substr(0, std::min(behind.find_first_of(" \t\r\n\"'<>|"), behind.size()));
  if (behind.empty() || (behind.front() != '/' && behind.front() != '?')) return;
  if (domain == "thetvdb.com") addTvdbQuery(found, behind);
  for (const Site& site : kSites) {
    if (site.domain != domain) continue;
    const std::size_t before = behind.find(site.before);
    if (before == std::string_view::npos) continue;
    std::string id = takeId(site.provider, site.min_digits, behind.substr(before + site.before.size()));
    if (id.empty()) continue;
    found.push_back({std::string(site.provider), std::move(id), site.roots});
    return;
  }
}

constexpr std::string_view kDomains[] = {"themoviedb.org", "tmdb.org",  "imdb.com",       "thetvdb.com",
                                         "tvmaze.com",     "anidb.net", "musicbrainz.org"};

}  // namespace

std::vector<Address> addressesIn(std::string_view raw) {
  const std::string lower = naming::asciiLowered(raw);
  const std::string_view text = lower;
  std::vector<Address> found;
  // Every one of the domains has a dot before its last name.
  std::size_t tried = 0;
  for (std::size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.', dot + 1)) {
    for (const std::string_view domain : kDomains) {
      const std::size_t name = domain.find('.');
      if (dot < name || text.substr(dot - name, domain.size()) != domain) continue;
      if (dot > name && isNameCharacter(text[dot - name - 1])) continue;
      if (found.size() == kMaxAddresses || ++tried > kMaxTried) return found;
      addAt(found, text, dot - name, domain);
    }
  }
  return found;
}

std::string looseImdbId(std::string_view text) {
  for (std::size_t at = text.find("tt"); at != std::string_view::npos; at = text.find("tt", at + 1)) {
    if (at > 0 && isNameCharacter(text[at - 1])) continue;
    if (std::string id = takeId("imdb", kMinImdbDigits, text.substr(at)); !id.empty()) return id;
  }
  return {};
}

}  // namespace library::nfo
