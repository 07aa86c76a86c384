#include "entry.hpp"

#include <algorithm>
#include <limits>

#include "naming/text.hpp"
#include "providers.hpp"
#include "values.hpp"

namespace library::nfo {
namespace {

constexpr std::size_t kShown = 40;  // bytes of a value in a warning

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

void addRating(std::vector<Rating>& ratings, Rating rating) {
  if (std::ranges::find(ratings, rating.source, &Rating::source) == ratings.end())
    ratings.push_back(std::move(rating));
}

}  // namespace

void Entry::refuse(const Element& element, std::string_view why) {
  std::string shown = oneLine(element.text);
  if (shown.empty()) return;
  if (shown.size() > kShown) shown = naming::displayForm(std::string_view(shown).substr(0, kShown)) + "...";
  const std::string name = naming::displayForm(std::string_view(element.name).substr(0, kShown));
  warnings.add("<" + name + "> " + std::string(why) + ": " + shown);
}

void Entry::addId(Trust trust, std::string_view provider, std::string_view id) {
  if (ids.size() < kMaxListed)
    ids[std::string(provider)].offer(static_cast<std::size_t>(trust), std::string(id));
}

Nfo Entry::finish(std::span<const Address> addresses) {
  for (const Address& address : addresses) {
    if ((address.roots & in(nfo.root)) != 0) addId(Trust::kAddress, address.provider, address.id);
  }
  for (auto& [provider, id] : ids) {
    if (provider == kCollection) {
      if (!nfo.collection) nfo.collection.emplace();
      if (nfo.collection->tmdb.empty()) nfo.collection->tmdb = *id.value();
    } else {
      nfo.ids.emplace(provider, *id.value());
    }
  }

  nfo.date = date.value().value_or("");
  if (!nfo.year) nfo.year = date_year.value();
  nfo.certification = certification.value().value_or("");
  nfo.display_season = display_season.value();
  nfo.display_episode = display_episode.value();
  nfo.season = season.value();
  nfo.artist = artist.value().value_or(joined(artists));

  if (flat_rating) {
    flat_rating->votes = flat_votes;
    addRating(nfo.ratings, *flat_rating);
  }
  // Who is in no order stands behind those who are.
  const auto place = [](const OrderedPerson& actor) {
    return actor.order.value_or(std::numeric_limits<int>::max());
  };
  std::ranges::stable_sort(actors, {}, place);
  for (OrderedPerson& actor : actors) nfo.actors.push_back(std::move(actor.person));
  return std::move(nfo);
}

}  // namespace library::nfo
