#include "ids.hpp"

#include <algorithm>
#include <string_view>

#include "text.hpp"

namespace library::naming {
namespace {

constexpr std::size_t kMaxIdDigits = 12;

enum class Provider { kTmdb, kImdb, kTvdb, kOther };
struct ProviderName {
  std::string_view name;
  Provider provider;
};
constexpr ProviderName kProviders[] = {
    {"tmdbid", Provider::kTmdb},     {"tmdb", Provider::kTmdb},      {"themoviedb", Provider::kTmdb},
    {"imdbid", Provider::kImdb},     {"imdb", Provider::kImdb},      {"tvdbid", Provider::kTvdb},
    {"tvdb", Provider::kTvdb},       {"thetvdb", Provider::kTvdb},   {"anidbid", Provider::kOther},
    {"anidb", Provider::kOther},     {"tvmazeid", Provider::kOther}, {"tvmaze", Provider::kOther},
    {"anilistid", Provider::kOther}, {"anilist", Provider::kOther},  {"malid", Provider::kOther},
    {"mal", Provider::kOther},       {"traktid", Provider::kOther},  {"trakt", Provider::kOther},
};

bool isImdb(std::string_view text) {
  return text.size() >= 3 && text.size() <= 2 + kMaxIdDigits && asciiLower(text[0]) == 't' &&
         asciiLower(text[1]) == 't' && isAllDigits(text.substr(2));
}

void keep(std::string& place, std::string value) {
  if (place.empty()) place = std::move(value);
}

// Whether the text in a bracket is an id of a provider; it is then in the marks.
bool readId(std::string_view inside, Ids& ids) {
  inside = trimmed(inside);
  if (isImdb(inside)) {
    keep(ids.imdb, asciiLowered(inside));
    return true;
  }
  const std::size_t sign = inside.find_first_of("-=: ");
  if (sign == std::string_view::npos) return false;
  const std::string_view name = inside.substr(0, sign);
  const std::string_view value = trimmed(inside.substr(sign + 1), " -=:");
  for (const ProviderName& known : kProviders) {
    if (!equalsIgnoringCase(name, known.name)) continue;
    const bool is_number = isAllDigits(value) && value.size() <= kMaxIdDigits;
    if (!is_number && !isImdb(value)) return false;
    if (isImdb(value)) {
      keep(ids.imdb, asciiLowered(value));
    } else if (known.provider == Provider::kTmdb) {
      keep(ids.tmdb, std::string(value));
    } else if (known.provider == Provider::kTvdb) {
      keep(ids.tvdb, std::string(value));
    } else if (known.provider == Provider::kImdb) {
      keep(ids.imdb, "tt" + std::string(value));
    }
    return true;
  }
  return false;
}

bool readEdition(std::string_view inside, std::string& edition) {
  constexpr std::string_view kName = "edition";
  if (inside.size() < kName.size() + 2 || !equalsIgnoringCase(inside.substr(0, kName.size()), kName))
    return false;
  if (inside[kName.size()] != '-' && inside[kName.size()] != '=') return false;
  keep(edition, std::string(trimmed(inside.substr(kName.size() + 1))));
  return true;
}

// An id of IMDb that stands as a word of its own, without a bracket.
void takeBareImdb(std::string& name, Ids& ids) {
  for (std::size_t at = name.find("tt"); at != std::string::npos; at = name.find("tt", at + 1)) {
    const std::size_t digits = countDigits(std::string_view(name).substr(at + 2));
    const std::size_t end = at + 2 + digits;
    const bool alone = (at == 0 || std::string_view(" ._-").contains(name[at - 1])) &&
                       (end == name.size() || std::string_view(" ._-").contains(name[end]));
    if (!alone || digits < 7 || digits > 8) continue;
    keep(ids.imdb, name.substr(at, 2 + digits));
    name.erase(at, 2 + digits);
    return;
  }
}

}  // namespace

void Ids::fillFrom(const Ids& other) {
  keep(tmdb, other.tmdb);
  keep(imdb, other.imdb);
  keep(tvdb, other.tvdb);
}

Marks takeMarks(std::string& name) {
  Marks marks;
  for (std::size_t open = name.find_first_of("[{("); open != std::string::npos;) {
    const char closing = name[open] == '[' ? ']' : name[open] == '{' ? '}' : ')';
    const std::size_t close = name.find(closing, open + 1);
    if (close != std::string::npos) {
      const std::string_view inside = std::string_view(name).substr(open + 1, close - open - 1);
      if (readId(inside, marks.ids) || readEdition(inside, marks.edition)) {
        name.erase(open, close + 1 - open);
        if (open > 0 && name[open - 1] == ' ' && (open == name.size() || name[open] == ' '))
          name.erase(open - 1, 1);
        open = name.find_first_of("[{(", open > 0 ? open - 1 : 0);
        continue;
      }
    }
    open = name.find_first_of("[{(", open + 1);
  }
  takeBareImdb(name, marks.ids);
  return marks;
}

}  // namespace library::naming
