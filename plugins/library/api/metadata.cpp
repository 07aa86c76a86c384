#include "api/metadata.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <nlohmann/json.hpp>

namespace library::api {

namespace {

using Json = nlohmann::ordered_json;

std::optional<int> seasonOf(std::string_view part) {
  constexpr std::string_view kSeason = "season ";
  if (!part.starts_with(kSeason)) return std::nullopt;
  part.remove_prefix(kSeason.size());
  int number = 0;
  if (std::from_chars(part.data(), part.data() + part.size(), number).ec != std::errc()) return std::nullopt;
  return number;
}

void fill(Json& merged, const Json& facts) {
  for (const auto& [name, value] : facts.items())
    if (name != "root" && !merged.contains(name)) merged[name] = value;
}

int numberOf(const Json& season) {
  const auto number = season.is_object() ? season.find("number") : season.end();
  return season.is_object() && number != season.end() && number->is_number_integer() ? number->get<int>()
                                                                                     : -1;
}

// What a season's own description says comes before what its show's says of it.
void fillSeason(Json& merged, int number, const Json& facts) {
  Json& seasons = merged["seasons"];
  if (!seasons.is_array()) seasons = Json::array();
  auto season =
      std::find_if(seasons.begin(), seasons.end(), [=](const Json& one) { return numberOf(one) == number; });
  if (season == seasons.end()) {
    seasons.push_back({{"number", number}});
    season = std::prev(seasons.end());
  }
  for (const auto& [from, to] : {std::pair{"title", "name"}, {"plot", "plot"}, {"images", "images"}})
    if (facts.contains(from)) (*season)[to] = facts[from];
}

void sortSeasons(Json& merged) {
  if (!merged.contains("seasons")) return;
  Json& seasons = merged["seasons"];
  std::stable_sort(seasons.begin(), seasons.end(),
                   [](const Json& a, const Json& b) { return numberOf(a) < numberOf(b); });
}

}  // namespace

std::string metadataJson(std::span<const MetadataView> views) {
  Json merged = Json::object();
  Json providers = Json::array();
  for (const bool is_whole : {true, false}) {
    for (const MetadataView& view : views) {
      if (view.part.empty() != is_whole) continue;
      const Json facts = Json::parse(view.facts, nullptr, false);
      if (!facts.is_object()) continue;
      if (is_whole) {
        fill(merged, facts);
      } else if (const auto season = seasonOf(view.part)) {
        fillSeason(merged, *season, facts);
      } else {
        fill(merged[std::string(view.part) + "_details"], facts);
      }
      if (std::find(providers.begin(), providers.end(), Json(view.provider)) == providers.end())
        providers.push_back(view.provider);
    }
  }
  if (merged.empty() && providers.empty()) return {};
  sortSeasons(merged);
  merged["providers"] = std::move(providers);
  return merged.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace library::api
