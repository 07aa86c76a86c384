#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "entry.hpp"
#include "images.hpp"
#include "naming/text.hpp"
#include "providers.hpp"
#include "stream_details.hpp"
#include "values.hpp"

namespace library::nfo {
namespace {

constexpr Roots kAny = ~0U;
constexpr Roots kMusic = in(Root::kAlbum, Root::kMusicVideo);
constexpr int kMostNumber = 99'999;  // of a season or an episode
constexpr double kMostRating = 10;

template <std::string Nfo::* member>
void line(Entry& entry, const Element& element) {
  if ((entry.nfo.*member).empty()) entry.nfo.*member = oneLine(element.allText());
}

template <std::string Nfo::* member>
void lines(Entry& entry, const Element& element) {
  if ((entry.nfo.*member).empty()) entry.nfo.*member = manyLines(element.allText());
}

void addTo(std::vector<std::string>& list, std::string text) {
  const auto same = [&text](const std::string& other) { return naming::equalsIgnoringCase(text, other); };
  if (list.size() < kMaxListed && std::ranges::none_of(list, same)) list.push_back(std::move(text));
}

template <std::vector<std::string> Nfo::* member>
void list(Entry& entry, const Element& element) {
  for (std::string& part : partsOf(element.allText(), "/|")) addTo(entry.nfo.*member, std::move(part));
}

void genre(Entry& entry, const Element& element) {
  for (std::string& part : partsOf(element.allText(), "/|,;")) addTo(entry.nfo.genres, std::move(part));
}

// Below 0 and empty: there is none.
std::optional<int> numberOf(Entry& entry, const Element& element) {
  const auto number = wholeNumber(element.text);
  if (number && *number <= kMostNumber) return number;
  if (!withoutSpace(element.text).starts_with('-'))
    entry.refuse(element, "is no number of a season or an episode");
  return std::nullopt;
}

template <Best<int> Entry::* member, std::size_t rank>
void number(Entry& entry, const Element& element) {
  if (const auto value = numberOf(entry, element)) (entry.*member).offer(rank, *value);
}

void episode(Entry& entry, const Element& element) {
  if (!entry.nfo.episode) entry.nfo.episode = numberOf(entry, element);
}

template <std::size_t rank>
void dateField(Entry& entry, const Element& element) {
  if (const auto of = year(element.text)) entry.date_year.offer(rank, *of);
  if (auto day = date(element.text)) {
    entry.date_year.offer(rank, naming::leadingNumber(*day));
    return entry.date.offer(rank, std::move(*day));
  }
  entry.refuse(element, "is no date");
}

void yearField(Entry& entry, const Element& element) {
  const auto value = year(element.text);
  if (value && !entry.nfo.year) entry.nfo.year = value;
  if (!value && wholeNumber(element.text) != 0) entry.refuse(element, "is no year after 1850");
}

template <std::size_t rank>
void certification(Entry& entry, const Element& element) {
  if (std::string text = oneLine(element.text); !text.empty())
    entry.certification.offer(rank, std::move(text));
}

void runtime(Entry& entry, const Element& element) {
  // A song of "3:30" has minutes and seconds, a film of "1:35" hours and minutes.
  const auto value = seconds(element.text, entry.nfo.root == Root::kMusicVideo ? 0 : 10);
  if (value && *value >= 60 && !entry.nfo.runtime_min) entry.nfo.runtime_min = static_cast<int>(*value / 60);
  if (!value && wholeNumber(element.text) != 0) entry.refuse(element, "is no length of time");
}

void status(Entry& entry, const Element& element) {
  struct Word {
    std::string_view key;
    Status status;
  };
  static constexpr Word kWords[] = {
      {"continuing", Status::kContinuing}, {"returningseries", Status::kContinuing},
      {"running", Status::kContinuing},    {"ended", Status::kEnded},
      {"upcoming", Status::kUpcoming},     {"planned", Status::kUpcoming},
      {"inproduction", Status::kUpcoming}, {"pilot", Status::kUpcoming},
      {"cancelled", Status::kCancelled},   {"canceled", Status::kCancelled},
      {"unreleased", Status::kUpcoming},
  };
  const std::string key = naming::comparisonKey(oneLine(element.text));
  const auto* word = std::ranges::find(kWords, key, &Word::key);
  if (word == std::end(kWords)) return entry.refuse(element, "is no status known here");
  entry.nfo.status = word->status;
}

template <std::string NamedSeason::* member>
void season(Entry& entry, const Element& element) {
  const auto number = wholeNumber(element.attribute("number"));
  std::string text = manyLines(element.allText());
  if (!number || *number > kMostNumber || text.empty()) return;
  auto& seasons = entry.nfo.seasons;
  if (!seasons.contains(*number) && seasons.size() >= kMaxListed) return;
  if (std::string& field = seasons[*number].*member; field.empty()) field = std::move(text);
}

void lock(Entry& entry, const Element& element) { entry.nfo.is_locked = truth(element.text).value_or(false); }

void takeId(Entry& entry, const Element& element, Trust trust, std::string_view provider) {
  if (withoutSpace(element.text).empty() || withoutSpace(element.text) == "0") return;
  const auto id = idOf(provider, element.text);
  if (!id) return entry.refuse(element, "is no id of " + std::string(provider));
  entry.addId(trust, provider, *id);
}

// The id of whoever the writer of the file asks by default.
void bareId(Entry& entry, const Element& element) {
  for (const auto& [name, value] : element.attributes) {
    const std::string_view provider = knownProvider(name);
    if (provider.empty()) continue;
    if (const auto id = idOf(provider, value)) entry.addId(Trust::kNamed, provider, *id);
  }
  const std::string_view text = withoutSpace(element.text);
  if (naming::asciiLowered(text.substr(0, 2)) == "tt") return takeId(entry, element, Trust::kBare, "imdb");
  if (!naming::isAllDigits(text)) return;
  if (entry.nfo.root == Root::kMovie) return takeId(entry, element, Trust::kBare, "tmdb");
  if ((in(entry.nfo.root) & in(Root::kShow, Root::kSeason, Root::kEpisode)) != 0) {
    takeId(entry, element, Trust::kBare, "tvdb");
  }
}

void uniqueId(Entry& entry, const Element& element) {
  const std::string_view type = withoutSpace(element.attribute("type"));
  const std::string provider = providerOf(type);
  if (type.empty() || provider == "unknown") return bareId(entry, element);
  if (provider.empty()) return entry.refuse(element, "has a type that is no name");
  takeId(entry, element, Trust::kTyped, provider);
}

void collection(Entry& entry, const Element& element) {
  const Element* named = element.child("name");
  const Element* overview = element.child("overview");
  std::string name = oneLine(named == nullptr ? element.text : named->allText());
  const auto id = idOf(kCollection, element.attribute("tmdbcolid"));
  if (id) entry.addId(Trust::kNamed, kCollection, *id);
  if (name.empty() || (entry.nfo.collection && !entry.nfo.collection->name.empty())) return;
  if (!entry.nfo.collection) entry.nfo.collection.emplace();
  entry.nfo.collection->name = std::move(name);
  if (overview != nullptr) entry.nfo.collection->overview = manyLines(overview->allText());
}

// What a text of a rating is worth out of ten. "8/10" brings its own measure.
std::optional<double> worth(std::string_view text, double most) {
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    most = decimal(text.substr(slash + 1)).value_or(0);
    text = text.substr(0, slash);
  }
  const auto value = decimal(text);
  if (!value || !(most > 0)) return std::nullopt;
  const double scaled = most == kMostRating ? *value : *value * kMostRating / most;
  return scaled >= 0 && scaled <= kMostRating ? std::optional(scaled) : std::nullopt;
}

double measureOf(const Element& element) {
  const auto most = decimal(element.attribute("max"));
  return most && *most > 0 ? *most : kMostRating;
}

void sourcedRating(Entry& entry, const Element& element) {
  const Element* value = element.child("value");
  const Element* votes = element.child("votes");
  const Element& told = value == nullptr ? element : *value;
  Rating rating;
  rating.source = naming::asciiLowered(oneLine(element.attribute("name")));
  rating.is_default = truth(element.attribute("default")).value_or(false);
  if (votes != nullptr) rating.votes = count(votes->text);
  const auto worth_of = worth(told.text, measureOf(element));
  if (!worth_of) return entry.refuse(told, "is no rating");
  // Nobody's vote is what some write where there is no rating.
  if (*worth_of == 0 && rating.votes.value_or(0) == 0) return;
  rating.value = *worth_of;
  auto& ratings = entry.nfo.ratings;
  if (ratings.size() >= kMaxListed ||
      std::ranges::find(ratings, rating.source, &Rating::source) != ratings.end())
    return;
  if (std::ranges::any_of(ratings, &Rating::is_default)) rating.is_default = false;
  ratings.push_back(std::move(rating));
}

void ratings(Entry& entry, const Element& element) {
  for (const Element& rating : element.children) {
    if (rating.name == "rating") sourcedRating(entry, rating);
  }
}

void rating(Entry& entry, const Element& element) {
  if (!element.attribute("name").empty() || element.child("value") != nullptr)
    return sourcedRating(entry, element);
  const auto value = worth(element.text, measureOf(element));
  if (!value) return entry.refuse(element, "is no rating");
  if (*value > 0 && !entry.flat_rating) entry.flat_rating = Rating{.value = *value};
}

// In percent, of people whose job it is.
void criticRating(Entry& entry, const Element& element) {
  const auto value = worth(element.text, 100);
  if (!value) return entry.refuse(element, "is no rating");
  const bool is_told =
      std::ranges::find(entry.nfo.ratings, "critics", &Rating::source) != entry.nfo.ratings.end();
  if (*value > 0 && !is_told) entry.nfo.ratings.push_back({.source = "critics", .value = *value});
}

void votes(Entry& entry, const Element& element) {
  if (!entry.flat_votes) entry.flat_votes = count(element.text);
}

void userRating(Entry& entry, const Element& element) {
  const auto value = worth(element.text, kMostRating);
  if (!value) return entry.refuse(element, "is no rating");
  if (*value > 0 && !entry.nfo.user_rating) entry.nfo.user_rating = value;
}

void actor(Entry& entry, const Element& element) {
  const auto text = [&element](std::string_view name) {
    const Element* child = element.child(name);
    return child == nullptr ? std::string() : oneLine(child->allText());
  };
  OrderedPerson actor;
  actor.person.name = text("name");
  if (actor.person.name.empty()) return;
  if (entry.actors.size() >= kMaxListed) {
    return entry.warnings.add("there are more than " + std::to_string(kMaxListed) +
                              " actors; the rest is passed over");
  }
  actor.person.role = text("role");
  actor.person.type = text("type");
  if (const Element* thumb = element.child("thumb")) actor.person.image = placeOf(entry, *thumb);
  for (const char* const name : {"order", "sortorder"}) {
    if (const Element* order = element.child(name); order != nullptr && !actor.order) {
      actor.order = wholeNumber(order->text);
    }
  }
  entry.actors.push_back(std::move(actor));
}

template <std::size_t rank>
void displayedArtist(Entry& entry, const Element& element) {
  if (std::string text = oneLine(element.allText()); !text.empty()) entry.artist.offer(rank, std::move(text));
}

void artist(Entry& entry, const Element& element) {
  if (std::string text = oneLine(element.text); !text.empty()) addTo(entry.artists, std::move(text));
}

void artistCredits(Entry& entry, const Element& element) {
  const Element* name = element.child("artist");
  if (name != nullptr) artist(entry, *name);
}

struct Field {
  std::string_view name;  // without '_'
  Roots roots;
  void (*read)(Entry& entry, const Element& element);
};
constexpr Field kFields[] = {
    {"title", kAny, line<&Nfo::title>},
    {"name", in(Root::kArtist), line<&Nfo::title>},
    {"originaltitle", kAny, line<&Nfo::original_title>},
    {"sorttitle", kAny, line<&Nfo::sort_title>},
    {"sortname", kAny, line<&Nfo::sort_title>},
    {"showtitle", in(Root::kEpisode, Root::kSeason), line<&Nfo::show_title>},
    {"artistdesc", kMusic, displayedArtist<0>},
    {"artist", kMusic, artist},
    {"albumartist", kMusic, artist},
    {"albumartistcredits", kMusic, artistCredits},

    {"plot", kAny, lines<&Nfo::plot>},
    {"review", in(Root::kAlbum), lines<&Nfo::plot>},
    {"biography", in(Root::kArtist), lines<&Nfo::plot>},
    {"outline", kAny, lines<&Nfo::outline>},
    {"tagline", kAny, line<&Nfo::tagline>},
    {"mpaa", kAny, certification<0>},
    {"certification", kAny, certification<1>},
    {"runtime", kAny, runtime},
    {"status", in(Root::kShow), status},
    {"lockdata", kAny, lock},

    {"year", kAny, yearField},
    {"premiered", kAny, dateField<0>},
    {"aired", kAny, dateField<1>},
    {"originalreleasedate", kAny, dateField<2>},
    {"releasedate", kAny, dateField<3>},

    {"season", in(Root::kEpisode), number<&Entry::season, 0>},
    {"seasonnumber", in(Root::kSeason), number<&Entry::season, 0>},
    {"season", in(Root::kSeason), number<&Entry::season, 1>},
    {"episode", in(Root::kEpisode), episode},
    {"displayseason", in(Root::kEpisode), number<&Entry::display_season, 0>},
    {"displayepisode", in(Root::kEpisode), number<&Entry::display_episode, 0>},
    {"displayafterseason", in(Root::kEpisode), number<&Entry::display_season, 1>},
    {"airsbeforeseason", in(Root::kEpisode), number<&Entry::display_season, 2>},
    {"airsbeforeepisode", in(Root::kEpisode), number<&Entry::display_episode, 2>},
    {"airsafterseason", in(Root::kEpisode), number<&Entry::display_season, 3>},
    {"namedseason", in(Root::kShow), season<&NamedSeason::name>},
    {"seasonplot", in(Root::kShow), season<&NamedSeason::plot>},

    {"id", kAny, bareId},
    {"uniqueid", kAny, uniqueId},
    {"set", kAny, collection},
    {"collection", kAny, collection},

    {"ratings", kAny, ratings},
    {"rating", kAny, rating},
    {"communityrating", kAny, rating},
    {"criticrating", kAny, criticRating},
    {"votes", kAny, votes},
    {"userrating", kAny, userRating},

    {"genre", kAny, genre},
    {"studio", kAny, list<&Nfo::studios>},
    {"country", kAny, list<&Nfo::countries>},
    {"tag", kAny, list<&Nfo::tags>},
    {"style", kAny, list<&Nfo::tags>},
    {"director", kAny, list<&Nfo::directors>},
    {"credits", kAny, list<&Nfo::writers>},
    {"writer", kAny, list<&Nfo::writers>},
    {"actor", kAny, actor},

    {"thumb", kAny, thumb},
    {"fanart", kAny, fanart},
    {"art", kAny, art},
    {"fileinfo", kAny, fileInfo},
};

}  // namespace

void readField(Entry& entry, const Element& element) {
  std::string name = element.name;
  std::erase(name, '_');
  for (const Field& field : kFields) {
    if (field.name == name && (field.roots & in(entry.nfo.root)) != 0) return field.read(entry, element);
  }
  if (addNamedImage(entry, element) || !name.ends_with("id")) {
    if (name != "collectionnumber") return;
  }
  if (const std::string_view provider = knownProvider(name); !provider.empty()) {
    takeId(entry, element, Trust::kNamed, provider);
  }
}

}  // namespace library::nfo
