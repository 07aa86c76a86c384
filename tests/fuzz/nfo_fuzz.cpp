// An .nfo file may be anybody's: reading it ends, its texts are UTF-8, its numbers are in their ranges, and
// its lists bounded.
#include <string_view>

#include <nlohmann/json.hpp>

#include "naming/text.hpp"
#include "nfo/nfo.hpp"
#include "require.hpp"

using namespace library::nfo;
using revenge::fuzz::require;

namespace {

constexpr std::size_t kMost = 1100;  // of any list

void requireText(std::string_view text) { require(library::naming::isUtf8(text), "it is UTF-8"); }

void requireOne(const Nfo& nfo) {
  require(nfo.year.value_or(1900) > 1850, "a year is of the time of pictures");
  require(nfo.runtime_min.value_or(1) > 0, "a length is more than none");
  for (const auto& number : {nfo.season, nfo.episode, nfo.display_season, nfo.display_episode}) {
    require(number.value_or(0) >= 0, "a number is not below none");
  }
  for (const Rating& rating : nfo.ratings) {
    require(rating.value >= 0 && rating.value <= 10, "a rating is one of ten");
    require(rating.votes.value_or(0) >= 0, "votes are not below none");
  }
  require(nfo.user_rating.value_or(1) > 0 && nfo.user_rating.value_or(1) <= 10, "a rating is one of ten");
  require(nfo.date.empty() || nfo.date.size() == 10, "a date is a whole one");
  for (const Person& person : nfo.actors) require(!person.name.empty(), "an actor has a name");
  for (const auto* list :
       {&nfo.genres, &nfo.studios, &nfo.countries, &nfo.tags, &nfo.directors, &nfo.writers}) {
    require(list->size() < kMost, "lists are bounded");
  }
  require(nfo.actors.size() < kMost && nfo.images.size() < kMost && nfo.ids.size() < kMost &&
              nfo.ratings.size() < kMost && nfo.seasons.size() < kMost,
          "lists are bounded");
  const std::string json = toJson(nfo);
  requireText(json);
  require(nlohmann::json::accept(json), "what is written is JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto file = read({reinterpret_cast<const char*>(data), size});
  if (!file) {
    requireText(file.error());
    require(!file.error().empty(), "a refusal says why");
    return 0;
  }
  require(!file->entries.empty() && file->entries.size() < kMost, "a file that is read describes something");
  require(file->warnings.size() < kMost, "warnings are few");
  for (const std::string& warning : file->warnings) requireText(warning);
  for (const Nfo& nfo : file->entries) {
    require(file->entries.size() == 1 || nfo.root == Root::kEpisode, "several are episodes");
    requireOne(nfo);
  }
  return 0;
}
